"""Unified grids: every community has one or several, some places one of their own; what each covers is told by statements, not by areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from samples.noise.numerals import chinese
from samples.randomness import Bools, Ints, plain_stream
from samples.world.city import City, Community, Town
from samples.world.library import LEVEL, Kind, Library

DWELLINGS = 60
"""A community with more is divided: real grids have 300 to 500 households, but a sample city has few."""
MICRO_DWELLINGS = 12
UNCOVERED = 0.02
"""Share of communities of which nobody covers the rest."""
ZONE_BUILDINGS = 8
EXCLUSIVE = ("中学", "商城", "农贸市场", "国际小商品市场")
NOWHERE, CONTESTED = -1, -2
OLD, NEW = 17_532, 18_993
"""Days from which the first grids and those of today are in use: 2018-01-01, 2022-01-01."""
UNIFIED = "综治网格"
PARTS = ("community", "natural_village", "zone", "road", "lane", "compound", "building")
FINENESS = ("town", "community", "natural_village", "zone", "road", "road_range", "lane", "compound", "building", "address")
"""Kinds of statements, the coarsest first."""
Blocks = dict[tuple[str, str], Ints]


@dataclass(slots=True)
class Grid:
    """A grid of a network; days count from 1970-01-01."""

    network: str
    code: str
    name: str
    kind: str
    town: str
    department: str
    community: str = ""
    community_code: str = ""
    parent: str = ""
    since: int = NEW
    until: int | None = None
    dwellings: int = 0
    centre: tuple[float, float] | None = None


@dataclass(slots=True)
class Coverage:
    """One statement of what a grid covers: `names` by column of the export; `planted` if it is wrong, and how."""

    grid: Grid
    kind: str
    names: Mapping[str, str]
    planted: str = ""


@dataclass(slots=True)
class UnifiedGrids:
    """The grids with their statements; `placed`: per node of the library the number of its grid in `grids`, NOWHERE or CONTESTED; -3 above the doors."""

    grids: list[Grid] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    placed: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(slots=True)
class _Draft:
    """The grids of one community while they are drawn up."""

    library: Library
    town: Town
    community: Community
    department: str
    rng: Random
    out: UnifiedGrids
    nodes: Ints
    said: list[tuple[int, Coverage]] = field(default_factory=list)
    sequence: int = 0

    def grid(self, kind: str, name: str, parent: str = "", since: int = NEW, until: int | None = None) -> int:
        self.sequence += 1
        code, full = f"{self.community.code}{self.sequence:03d}", f"{self.community.name}{name}"
        found = Grid(
            UNIFIED, code, full, kind, self.town.name, self.department, self.community.name, self.community.code, parent, since, until
        )
        self.out.grids.append(found)
        return len(self.out.grids) - 1

    def cover(self, grid: int, kind: str, planted: str = "", **names: str) -> None:
        names = {"town": self.town.name, "community": self.community.name, **names}
        coverage = Coverage(self.out.grids[grid], kind, names, planted)
        self.out.coverages.append(coverage)
        self.said.append((grid, coverage))

    def cover_block(self, grid: int, block: tuple[str, str], planted: str = "") -> None:
        kind, name = block
        self.cover(grid, kind, planted, **{kind: name})

    def place(self) -> None:
        """Put every node where the finest statement about it says; where two of one fineness differ it is contested."""
        parts = {part: self.library.values(part, self.nodes) for part in PARTS}
        numbers = road_numbers(self.library, self.nodes)
        found, level = np.full(len(self.nodes), NOWHERE), np.full(len(self.nodes), -1)
        for grid, coverage in sorted(self.said, key=lambda each: FINENESS.index(each[1].kind)):
            if coverage.grid.until is not None or coverage.grid.kind == "微网格":
                continue
            fineness = FINENESS.index(coverage.kind)
            holds = np.logical_and.reduce([parts[part] == name for part, name in coverage.names.items() if part in parts])
            holds &= _holds_of_number(coverage.names, numbers)
            if coverage.kind == "address":
                holds &= np.array(
                    [self.library.address_id(node) == coverage.names["standard_address_id"] for node in self.nodes.tolist()], dtype=bool
                )
            found[holds & (level == fineness) & (found != grid)] = CONTESTED
            found[holds & (level < fineness)] = grid
            level[holds] = fineness
        self.out.placed[self.nodes] = found


def draw_grids(city: City, library: Library, seed: int) -> UnifiedGrids:
    """Draw up the grids of all communities."""
    rng = plain_stream(seed, "grids")
    out = UnifiedGrids(placed=np.full(len(library), -3, dtype=np.int64))
    doors = np.flatnonzero(library.level >= LEVEL["house"])
    out.placed[doors] = NOWHERE
    towns, communities = library.values("town", doors), library.values("community", doors)
    of_place: dict[tuple[str, str], list[int]] = {}
    for node, town, community in zip(doors.tolist(), towns.tolist(), communities.tolist(), strict=True):
        of_place.setdefault((town, community), []).append(node)
    for town in city.towns:
        for community in town.communities:
            nodes = np.array(of_place.get((town.name, community.name), []), dtype=np.int64)
            _draw(_Draft(library, town, community, city.departments["social_governance"], rng, out, nodes))
    _describe(library, out)
    return out


def blocks_of(library: Library, nodes: Ints) -> Blocks:
    """Nodes by the compound, zone, natural village or road they lie in, the first of these that there is."""
    found: dict[tuple[str, str], list[int]] = {}
    parts = ("compound", "zone", "natural_village", "road")
    columns = [library.values(part, nodes).tolist() for part in parts]
    for node, *values in zip(nodes.tolist(), *columns, strict=True):
        block = next(((part, value) for part, value in zip(parts, values, strict=True) if value), ("", ""))
        found.setdefault(block, []).append(node)
    return {block: np.array(members) for block, members in sorted(found.items())}


def dwellings(library: Library, nodes: Ints) -> int:
    """How many of the nodes are doors or flats where people may live."""
    homes = (Kind.VILLAGE_DOOR, Kind.FLAT, Kind.ROAD_DOOR, Kind.LANE_DOOR)
    return int(np.isin(library.kind[nodes], [int(kind) for kind in homes]).sum())


def _draw(draft: _Draft) -> None:
    library, rng = draft.library, draft.rng
    blocks = blocks_of(library, draft.nodes)
    sizes = {block: dwellings(library, members) for block, members in blocks.items()}
    own = [block for block in blocks if _is_exclusive(block, blocks[block])]
    divided = sum(sizes.values()) > DWELLINGS
    if divided:
        draft.cover(draft.grid("基础网格", "网格（原）", since=OLD, until=NEW), "community")
    main = draft.grid("基础网格", "第一网格")
    bases = [main, *(_divide(draft, blocks, sizes, own) if divided else [])]
    for block in own:
        draft.cover_block(draft.grid("专属网格", f"{block[1]}专属网格"), block)
    if len(blocks) > 1 and rng.random() < UNCOVERED:
        for block in [each for each in blocks if each[0] and not any(each[1] in said.names.values() for _, said in draft.said)][1:]:
            draft.cover_block(main, block)
    else:
        draft.cover(main, "community")
    draft.place()
    _draw_micro_grids(draft, blocks, bases)
    if len(bases) > 1:
        _move_door(draft, bases)
        _plant(draft, blocks, bases)
        draft.place()


def _is_exclusive(block: tuple[str, str], nodes: Ints) -> bool:
    return (block[0] == "compound" and block[1].endswith(EXCLUSIVE)) or (block[0] == "zone" and len(nodes) >= ZONE_BUILDINGS)


def _divide(draft: _Draft, blocks: Blocks, sizes: Mapping[tuple[str, str], int], own: Sequence[tuple[str, str]]) -> list[int]:
    """Further grids for the blocks that the main one need not keep; answers their numbers."""
    made: list[int] = []
    kept, filled = 0, DWELLINGS
    for block in sorted((each for each in blocks if each[0] and each not in own), key=lambda each: (-sizes[each], each)):
        if kept < DWELLINGS and (kept == 0 or kept + sizes[block] <= DWELLINGS):
            kept += sizes[block]
            continue
        if filled >= DWELLINGS:
            made.append(draft.grid("基础网格", f"第{chinese(len(made) + 2)}网格"))
            filled = 0
        if block[0] == "road" and sizes[block] > DWELLINGS // 4:
            _split_road(draft, block[1], blocks[block], made[-1])
        else:
            draft.cover_block(made[-1], block)
        filled += sizes[block]
    return made


def road_numbers(library: Library, nodes: Ints) -> Ints:
    """The number of each door on its road: that of its lane where it has one."""
    lanes, doors = library.values("lane", nodes).tolist(), library.values("house_number", nodes).tolist()
    texts = [lane or door for lane, door in zip(lanes, doors, strict=True)]
    digits = ["".join(character for character in text.split("弄")[0].split("号")[0].split("-")[0] if character.isdigit()) for text in texts]
    return np.array([int(each) if each else -1 for each in digits])


def _split_road(draft: _Draft, road: str, nodes: Ints, grid: int) -> None:
    """Only a part of a road's doors: up to a number, or one side of it, or a lane."""
    numbers = road_numbers(draft.library, nodes)
    lanes = draft.library.values("lane", nodes)
    chance = draft.rng.random()
    if chance < 0.3 and (lanes != "").any():
        lane = draft.rng.choice(sorted(set(lanes[lanes != ""].tolist())))
        draft.cover(grid, "lane", road=road, lane=lane)
    elif chance < 0.6:
        parity = draft.rng.choice(["单号", "双号"])
        draft.cover(grid, "road_range", road=road, parity=parity, number_from="1")
    else:
        last = int(np.median(numbers))
        draft.cover(grid, "road_range", road=road, number_from="1", number_to=str(last))


