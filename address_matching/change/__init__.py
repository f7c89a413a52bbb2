"""What a change of the library can touch: a record is matched again unless nothing that its text can lead to is answered otherwise.

Two runs over one text, by the old library and by the new, ask the same questions up to the first that is answered otherwise. So it is enough
that none of the questions is. The reader comes to the library by names (and by the hints of a record), from what they mean down to numbers and
up to divisions; and a name it looks for is made of characters of the text in their order, whatever it leaves out between them.
The whole argument: docs/decisions/0012-what-a-change-of-the-library-touches.md.
"""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching.canonical import canonical
from address_matching.change.nodes import Flags, Nodes, compare_nodes
from address_matching.change.texts import Haystack, with_wildcards
from address_matching.change.words import Words, compare_words
from address_matching.index import AddressIndex
from address_matching.latin import is_latin, rewrite
from address_matching.model import COMMUNITY, TOWN, ZONE
from address_matching.normalise import MAX_LENGTH, normalise

__all__ = ["Change"]


class Change:
    """From one index to another: which records may come to another result."""

    def __init__(self, old: AddressIndex, new: AddressIndex) -> None:
        self._old, self._new = old, new
        self._nodes = compare_nodes(old, new)

    @cached_property
    def is_total(self) -> bool:
        """Whether any record may: another scope, other divisions down to towns, or more names than there is use in looking for."""
        return self._old.scope != self._new.scope or self._concerns_towns() or self._words.total

    def touches(self, records: pa.Table) -> Flags:
        """Flag the records (input of `match`) whose results may differ; all others keep theirs."""
        if self.is_total:
            return np.ones(records.num_rows, bool)
        texts = pc.fill_null(records.column("text").cast(pa.string()), "").to_pylist()
        touched = self._haystack.found(texts, self._spelled)
        if "source_address_id" in records.column_names:
            touched |= self._touches_ids(records.column("source_address_id"))
        if "community" in records.column_names:
            touched |= self._touches_communities(records.column("community"))
        return touched

    @cached_property
    def _words(self) -> Words:
        return compare_words(self._old, self._new, self._nodes)

    @cached_property
    def _haystack(self) -> Haystack:
        return Haystack(self._words.needles)

    def _concerns_towns(self) -> bool:
        """Whether towns or what is above them differ, or what is asked of all towns: which have anything finer than villages."""
        old, new, same = self._old, self._new, self._nodes.same
        for index, seen in ((old, self._nodes.old), (new, self._nodes.new)):
            if bool(np.any(seen.changed & (np.asarray(index.level) <= TOWN))):
                return True
        return not np.array_equal(same[_detailed_towns(old)], _detailed_towns(new))

    def _spelled(self, text: str) -> str | None:
        """A text as the reader takes it, with wildcards; None if the two libraries make different Chinese texts of a romanised one."""
        romanised = ""
        if is_latin(text[:MAX_LENGTH]):
            romanised, other = (rewrite(text, index.misspelt.roads_by_sound) for index in (self._old, self._new))
            if romanised != other:
                return None
        return with_wildcards(normalise(romanised or text))

    def _touches_ids(self, ids: pa.ChunkedArray) -> Flags:
        """Flag the ids that mean another address now, or one of which something has changed."""
        given = pc.fill_null(ids.cast(pa.string()), "").combine_chunks()
        before, after = self._old.nodes_of_ids(given), self._new.nodes_of_ids(given)
        kept = np.where(before >= 0, np.append(self._nodes.same, -1)[before], -1) == after
        moved = np.append(self._nodes.old.moved, False)[before] | np.append(self._nodes.new.moved, False)[after]
        touched: Flags = (~kept | moved) & pc.is_valid(ids).to_numpy()
        return touched

    def _touches_communities(self, communities: pa.ChunkedArray) -> Flags:
        names = communities.cast(pa.string())
        changed = [name for name in pc.unique(names).to_pylist() if name and canonical(COMMUNITY, name) in self._words.changed]
        touched: Flags = pc.is_in(names, value_set=pa.array(changed, pa.string())).to_numpy()
        return touched


def _detailed_towns(index: AddressIndex) -> Nodes:
    """Towns in which the library has anything finer than villages."""
    towns = np.unique(np.asarray(index.town, np.int64)[np.asarray(index.level) >= ZONE])
    return towns[towns >= 0]
