"""Compounds with phases, buildings, units, rooms, garages and shops."""

from dataclasses import dataclass

import numpy as np

from samples.randomness import Floats, Ints, stream, weights
from samples.words import words
from samples.world.library import Kind
from samples.world.plan import SHOPS_PER_FLAT, Door, Site


@dataclass(frozen=True, slots=True)
class Style:
    """How the buildings of a compound are laid out."""

    floors: tuple[int, int]
    units: tuple[int, int]
    rooms: tuple[int, int]
    weight: int
    letters: bool = False


STYLES = (
    Style(floors=(5, 8), units=(2, 5), rooms=(2, 3), weight=45),
    Style(floors=(11, 19), units=(1, 3), rooms=(2, 4), weight=25),
    Style(floors=(20, 34), units=(1, 2), rooms=(2, 5), weight=12),
    Style(floors=(6, 13), units=(1, 2), rooms=(2, 5), weight=8, letters=True),
    Style(floors=(3, 6), units=(0, 1), rooms=(3, 7), weight=10),
)


def build_compounds(site: Site) -> None:
    """Turn some doors into gates of compounds until all flats stand."""
    rng = stream(site.seed, "compounds")
    wanted = site.total("flats")
    names = _Names(site)
    while wanted > 0:
        size = int(np.clip(rng.lognormal(np.log(site.mean_flats), 0.9), 6, 4000))
        name = names.fresh()
        phased = rng.random() < 0.15
        for phase in ("(一期)", "(二期)") if phased else ("",):
            wanted -= _build_compound(site, site.take_gate(), name + phase, max(size // (2 if phased else 1), 6))


class _Names:
    """Names of compounds; one in twenty-five stands in two towns."""

    def __init__(self, site: Site) -> None:
        place = words("places")
        self.rng = stream(site.seed, "compound names")
        self.used: list[str] = []
        self.taken: set[str] = set()
        heads, tails = list(place["stem_heads"]), list(place["stem_tails"])
        invented = [a + b for a in heads for b in tails if a != b]
        self.stems = list(place["compound_stems"]) * 4 + invented
        self.suffixes = list(place["compound_suffixes"])
        self.share = weights(place["compound_suffixes"])

    def fresh(self) -> str:
        if self.used and self.rng.random() < 0.04:
            return self.used[self.rng.integers(len(self.used))]
        while True:
            name = f"{self.stems[self.rng.integers(len(self.stems))]}{self.rng.choice(self.suffixes, p=self.share)}"
            if name not in self.taken:
                self.taken.add(name)
                self.used.append(name)
                return name


def _build_compound(site: Site, door: Door, name: str, flats: int) -> int:
    """Build one compound behind the door; answers the number of its flats."""
    rng = stream(site.seed, f"compound/{door.node}")
    x, y = np.array([door.lon]), np.array([door.lat])
    compound = site.builder.add("compound", Kind.AREA, np.array([door.node]), x, y, compound=name)
    style = STYLES[rng.choice(len(STYLES), p=weights([style.weight for style in STYLES]))]
    floors = int(rng.integers(*style.floors))
    units = int(rng.integers(*style.units)) if style.units[1] > 1 else 0
    rooms = int(rng.integers(*style.rooms))
    count = int(np.clip(flats // (floors * rooms * max(units, 1)), 1, 26 if style.letters else 200))
    labels = [f"{chr(65 + i)}幢" if style.letters else f"{i + 1}幢" for i in range(count)]
    lon, lat = rng.normal(door.lon, 0.0004, count), rng.normal(door.lat, 0.0004, count)
    buildings = site.builder.add(
        "building", Kind.BUILDING, np.repeat(compound, count), lon, lat, building=labels
    )  # fmt: skip
    stairs = buildings
    if units > 1 or (units == 1 and rng.random() < 0.3):
        stairs = site.builder.add(
            "unit", Kind.AREA, np.repeat(buildings, units), np.repeat(lon, units), np.repeat(lat, units),
            unit=[f"{i + 1}单元" for i in range(units)] * count,
        )  # fmt: skip
        lon, lat = np.repeat(lon, units), np.repeat(lat, units)
    made = _build_rooms(site, stairs, lon, lat, floors, rooms)
    _build_extras(site, rng, int(compound[0]), buildings, door, made)
    return made


def _build_rooms(site: Site, stairs: Ints, lon: Floats, lat: Floats, floors: int, rooms: int) -> int:
    """Rooms 101, 102, ... on every stair; floor 1 of high buildings is left to shops and halls."""
    lowest = 2 if floors > 10 else 1
    names = [(floor, f"{floor}{room:02d}室") for floor in range(lowest, floors + 1) for room in range(1, rooms + 1)]
    each = len(names)
    site.builder.add(
        "room", Kind.FLAT, np.repeat(stairs, each), np.repeat(lon, each), np.repeat(lat, each),
        floor=[f"{floor}层" for floor, _ in names] * len(stairs), room=[name for _, name in names] * len(stairs),
    )  # fmt: skip
    return each * len(stairs)


def _build_extras(site: Site, rng: np.random.Generator, compound: int, buildings: Ints, door: Door, flats: int) -> None:
    """Shops along the street, garages under the first building."""
    shops = int(flats * SHOPS_PER_FLAT * rng.lognormal(0, 0.5)) + int(rng.random() < 0.5)
    for kind, parent, label, count in (
        (Kind.SHOP, compound, "店面{}号", shops),
        (Kind.GARAGE, int(buildings[0]), "车库{}号", int(rng.integers(2, 9)) if rng.random() < 0.3 else 0),
    ):
        if count:
            site.builder.add(
                "room", kind, np.full(count, parent), np.full(count, door.lon), np.full(count, door.lat),
                room=[label.format(i + 1) for i in range(count)],
            )  # fmt: skip
