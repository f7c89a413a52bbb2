"""A text in the making: the parts of an address as someone writes them, and what is true of them."""

from dataclasses import dataclass, field
from random import Random

from address_matching import LEVELS
from benchmarks.matching.library.nodes import LEVEL
from benchmarks.matching.queries.world import ANCHORS, World

NUMBERED = ("lane", "house", "building", "unit", "floor", "room")
DIVISIONS = ("province", "city", "county")


@dataclass
class Writing:
    """`parts` are the components as written in words (after typos), `forms` how numbers are put on paper, `truth` the right node.

    `towns` are the towns the written town name may mean; None where none is written. `typos` names the kind of typo by level,
    `unread` levels whose number cannot be followed; `also` holds further right nodes; `sealed` says that the truth needs no search.
    """

    world: World
    rng: Random
    node: int
    style: str
    truth: int = -1
    parts: dict[str, str] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    towns: list[int] | None = None
    typos: dict[str, str] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    opening: str = ""
    before: str = ""
    after: str = ""
    as_of: str = ""
    also: list[int] = field(default_factory=list)
    text: str | None = None
    unread: set[str] = field(default_factory=set)
    wrong_town: bool = False
    sealed: bool = False

    def has(self, *levels: str) -> bool:
        """Whether all the levels are written."""
        return all(self.parts.get(level) for level in levels)

    def deepest(self) -> str:
        """The finest level written, empty for none."""
        return next((level for level in reversed(LEVELS) if self.parts.get(level)), "")

    def drop(self, *levels: str) -> None:
        for level in levels:
            self.parts.pop(level, None)
            self.forms.pop(level, None)
            if level == "town":
                self.towns = None

    def chain(self, anchor: str) -> list[tuple[str, str]]:
        """Components written below the anchor, as the library labels them."""
        below = [level for level in LEVELS[LEVEL[anchor] + 1 :] if self.parts.get(level) and level not in self.unread]
        return [(level, self.parts[level]) for level in below]

    def anchor(self) -> str:
        """The name a reader finds the place by: road, compound, zone, natural village or community; empty for none."""
        if self.has("zone") and not self.has("house") and not self.has("road"):
            return "zone"
        return next((level for level in ANCHORS if self.parts.get(level)), "")

    def core(self) -> str:
        """The address from the town down."""
        return "".join(self.forms.get(level, self.parts.get(level, "")) for level in LEVELS[LEVEL["town"] :])

    def render(self) -> str:
        """The whole text."""
        return self.text if self.text is not None else self.opening + self.before + self.core() + self.after


def write(world: World, rng: Random, node: int, style: str) -> Writing:
    """Write a node in the standard way, without the divisions above the town."""
    library = world.library
    writing = Writing(world, rng, node, style, truth=node)
    for level in LEVELS[LEVEL["town"] :]:
        value = library.value(node, level)
        if not value or (level == "floor" and library.level[node] != LEVEL["floor"]):
            continue
        if level == "community" and (library.value(node, "road") or library.value(node, "zone")):
            continue
        writing.parts[level] = value
    town = library.ancestor(node, "town")
    writing.towns = [town] if town >= 0 else None
    return writing


def right(writing: Writing) -> bool:
    """Whether the text still points to its truth and nowhere else: an exact search over the library for what it could mean as well."""
    if writing.sealed:
        return True
    reached = readings(writing)
    return reached == [writing.truth]


def readings(writing: Writing) -> list[int]:
    """The nodes a text may mean, each as deep as all that is written leads; the truth, if it is a parent, when none goes deeper."""
    world, anchor = writing.world, writing.anchor()
    if not anchor:
        return [writing.truth]
    chain = writing.chain(anchor)
    typo = writing.typos.get(anchor, "")
    found = world.exact(anchor, writing.parts[anchor])
    if typo:
        found = [*found, *world.near(anchor, writing.parts[anchor], typo)]
    if anchor == "natural_village" and writing.has("community") and "community" not in writing.typos:
        owners = world.exact("community", writing.parts["community"])
        found = [node for node in found if int(world.library.parent[node]) in owners]
    anchors = world.within(dict.fromkeys(found), None if writing.wrong_town else writing.towns)
    compound = writing.parts.get("compound", "") if anchor != "compound" else ""
    full: dict[int, None] = {}
    partial: list[tuple[int, int]] = []
    for node in anchors:
        depth, reached = world.walk(node, _readable(writing, chain, compound))
        if depth == len(_readable(writing, chain, compound)):
            full.update(dict.fromkeys(reached))
        partial += [(depth, end) for end in reached]
    if full:
        return sorted(full)
    most = max((depth for depth, _ in partial), default=-1)
    return sorted({end for depth, end in partial if depth == most})


def _readable(writing: Writing, chain: list[tuple[str, str]], compound: str) -> list[tuple[str, str]]:
    """The chain with a compound's name as the library spells it, or without it where the library does not have it here."""
    if not compound:
        return chain
    library = writing.world.library
    own = library.value(writing.truth, "compound") if writing.truth >= 0 else ""
    return [(level, own if level == "compound" else value) for level, value in chain if level != "compound" or own]
