"""The named variations of address writing, found by the kind of address and by who writes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from samples.noise.gazetteer import Gazetteer
from samples.noise.place import Place, Written
from samples.words import words
from samples.world.library import Kind

STANDARD = "标准写法"
Writer = Callable[[Place, Random], Written | None]

EVERY = tuple(Kind)
FLATS = (Kind.FLAT,)
ROOMS = (Kind.FLAT, Kind.TOWER_ROOM, Kind.DORMITORY_ROOM)
INSIDE = (*ROOMS, Kind.SHOP, Kind.GARAGE, Kind.BASEMENT)
DOORS = (Kind.ROAD_DOOR, Kind.LANE_DOOR)
NUMBERED = (*DOORS, *INSIDE, Kind.GATE, Kind.PUBLIC_PLACE)
VILLAGE = (Kind.VILLAGE_DOOR,)


@dataclass(frozen=True, slots=True)
class Variation:
    """One way of writing: `name` after the list of address variations; `roles` that write so, all if empty."""

    name: str
    kinds: frozenset[int]
    roles: frozenset[str]
    write: Writer


VARIATIONS: dict[str, Variation] = {}


def variation(name: str, kinds: Iterable[Kind] = EVERY, roles: Iterable[str] = ()) -> Callable[[Writer], Writer]:
    """Register a function that writes a place in this way, or answers None where it can't be."""

    def register(write: Writer) -> Writer:
        if name in VARIATIONS:
            raise ValueError(name)
        VARIATIONS[name] = Variation(name, frozenset(int(kind) for kind in kinds), frozenset(roles), write)
        return write

    return register


class Scribe:
    """Writes addresses down as one role does (a police register, a market register, ...)."""

    TRIES = 8

    def __init__(self, gazetteer: Gazetteer, role: str) -> None:
        self.gazetteer = gazetteer
        table = words("noise")
        usual: dict[str, float] = table["variations"]
        unknown = set(VARIATIONS) ^ set(usual)
        if unknown:
            raise ValueError(f"data/noise.yaml 与变体函数不一致：{'、'.join(sorted(unknown))}")
        self.standard_share: float = table["standard_share"][role]
        self.choices: dict[int, tuple[list[Variation], list[float]]] = {}
        for kind in Kind:
            fitting = [v for v in VARIATIONS.values() if kind in v.kinds and (not v.roles or role in v.roles)]
            self.choices[kind] = (fitting, list(accumulate(usual[v.name] for v in fitting)))

    def write(self, node: int, rng: Random, day: str = "") -> tuple[str, Written]:
        """Name of the variation and the text for a library node, as written on an ISO day."""
        library = self.gazetteer.library
        fitting, cumulative = self.choices[int(library.kind[node])]
        if rng.random() >= self.standard_share:
            place = Place(self.gazetteer, node, day, rng)
            for _ in range(self.TRIES):
                chosen = rng.choices(fitting, cum_weights=cumulative)[0]
                written = chosen.write(place, rng)
                if written is not None:
                    return chosen.name, written
        return STANDARD, Written(library.full_text[node], node)
