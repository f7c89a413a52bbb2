"""From two versions of a library to the texts that must be matched again."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.change.kernel import touched_texts
from address_matching.change.mentions import Mentions, add_address_alias, mentions_of
from address_matching.change.reach import Reach, reach_of
from address_matching.change.rows import NAMED_LEVELS, LibraryVersion, changed_rows
from address_matching.model import COMPONENTS, LEVELS, TOWN

_MOST_ROWS = 0.25
"""Where more of the library than this has changed, looking for what has not would not pay."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Change:
    """What a new version of a library can touch: `ids` of changed rows and all below, names in `reach`; None: everything."""

    ids: pa.Array
    reach: Reach | None

    def touches(self, records: pa.Table) -> Flags:
        """Flag the records (as `match` takes them) whose result may differ between the two versions; the others' are the same."""
        if self.reach is None:
            return np.ones(records.num_rows, dtype=bool)
        texts = pc.fill_null(records.column("text"), "")
        touched = _touched(texts, self.reach)
        if "source_address_id" in records.column_names:
            touched |= pc.is_in(records.column("source_address_id").cast(pa.string()), value_set=self.ids, skip_nulls=True).to_numpy()
        if "community" in records.column_names:
            hinted = np.flatnonzero(~touched & records.column("community").is_valid().to_numpy())
            hints = records.column("community").cast(pa.string()).take(pa.array(hinted))
            touched[hinted] = _touched(pc.binary_join_element_wise(hints, texts.take(pa.array(hinted)), ";"), self.reach)
        return touched


def library_change(old: LibraryVersion, new: LibraryVersion) -> Change:
    """Return what a change of the library can touch.

    Everything, where divisions or the scope have changed; else the texts that can mean a changed address: they speak of a name on its path
    (or one of its aliases), however misspelt, and of its number below that name, or give its id as a hint.
    """
    everything = Change(pa.array([], pa.string()), None)
    if old.scope != new.scope:
        return everything
    changed = changed_rows(old, new)
    if changed.divisions or changed.addresses.num_rows > _MOST_ROWS * 2 * new.addresses.num_rows:
        return everything
    aliases = pa.concat_tables([old.aliases, new.aliases])
    mentions = mentions_of(changed, aliases)
    if mentions is None:
        return everything
    divisions = [name for name in _divisions(new) if name not in mentions]
    names = _names(new)
    reach = reach_of(mentions, divisions, names)
    if _add_touched_aliases(mentions, aliases, reach):
        reach = reach_of(mentions, divisions, names)
    return Change(pc.unique(changed.addresses.column("address_id").combine_chunks()), reach)


def _divisions(version: LibraryVersion) -> list[str]:
    names = [name for level in range(TOWN + 1) for name in pc.unique(version.addresses.column(COMPONENTS[level])).to_pylist()]
    aliases = version.aliases.filter(pc.is_in(version.aliases.column("kind"), pa.array(LEVELS[: TOWN + 1])))
    return [name for name in dict.fromkeys([*names, *aliases.column("alias").to_pylist()]) if name]


def _names(version: LibraryVersion) -> list[str]:
    return [name for level in NAMED_LEVELS for name in pc.unique(version.addresses.column(COMPONENTS[level])).to_pylist() if name]


def _add_touched_aliases(mentions: Mentions, aliases: pa.Table, reach: Reach) -> bool:
    """An alias of a single address is read like a text: where a change touches it, it may stand for another text. Returns whether any does."""
    texts = aliases.filter(pc.equal(aliases.column("kind"), "address")).column("alias")
    touched = texts.filter(pa.array(_touched(texts, reach))).to_pylist()
    for text in touched:
        add_address_alias(mentions, text)
    return bool(touched)


def _touched(texts: pa.ChunkedArray, reach: Reach) -> Flags:
    flags = [np.zeros(0, dtype=bool)]
    for chunk in texts.cast(pa.large_string()).chunks:
        touched = np.zeros(len(chunk), dtype=bool)
        if len(chunk):
            _, offsets, data = chunk.buffers()
            starts = np.frombuffer(offsets, np.int64, len(chunk) + 1, chunk.offset * 8)
            touched_texts(np.frombuffer(data if data is not None and data.size else b"\0", np.uint8), starts, reach, touched)
        flags.append(touched)
    return np.concatenate(flags)
