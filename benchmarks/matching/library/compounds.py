"""Residential compounds and towers, down to rooms, shops and garages."""

from dataclasses import dataclass

import numpy as np

from benchmarks.matching.chance import Ints, deal, expand, pick, words
from benchmarks.matching.library.draft import Draft
from benchmarks.matching.library.roads import Doors

BUILDING_FORMS = {"{}幢": 0.72, "{}号楼": 0.18, "{}栋": 0.1}


@dataclass
class Plan:
    """Compounds to be built: numbers of buildings (0: rooms lie in the compound itself), units (0: none), floors and rooms a floor."""

    buildings: Ints
    units: Ints
    floors: Ints
    per_floor: Ints
    tower: Ints

    def rows(self) -> Ints:
        buildings, units = np.maximum(self.buildings, 1), np.maximum(self.units, 1)
        rooms: Ints = buildings * units * self.floors * self.per_floor
        return 1 + self.buildings + self.buildings * self.units + rooms

    def first(self, count: int) -> "Plan":
        return Plan(self.buildings[:count], self.units[:count], self.floors[:count], self.per_floor[:count], self.tower[:count])


def add_compounds(draft: Draft, doors: Doors, total: int) -> None:
    """Add compounds with about `total` rows in all."""
    rng = draft.random("compounds")
    plan = _plan(draft, rng, total)
    count = len(plan.buildings)
    towns = np.repeat(np.arange(len(draft.towns)), deal(count, draft.weights * draft.urban))
    rng.shuffle(towns)
    names = _names(draft, rng, towns, plan.tower)
    nodes, order = _place(draft, rng, doors, towns, names)
    plan = Plan(plan.buildings[order], plan.units[order], plan.floors[order], plan.per_floor[order], plan.tower[order])
    _fill(draft, rng, nodes, plan)
    _add_extras(draft, rng, nodes, plan)


