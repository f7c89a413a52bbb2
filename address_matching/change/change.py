"""From two versions of a library to the texts that must be matched again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching.change.mentions import Mentions, add_address_alias, mentions_of
from address_matching.change.names import Flags, NamesSought, names_sought
from address_matching.change.rows import NAMED_LEVELS, LibraryVersion, changed_rows
from address_matching.model import COMPONENTS, LEVELS, TOWN

MOST_NAMES = 1500
"""With more names than this the search is slower than matching, and hardly any text speaks of none."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a new version of a library can touch: the ids of changed rows and all below, and names; None: everything."""

    ids: pa.Array
    names: NamesSought | None

    @property
    def is_total(self) -> bool:
        """Whether every text must be matched again."""
        return self.names is None

    def touches(self, records: pa.Table) -> Flags:
        """Flag the records (as `match` takes them) whose result may differ between the two versions; that of the others does not."""
        if self.names is None:
            return np.ones(records.num_rows, dtype=bool)
        texts = records.column("text").cast(pa.string())
        touched = self.names.touched(texts)
        if "source_address_id" in records.column_names:
            touched |= pc.is_in(records.column("source_address_id").cast(pa.string()), value_set=self.ids, skip_nulls=True).to_numpy()
        if "community" in records.column_names:
            hinted = np.flatnonzero(~touched & records.column("community").is_valid().to_numpy())
            hints = records.column("community").cast(pa.string()).take(pa.array(hinted))
            touched[hinted] = self.names.touched(pc.binary_join_element_wise(hints, pc.fill_null(texts.take(pa.array(hinted)), ""), ";"))
        return touched


def library_change(old: LibraryVersion, new: LibraryVersion) -> Change:
    """Return what a change of the library can touch.

    Everything, where divisions or the scope have changed; else the texts that can mean a changed address: they speak of a name on its path
    or one of its aliases, however misspelt, and of its numbers below that name, or give its id as a hint.
    """
    everything = Change(pa.array([], pa.string()), None)
    if old.scope != new.scope:
        return everything
    changed = changed_rows(old, new)
    if changed.is_total:
        return everything
    aliases = pa.concat_tables([old.aliases, new.aliases])
    mentions = mentions_of(changed, aliases)
    if mentions is None or len(mentions) > MOST_NAMES:
        return everything
    divisions = [name for name in _divisions(new) if name not in mentions]
    names = [*_distinct(new.addresses, NAMED_LEVELS), *(alias for alias in aliases.column("alias").to_pylist() if alias)]
    sought = names_sought(mentions, divisions, names)
    if _add_touched_aliases(mentions, aliases, sought):
        sought = names_sought(mentions, divisions, names)
    return Change(pc.unique(changed.addresses.column("address_id").combine_chunks()), sought)


def _divisions(version: LibraryVersion) -> list[str]:
    aliases = version.aliases.filter(pc.is_in(version.aliases.column("kind"), pa.array(LEVELS[: TOWN + 1])))
    area = (version.scope.province, version.scope.city, version.scope.county)
    names = [*_distinct(version.addresses, range(TOWN + 1)), *aliases.column("alias").to_pylist(), *area]
    return list(dict.fromkeys(name for name in names if name))


def _distinct(addresses: pa.Table, levels: Sequence[int]) -> list[str]:
    return [name for level in levels for name in pc.unique(addresses.column(COMPONENTS[level])).to_pylist() if name]


def _add_touched_aliases(mentions: Mentions, aliases: pa.Table, names: NamesSought) -> bool:
    """An alias of a single address is read like a text: where a change touches it, it may stand for another text. Returns whether any does."""
    texts = aliases.filter(pc.equal(aliases.column("kind"), "address")).column("alias")
    touched = texts.filter(pa.array(names.touched(texts))).to_pylist()
    for text in touched:
        add_address_alias(mentions, text)
    return bool(touched)
