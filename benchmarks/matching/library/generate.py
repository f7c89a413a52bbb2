"""The whole library of a size and seed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.matching.library.aliases import make_aliases
from benchmarks.matching.library.compounds import add_compounds
from benchmarks.matching.library.draft import Alias, Draft, start_draft
from benchmarks.matching.library.nodes import Library
from benchmarks.matching.library.roads import Doors, add_roads
from benchmarks.matching.library.villages import add_villages
from benchmarks.matching.library.zones import add_places, add_zones


@dataclass
class Made:
    """A library with its aliases, and what the query generator knows beyond it: the firms among the compounds."""

    library: Library
    aliases: list[Alias]
    firms: frozenset[int]


def generate_library(city: Path, rows: int, seed: int) -> Made:
    """Make a library of about `rows` rows of a city's county."""
    draft = start_draft(city, rows, seed)
    add_villages(draft)
    doors = add_roads(draft)
    add_zones(draft)
    firms = add_places(draft, doors)
    _add_house_rooms(draft, doors)
    add_compounds(draft, doors, rows - draft.builder.size)
    library = draft.builder.finish()
    return Made(library, make_aliases(draft, library), frozenset(firms.tolist()))


def _add_house_rooms(draft: Draft, doors: Doors) -> None:
    """Rooms straight behind doors: houses let by the room."""
    rng = draft.random("house rooms")
    wanted = int(draft.rows * draft.share("house_rooms")) // 5
    owner = np.repeat(rng.choice(doors.nodes, min(wanted, len(doors.nodes) // 6), replace=False), 5)
    floor = np.tile(np.array([1, 2, 2, 3, 3]), len(owner) // 5)
    number = floor * 100 + np.tile(np.array([1, 1, 2, 1, 2]), len(owner) // 5)
    builder = draft.builder
    builder.add("room", owner, builder.counted("room", number, "{}室"), floor=builder.counted("floor", floor, "{}层"))
