"""Grids that departments drew up for themselves, how they were mapped to the unified ones, and who works in these."""

from dataclasses import dataclass, field

import numpy as np

from samples.randomness import Ints, plain_stream
from samples.world.city import City, Town
from samples.world.grids import NEW, OLD, Coverage, Grid, UnifiedGrids
from samples.world.library import LEVEL, Library
from samples.world.people import NO_DAY, People

POLICE, URBAN, FIRE = "警务网格", "城管网格", "消防网格"
COMMUNITIES_PER_BEAT, ROADS_PER_URBAN_GRID = 4, 3
URBAN_TOWNS = 5
FORGOTTEN, WRONG, OUTDATED = 0.03, 0.02, 0.02
ROLES = {"leader": "网格长", "full_time": "专职网格员", "part_time": "兼职网格员"}


@dataclass(slots=True)
class Mapping:
    """A department's grid and a unified one that it is said to correspond to; `planted`: how this is wrong."""

    grid: Grid
    unified: str
    relation: str
    planted: str = ""


@dataclass(slots=True)
class Post:
    """A person who works in a unified grid."""

    grid: str
    person: int
    role: str
    employer: str
    since: int
    until: int | None
    planted: str = ""


@dataclass(slots=True)
class GridSystem:
    """All grids of the city; `placed` by network, the number of a node's grid in `grids`, -1 for none."""

    unified: UnifiedGrids
    grids: list[Grid] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    placed: dict[str, Ints] = field(default_factory=dict)
    mappings: list[Mapping] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)


def draw_grid_system(city: City, library: Library, people: People, unified: UnifiedGrids, today: int, seed: int) -> GridSystem:
    """Draw up the departments' grids around the unified ones."""
    system = GridSystem(unified)
    for network in (POLICE, URBAN, FIRE):
        system.placed[network] = np.full(len(library), -1, dtype=np.int64)
    doors = np.flatnonzero(library.level >= LEVEL["house"])
    for number, town in enumerate(city.towns):
        mine = doors[library.values("town", doors) == town.name]
        _draw_beats(system, city, library, town, number, mine, seed)
        fire = _add(
            system, Grid(FIRE, f"XF{number + 1:02d}", f"{town.core}微型消防站辖区", "", town.name, f"{city.county}消防救援大队", since=OLD)
        )
        system.coverages.append(Coverage(system.grids[fire], "town", {"town": town.name}))
        system.placed[FIRE][mine] = fire
    for town in sorted(city.towns, key=lambda each: (-each.urban_share, each.code))[:URBAN_TOWNS]:
        _draw_urban_grids(system, city, library, town, doors)
    _map_to_unified(system, doors, seed)
    _employ(system, people, today, seed)
    return system


def _add(system: GridSystem, grid: Grid) -> int:
    system.grids.append(grid)
    return len(system.grids) - 1


def _draw_beats(system: GridSystem, city: City, library: Library, town: Town, number: int, doors: Ints, seed: int) -> None:
    """Police beats of several communities; some take a road from their neighbour."""
    rng = plain_stream(seed, f"beats/{town.code}")
    communities, roads = library.values("community", doors), library.values("road", doors)
    placed = system.placed[POLICE]
    for at in range(0, len(town.communities), COMMUNITIES_PER_BEAT):
        beat = at // COMMUNITIES_PER_BEAT + 1
        grid = Grid(
            POLICE,
            f"{city.code}{number + 1:02d}{beat:02d}",
            f"{town.core}派出所第{beat}警务区",
            "",
            town.name,
            city.departments["public_security"],
            since=OLD,
        )
        index = _add(system, grid)
        for community in town.communities[at : at + COMMUNITIES_PER_BEAT]:
            system.coverages.append(Coverage(grid, "community", {"town": town.name, "community": community.name}))
            placed[doors[communities == community.name]] = index
        before = town.communities[at - 1].name if at else ""
        taken = sorted(set(roads[(communities == before) & (roads != "")].tolist())) if before else []
        if taken and rng.random() < 0.5:
            road = rng.choice(taken)
            system.coverages.append(Coverage(grid, "road", {"town": town.name, "community": before, "road": road}))
            placed[doors[(communities == before) & (roads == road)]] = index


def _draw_urban_grids(system: GridSystem, city: City, library: Library, town: Town, doors: Ints) -> None:
    """Grids of city management: a few roads each, wherever these lead."""
    mine = doors[library.values("town", doors) == town.name]
    of_door = library.values("road", mine)
    roads = sorted({road for road in of_door.tolist() if road})
    for at in range(0, len(roads), ROADS_PER_URBAN_GRID):
        sequence = at // ROADS_PER_URBAN_GRID + 1
        grid = Grid(
            URBAN,
            f"{town.code}{sequence:05d}",
            f"{town.core}城管第{sequence}网格",
            "",
            town.name,
            city.departments["law_enforcement"],
            since=OLD,
        )
        index = _add(system, grid)
        for road in roads[at : at + ROADS_PER_URBAN_GRID]:
            system.coverages.append(Coverage(grid, "road", {"town": town.name, "road": road}))
            system.placed[URBAN][mine[of_door == road]] = index


def _map_to_unified(system: GridSystem, doors: Ints, seed: int) -> None:
    """The crosswalk: what really overlaps, but for what was forgotten, wrong from the start, or not followed up."""
    rng = plain_stream(seed, "crosswalk")
    unified = system.unified
    current = [grid.code for grid in unified.grids if grid.until is None and grid.kind != "微网格"]
    retired = [grid.code for grid in unified.grids if grid.until is not None]
    said: set[tuple[str, str, str]] = set()
    for network in (POLICE, URBAN, FIRE):
        theirs, ours = system.placed[network][doors], unified.placed[doors]
        both = (theirs >= 0) & (ours >= 0)
        for at, to in np.unique(np.stack([theirs[both], ours[both]]), axis=1).T.tolist():
            grid, relation = system.grids[at], "一对多" if network != URBAN else "多对多"
            chance = rng.random()
            said.add((network, grid.code, unified.grids[to].code))
            if chance > FORGOTTEN:
                system.mappings.append(Mapping(grid, unified.grids[to].code, relation))
            for share, codes, planted in ((WRONG, current, "no_overlap"), (OUTDATED, retired, "grid_retired")):
                code = rng.choice(codes) if codes and rng.random() < share else ""
                if code and (network, grid.code, code) not in said:
                    said.add((network, grid.code, code))
                    system.mappings.append(Mapping(grid, code, relation, planted))


def _employ(system: GridSystem, people: People, today: int, seed: int) -> None:
    """One to three people for each grid, some of whom have left."""
    rng = plain_stream(seed, "grid staff")
    able = np.flatnonzero((people.age >= 22) & (people.age <= 60) & (people.died == NO_DAY)).tolist()
    for grid in system.unified.grids:
        if grid.until is not None or grid.kind == "微网格":
            continue
        chosen = rng.sample(able, min(len(able), 1 + (rng.random() < 0.5) + (rng.random() < 0.2)))
        for person, role in zip(chosen, ROLES.values(), strict=False):
            since = max(NEW, today - rng.randrange(30, 1400))
            until = today - rng.randrange(1, 25) if rng.random() < 0.05 else None
            employer = f"{grid.town}人民政府" if role == ROLES["full_time"] else grid.community
            system.posts.append(Post(grid.code, person, role, employer, since, until))
    gone = [grid.code for grid in system.unified.grids if grid.until is not None]
    for code in gone[:: max(1, len(gone) // 3)]:
        system.posts.append(Post(code, rng.choice(able), ROLES["leader"], "社区", OLD, None, "grid_retired"))
