"""How deep a library goes in a town."""

from weakref import WeakKeyDictionary

import numpy as np

from address_matching.index import AddressIndex
from address_matching.model import ZONE

_detailed: WeakKeyDictionary[AddressIndex, frozenset[int]] = WeakKeyDictionary()


def is_detailed(index: AddressIndex, town: int) -> bool:
    """Whether the library has anything finer than villages in a town; a name it lacks there is not in the library."""
    towns = _detailed.get(index)
    if towns is None:
        finer = np.asarray(index.level) >= ZONE
        towns = _detailed[index] = frozenset(np.unique(np.asarray(index.town)[finer]).tolist())
    return town in towns
