"""How many things of each kind a world of so many people has, and what is shared while building it."""

from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from samples.randomness import Floats, Ints, shares, stream
from samples.world.city import City, Community, Town
from samples.world.library import LibraryBuilder

PER_PERSON = {"road_doors": 0.11, "lane_doors": 0.05, "village_doors": 0.17, "flats": 0.34}
TOWER_ROOMS_PER_PERSON = 0.03
SHOPS_PER_FLAT = 0.06


@dataclass(slots=True)
class Door:
    """A door on a road that still may become the gate of a compound."""

    node: int
    town: int
    community: Community
    lon: float
    lat: float
    urban: bool


@dataclass(slots=True)
class Site:
    """Everything the builders of one library share."""

    city: City
    seed: int
    persons: int
    builder: LibraryBuilder
    county: int = -1
    towns: list[int] = field(default_factory=list)
    communities: dict[str, int] = field(default_factory=dict)
    centres: dict[str, tuple[float, float]] = field(default_factory=dict)
    doors: list[Door] = field(default_factory=list)
    gates: list[int] = field(default_factory=list)
    _waiting: list[Door] | None = None

    @property
    def road_count(self) -> int:
        return int(60 + 1.1 * sqrt(self.persons))

    @property
    def mean_flats(self) -> float:
        """Flats of a compound on average: big populations live in big compounds."""
        return float(55 * (self.persons / 20_000) ** 0.25) + 8

    def total(self, thing: str) -> int:
        return max(int(PER_PERSON[thing] * self.persons), 60)

    def by_town(self, total: int, urban: float, rural: float) -> Ints:
        """Things dealt out to the towns by their communities, urban ones and villages weighing differently."""
        weight = [sum(urban if c.urban else rural for c in town.communities) for town in self.city.towns]
        return shares(total, np.array(weight, dtype=np.float64) + 1e-9)

    def take_gate(self, town: int | None = None) -> Door:
        """A plain door that becomes a gate: anywhere, urban ones first, or in the town."""
        if self._waiting is None:
            chance = stream(self.seed, "gates").random(len(self.doors))
            urban = np.array([door.urban and door.community.urban for door in self.doors])
            order = np.lexsort((chance, urban))
            self._waiting = [self.doors[i] for i in order]
        if not self._waiting:
            raise ValueError("沿路门牌不够建造小区，请增大人数（--persons）")
        wanted = range(len(self._waiting) - 1, -1, -1)
        at = next((i for i in wanted if town is None or self._waiting[i].town == town), len(self._waiting) - 1)
        door = self._waiting.pop(at)
        self.gates.append(door.node)
        return door


def scatter(site: Site, name: str, lon: float, lat: float, count: int, spread: float) -> tuple[Floats, Floats]:
    """Positions around a centre."""
    rng = stream(site.seed, f"position/{name}")
    return lon + rng.normal(0, spread, count), lat + rng.normal(0, spread, count)


def communities_like(town: Town, urban: bool) -> list[Community]:
    """The town's urban communities or its villages; all of them where it has none of that sort."""
    return [community for community in town.communities if community.urban == urban] or list(town.communities)
