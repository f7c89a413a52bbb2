"""Industrial zones with numbered plants, public places, and firms."""

import numpy as np

from benchmarks.matching.chance import Ints, deal, expand, pick, words
from benchmarks.matching.library.draft import Draft, core
from benchmarks.matching.library.roads import Doors


def add_zones(draft: Draft) -> None:
    """Add zones of all towns with plants, buildings, and rooms in these."""
    rng = draft.random("zones")
    table = words("names")
    names: list[str] = []
    parents: list[int] = []
    counts = np.maximum(deal(draft.number_of("zones"), draft.weights), 1)
    for town, count in zip(draft.towns, counts.tolist(), strict=True):
        found: dict[str, None] = {}
        while len(found) < count:
            stem = town.core if rng.random() < 0.25 else core(str(rng.choice(town.communities)))
            trade = pick(rng, table["zone_trades"], 1)[0] if rng.random() < 0.45 else ""
            found[stem + trade + pick(rng, table["zone_suffixes"], 1)[0]] = None
        names += found
        parents += [town.node] * count
    zones = draft.builder.add("zone", np.array(parents), names)
    _add_plants(draft, rng, zones)


def _add_plants(draft: Draft, rng: np.random.Generator, zones: Ints) -> None:
    builder = draft.builder
    rooms = int(draft.rows * draft.share("zone_rooms"))
    numbered = np.flatnonzero(rng.random(len(zones)) < 0.5)
    owner, place = expand(rng.integers(4, 60, len(numbered)))
    builder.add("house", zones[numbered][owner], builder.counted("house", place + 1, "{}号"))
    built = np.flatnonzero(rng.random(len(zones)) < 0.6)
    owner, place = expand(rng.integers(2, 16, len(built)))
    form = rng.integers(3, size=len(built))[owner]
    labels = np.stack([builder.counted("building", place + 1, text) for text in ("{}幢", "{}号楼", "{}号厂房")])
    buildings = builder.add("building", zones[built][owner], labels[form, np.arange(len(owner))])
    if not len(buildings):
        return
    counts = deal(rooms, rng.lognormal(0, 0.6, len(buildings)))
    owner, place = expand(counts)
    floor = place // 8 + 1
    keep = floor <= 12
    owner, floor, place = owner[keep], floor[keep], place[keep]
    codes = builder.counted("room", floor * 100 + place % 8 + 1, "{}室")
    builder.add("room", buildings[owner], codes, floor=builder.counted("floor", floor, "{}层"))


def add_places(draft: Draft, doors: Doors) -> Ints:
    """Add public places and firms, behind doors or straight in their town; schools get dormitories. Returns the nodes of firms."""
    rng = draft.random("places")
    table = words("names")
    public: dict[tuple[int, str], None] = {}
    weight = draft.weights / draft.weights.sum()
    while len(public) < draft.number_of("places"):
        number = int(rng.choice(len(draft.towns), p=weight))
        town = draft.towns[number]
        kind = pick(rng, table["place_kinds"], 1)[0]
        area = (town.core, core(str(rng.choice(town.communities))), f"{draft.county[:-1]}{town.core}", _brand(rng, table))[
            int(rng.integers(4))
        ]
        order = str(rng.choice(table["place_orders"])) if kind in ("小学", "中学", "幼儿园", "医院", "农贸市场") else ""
        public[(number, area + order + kind)] = None
    firms: dict[tuple[int, str], None] = {}
    while len(firms) < draft.number_of("firms"):
        number = int(rng.choice(len(draft.towns), p=weight))
        trade, form = pick(rng, table["firm_trades"], 1)[0], pick(rng, table["firm_forms"], 1)[0]
        prefix = draft.county if rng.random() < 0.7 else "浙江"
        firms[(number, prefix + _brand(rng, table) + trade + form)] = None
    nodes = _add_named(draft, rng, doors, list(public), behind=0.6)
    _add_dormitories(draft, rng, nodes, [name for _, name in public])
    return _add_named(draft, rng, doors, list(firms), behind=0.9)


def _brand(rng: np.random.Generator, table: dict[str, str]) -> str:
    heads, tails = table["compound_heads"], table["road_tails"]
    return heads[int(rng.integers(len(heads)))] + tails[int(rng.integers(len(tails)))]


def _add_named(draft: Draft, rng: np.random.Generator, doors: Doors, named: list[tuple[int, str]], behind: float) -> Ints:
    parents = np.zeros(len(named), dtype=np.int64)
    for number, town in enumerate(draft.towns):
        here = np.array([place for place, (own, _) in enumerate(named) if own == number], dtype=np.int64)
        at_door = rng.random(len(here)) < behind
        candidates = doors.nodes[doors.towns == number]
        parents[here] = np.where(at_door, rng.choice(candidates, len(here)), town.node)
    return draft.builder.add("compound", parents, [name for _, name in named])


def _add_dormitories(draft: Draft, rng: np.random.Generator, nodes: Ints, names: list[str]) -> None:
    schools = nodes[[place for place, name in enumerate(names) if name.endswith("中学")]]
    owner, place = expand(rng.integers(0, 5, len(schools)))
    buildings = draft.builder.add("building", schools[owner], draft.builder.counted("building", place + 1, "{}号宿舍楼"))
    owner, place = expand(rng.integers(6, 30, len(buildings)))
    floor = place // 6 + 1
    codes = draft.builder.counted("room", floor * 100 + place % 6 + 1, "{}室")
    draft.builder.add("room", buildings[owner], codes, floor=draft.builder.counted("floor", floor, "{}层"))
