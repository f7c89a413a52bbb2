"""Where the address ids of a library lead: their hashes in order, which take eight bytes an id and are memory-mapped."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from address_matching.compiled.hashing import hashes_of_strings
from address_matching.tree import Ints

Ints64 = NDArray[np.int64]


class AddressIds(NamedTuple):
    """Nodes of address ids: the ids' hashes in order, and the node of each."""

    hashes: Ints64
    nodes: Ints

    @classmethod
    def of(cls, ids: pa.ChunkedArray, nodes: Ints) -> "AddressIds":
        hashes = hashes_of_strings(ids.combine_chunks())
        order = np.argsort(hashes)
        return cls(hashes[order], nodes[order])

    def node(self, address_id: str) -> int:
        """Return the node of an id, -1 if the library has none."""
        wanted = hashes_of_strings(pa.array([address_id], pa.string()))[0]
        at = int(np.searchsorted(self.hashes, wanted))
        return int(self.nodes[at]) if at < len(self.hashes) and self.hashes[at] == wanted else -1

    def nodes_of(self, ids: pa.StringArray) -> Ints64:
        """Return the nodes of many ids, -1 where the library has none."""
        if not len(self.hashes):
            return np.full(len(ids), -1, np.int64)
        wanted = hashes_of_strings(ids)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[at] == wanted, self.nodes[at], -1)
