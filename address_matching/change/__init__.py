"""Which texts a change of the library can touch; all others keep the result they have."""

from address_matching.change.change import Change, library_change
from address_matching.change.rows import LibraryVersion

__all__ = ["Change", "LibraryVersion", "library_change"]