def _plan(draft: Draft, rng: np.random.Generator, total: int) -> Plan:
    count = max(60, total // 40)
    tower = (rng.random(count) < draft.share("tower_share")).astype(np.int64)
    is_tower = tower == 1
    buildings = np.where(is_tower, np.where(rng.random(count) < 0.25, 2, 0), np.minimum(1 + rng.geometric(0.16, count), 40))
    units = np.where(is_tower | (rng.random(count) < 0.4), 0, rng.integers(1, 4, count))
    floors = np.where(is_tower, rng.integers(5, 24, count), rng.choice([3, 5, 6, 6, 7, 11, 17], count))
    per_floor = np.where(is_tower, rng.integers(2, 9, count), np.where(units > 0, 2, rng.integers(2, 5, count)))
    plan = Plan(buildings, units, floors, per_floor, tower)
    return plan.first(max(1, int(np.searchsorted(np.cumsum(plan.rows()), total))))


def _names(draft: Draft, rng: np.random.Generator, towns: Ints, tower: Ints) -> list[str]:
    """Names, distinct within a town; those with phases or of a shared stem come as neighbours of the same town."""
    table = words("names")
    taken: set[tuple[int, str]] = set()
    names: list[str] = []
    waiting: dict[int, list[str]] = {}
    for town, is_tower in zip(towns.tolist(), tower.tolist(), strict=True):
        queue = waiting.setdefault(town, [])
        name = queue.pop() if queue and not is_tower else ""
        while not name or (town, name) in taken:
            shared = rng.random() < draft.share("shared_compound_share")
            stem = str(rng.choice(table["compound_stems"])) if shared else _stem(rng, table)
            suffix = pick(rng, table["tower_suffixes" if is_tower else "compound_suffixes"], 1)[0]
            name = stem + suffix
            if not is_tower and rng.random() < draft.share("phase_share"):
                phases = table["phases"][int(rng.integers(len(table["phases"])))]
                queue += [name + phase for phase in phases[1:]]
                name += phases[0]
        taken.add((town, name))
        names.append(name)
    return names


def _stem(rng: np.random.Generator, table: dict[str, str]) -> str:
    heads, tails = table["compound_heads"], table["compound_tails"]
    stem = heads[int(rng.integers(len(heads)))] + tails[int(rng.integers(len(tails)))]
    return stem + tails[int(rng.integers(len(tails)))] if rng.random() < 0.12 else stem


def _place(draft: Draft, rng: np.random.Generator, doors: Doors, towns: Ints, names: list[str]) -> tuple[Ints, Ints]:
    """Put each compound behind a door of its own, or straight into a community or town. Returns nodes and which compound each is."""
    text = np.array(names, dtype=object)
    nodes, order = [], []
    for number, town in enumerate(draft.towns):
        here = np.flatnonzero(towns == number)
        candidates = doors.nodes[doors.towns == number]
        behind = here[rng.random(len(here)) >= draft.share("unplaced_share")][: len(candidates)]
        chosen = rng.permutation(candidates)[: len(behind)]
        loose = np.setdiff1d(here, behind)
        in_community = rng.random(len(loose)) < 0.5
        areas = np.where(in_community, rng.choice(town.community_nodes, len(loose)), town.node)
        nodes.append(draft.builder.add("compound", chosen, list(text[behind])))
        nodes.append(draft.builder.add("compound", areas, list(text[loose])))
        order += [behind, loose]
    return np.concatenate(nodes), np.concatenate(order)


def _fill(draft: Draft, rng: np.random.Generator, nodes: Ints, plan: Plan) -> None:
    builder = draft.builder
    form = rng.choice(len(BUILDING_FORMS), len(nodes), p=list(BUILDING_FORMS.values()))
    lettered = (rng.random(len(nodes)) < np.where(plan.tower == 1, 0.9, 0.06)) & (plan.buildings <= 20)
    owner, place = expand(plan.buildings)
    labels = np.where(
        lettered[owner],
        np.array(builder.codes("building", [f"{letter}{word}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for word in ("幢", "座")]))[
            np.minimum(2 * place + plan.tower[owner], 51)
        ],
        np.stack([builder.counted("building", place + 1, text) for text in BUILDING_FORMS])[form[owner], np.arange(len(owner))]
        if len(owner)
        else place,
    )
    buildings = builder.add("building", nodes[owner], labels)
    unit_owner, unit_place = expand(plan.units[owner])
    units = builder.add("unit", buildings[unit_owner], builder.counted("unit", unit_place + 1, "{}单元"))
    without = plan.units[owner] == 0
    parents = np.concatenate([nodes[plan.buildings == 0], buildings[without], units])
    source = np.concatenate([np.flatnonzero(plan.buildings == 0), owner[without], owner[unit_owner]])
    _add_rooms(draft, rng, parents, plan.floors[source], plan.per_floor[source], plan.tower[source])


def _add_rooms(draft: Draft, rng: np.random.Generator, parents: Ints, floors: Ints, per_floor: Ints, tower: Ints) -> None:
    builder = draft.builder
    owner, place = expand(floors * per_floor)
    floor, door = place // per_floor[owner] + 1, place % per_floor[owner] + 1
    builder.add(
        "room",
        parents[owner],
        builder.counted("room", floor * 100 + door, "{}室"),
        floor=builder.counted("floor", floor, "{}层"),
    )
    chosen = np.flatnonzero((tower == 1) & (rng.random(len(tower)) < 0.3))
    owner, place = expand(floors[chosen])
    builder.add("floor", parents[chosen][owner], builder.counted("floor", place + 1, "{}层"))
    below = chosen[rng.random(len(chosen)) < 0.5]
    builder.add("floor", parents[below], ["-1层"] * len(below))
    lettered = np.flatnonzero((tower == 1) & (rng.random(len(tower)) < 0.3))
    numbers = rng.integers(1, floors[lettered] + 1) * 100 + rng.integers(1, per_floor[lettered] + 1)
    builder.add(
        "room", parents[lettered], builder.counted("room", numbers, "{}A室"), floor=builder.counted("floor", numbers // 100, "{}层")
    )


def _add_extras(draft: Draft, rng: np.random.Generator, nodes: Ints, plan: Plan) -> None:
    """Shops along the street, garages below the first building."""
    builder = draft.builder
    homes = plan.tower == 0
    shops = np.flatnonzero(homes & (rng.random(len(nodes)) < draft.share("shops_share")))
    owner, place = expand(rng.integers(3, 15, len(shops)))
    builder.add("room", nodes[shops][owner], builder.counted("room", place + 1, "店面{}号"))
    garages = np.flatnonzero(homes & (rng.random(len(nodes)) < draft.share("garages_share")))
    owner, place = expand(rng.integers(4, 20, len(garages)))
    builder.add("room", nodes[garages][owner], builder.counted("room", place + 1, "车库{}号"))
