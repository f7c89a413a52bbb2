"""Rooms at which an agent registers one firm after another, while they work where they did."""

from samples.randomness import plain_stream
from samples.world.firms import Firm
from samples.world.library import Kind, Library

FIRMS_A_ROOM = 400
"""One such room for so many firms, and never none."""
FEWEST, MOST = 6, 12


def crowd_rooms(library: Library, firms: list[Firm], seed: int) -> None:
    """Register some firms at rooms they share; changes where they are registered."""
    rng = plain_stream(seed, "crowded rooms")
    rooms = library.nodes(Kind.TOWER_ROOM).tolist()
    movable = [firm for firm in firms if firm.form == "company"]
    rng.shuffle(movable)
    for _ in range(1 + len(firms) // FIRMS_A_ROOM):
        room = rng.choice(rooms)
        for firm in [movable.pop() for _ in range(min(rng.randint(FEWEST, MOST), len(movable)))]:
            firm.registered = room