def _holds_of_number(names: Mapping[str, str], numbers: Ints) -> Bools:
    """Whether the numbers lie in the range that a statement gives, if it gives one."""
    least, greatest = int(names.get("number_from", -1)), int(names.get("number_to", 10**9))
    holds: Bools = (numbers >= least) & (numbers <= greatest)
    return holds & (numbers % 2 == (names["parity"] == "单号")) if "parity" in names else holds


def _draw_micro_grids(draft: _Draft, blocks: Blocks, bases: Sequence[int]) -> None:
    """Micro grids for the compounds and natural villages of some grids; large compounds by building."""
    for (kind, name), nodes in blocks.items():
        base = int(draft.out.placed[nodes[0]])
        if kind not in ("compound", "natural_village") or base not in bases or dwellings(draft.library, nodes) < MICRO_DWELLINGS:
            continue
        parent = draft.out.grids[base].code
        buildings = sorted({text for text in draft.library.values("building", nodes).tolist() if text}) if kind == "compound" else []
        if len(buildings) > 1:
            for building in buildings[:4]:
                draft.cover(draft.grid("微网格", f"{name}{building}微网格", parent), "building", compound=name, building=building)
        else:
            draft.cover(draft.grid("微网格", f"{name}微网格", parent), kind, **{kind: name})


