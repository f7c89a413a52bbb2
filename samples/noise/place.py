"""One address cut into the pieces people write, and the outcome of writing it."""

from dataclasses import dataclass
from random import Random

from samples.noise.gazetteer import Gazetteer
from samples.world.city import TOWN_ENDINGS
from samples.world.library import LEVEL, Kind

MATCHED, REVIEW, UNMATCHED = "matched", "review", "unmatched"


@dataclass(frozen=True, slots=True)
class Written:
    """A text with what it tells: deepest node it is safe to conclude (-1 none), how sure, why.

    `more` are the nodes of further addresses in the same text, `candidates` those that can't be told apart.
    """

    text: str
    node: int
    reason: str = "exact"
    status: str = MATCHED
    candidates: tuple[int, ...] = ()
    more: tuple[int, ...] = ()


class Place:
    """A library node as its pieces of text; empty where the address has no such piece.

    `day` is the ISO date from which the text is, empty if unknown.
    """

    __slots__ = (
        "building", "city", "community", "compound", "county", "day", "floor", "gazetteer", "kind", "lane", "natural_village",
        "node", "number", "opening", "province", "road", "room", "town", "unit", "village", "zone",
    )  # fmt: skip

    def __init__(self, gazetteer: Gazetteer, node: int, day: str, rng: Random) -> None:
        value = gazetteer.library.value
        self.gazetteer = gazetteer
        self.node = node
        self.day = day
        self.kind = Kind(int(gazetteer.library.kind[node]))
        self.province, self.city, self.county = (value(part, node) for part in ("province", "city", "county"))
        self.town = value("town", node)
        self.community = value("community", node)
        self.village = self.community if gazetteer.library.in_village[node] else ""
        self.natural_village = value("natural_village", node)
        self.zone = value("zone", node)
        self.road = value("road", node)
        self.lane = value("lane", node)
        self.number = value("house_number", node)
        self.compound = value("compound", node)
        self.building = value("building", node)
        self.unit = value("unit", node)
        self.floor = value("floor", node)
        self.room = value("room", node)
        self.opening = rng.choice(
            (
                f"{self.province}{self.city}{self.county}{self.town}",
                f"{self.county}{self.town}",
                f"{self.county}{self.town}",
                self.town,
            )
        )

    @property
    def head(self) -> str:
        return self.province + self.city + self.county

    @property
    def street(self) -> str:
        """Village, zone, road and lane."""
        return self.village + self.natural_village + self.zone + self.road + self.lane

    @property
    def inside(self) -> str:
        """Compound, building, unit and room."""
        last = self.floor if self.kind == Kind.BASEMENT else self.room
        return self.compound + self.building + self.unit + last

    @property
    def tail(self) -> str:
        """Everything below the town."""
        return self.street + self.number + self.inside

    @property
    def digits(self) -> str:
        """The plain number of the door, empty if it has a sub-number."""
        body = self.number.removesuffix("号")
        return body if body.isdigit() else ""

    @property
    def room_digits(self) -> str:
        """The plain number of the room, empty if it has letters or is a shop."""
        body = self.room.removesuffix("室")
        return body if body.isdigit() else ""

    def at_door(self, door: str) -> str:
        """The address with the door written as `door`."""
        return self.opening + self.street + door + self.inside

    def behind(self, inside: str) -> str:
        """The address with everything inside the compound written as `inside`."""
        return self.opening + self.street + self.number + inside

    def ancestor(self, level: str) -> int:
        """The nearest node of a level at or above this one."""
        library = self.gazetteer.library
        node = self.node
        while library.level[node] != LEVEL[level]:
            node = int(library.parent[node])
            if node < 0:
                raise LookupError(level)
        return node

    @property
    def road_is_unique(self) -> bool:
        """Whether road, zone or village name tells the town."""
        if self.road:
            return len(self.gazetteer.roads[self.road]) == 1
        return bool(self.zone) or len(self.gazetteer.communities[self.community]) == 1

    @property
    def compound_is_unique(self) -> bool:
        """Whether the compound's name stands in the city once only."""
        return bool(self.compound) and len(self.gazetteer.compounds[self.compound]) == 1

    def former_towns(self, rng: Random) -> list[str]:
        """Names the town had before: those in force on the text's day, now and then later ones from habit."""
        found = []
        for alias in self.gazetteer.old_names[("town", self.town)]:
            town_like = alias.alias.endswith(TOWN_ENDINGS) and alias.alias != self.town
            too_early = self.day and alias.valid_from and self.day < alias.valid_from
            too_late = self.day and alias.valid_to and self.day >= alias.valid_to
            if town_like and not too_early and (not too_late or rng.random() < 0.3):
                found.append(alias.alias)
        return found