def _move_door(draft: _Draft, bases: Sequence[int]) -> None:
    """A single door that another grid looks after, named by its standard address."""
    library, rng, placed = draft.library, draft.rng, draft.out.placed
    plain = np.isin(library.kind[draft.nodes], [int(Kind.ROAD_DOOR), int(Kind.VILLAGE_DOOR)]) & np.isin(placed[draft.nodes], bases)
    doors = draft.nodes[plain].tolist()
    if doors and rng.random() < 0.3:
        door = rng.choice(doors)
        grid = rng.choice([base for base in bases if base != placed[door]])
        draft.cover(grid, "address", standard_address_id=library.address_id(door))


def _plant(draft: _Draft, blocks: Blocks, bases: Sequence[int]) -> None:
    """What goes wrong in lists of grids: a place claimed twice, a road misspelt, a grid that is none."""
    rng, placed = draft.rng, draft.out.placed
    chance = rng.random()
    if chance < 0.06:
        stated = [block for block, nodes in blocks.items() if block[0] not in ("", "road") and placed[nodes[0]] in bases[1:]]
        if stated:
            draft.cover_block(bases[0], rng.choice(stated), "covered_twice")
    elif chance < 0.12:
        draft.cover(bases[1], "road", "road_unknown", road="查无此路")
    elif chance < 0.18:
        ghost = Grid(UNIFIED, f"{draft.community.code}999", "", "基础网格", draft.town.name, draft.department)
        draft.out.coverages.append(
            Coverage(ghost, "community", {"town": draft.town.name, "community": draft.community.name}, "grid_unknown")
        )


def _describe(library: Library, out: UnifiedGrids) -> None:
    """Dwellings and centre of each grid."""
    order = np.argsort(out.placed, kind="stable")
    bounds = np.searchsorted(out.placed[order], np.arange(len(out.grids) + 1))
    for number, grid in enumerate(out.grids):
        nodes = order[bounds[number] : bounds[number + 1]]
        grid.dwellings = dwellings(library, nodes)
        if len(nodes):
            grid.centre = float(library.lon[nodes].mean()), float(library.lat[nodes].mean())
