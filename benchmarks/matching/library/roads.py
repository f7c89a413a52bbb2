"""Roads with their siblings, lanes, and the doors on them."""

from typing import NamedTuple

import numpy as np

from benchmarks.matching.chance import Ints, deal, expand, pick, words
from benchmarks.matching.library.draft import Draft, Town, core


class Doors(NamedTuple):
    """Doors: node and town number of each."""

    nodes: Ints
    towns: Ints


def add_roads(draft: Draft) -> Doors:
    """Add the roads of all towns, their lanes and doors."""
    rng = draft.random("roads")
    counts = np.maximum(deal(draft.number_of("roads"), draft.weights * (0.25 + draft.urban)), 3)
    names = [_names(draft, rng, town, count) for town, count in zip(draft.towns, counts.tolist(), strict=True)]
    town_of = np.repeat(np.arange(len(names)), [len(found) for found in names])
    parents = np.array([town.node for town in draft.towns])[town_of]
    roads = draft.builder.add("road", parents, [name for found in names for name in found])
    main = _add_doors(draft, rng, roads, town_of, int(draft.rows * draft.share("road_houses")))
    lanes, lane_towns = _add_lanes(draft, rng, roads, town_of)
    inner = _add_doors(draft, rng, lanes, lane_towns, int(draft.rows * draft.share("lane_houses")))
    return Doors(np.concatenate([main.nodes, inner.nodes]), np.concatenate([main.towns, inner.towns]))


def _names(draft: Draft, rng: np.random.Generator, town: Town, count: int) -> list[str]:
    """Distinct road names of a town: own and shared stems, split by direction, with siblings of another generic part."""
    table = words("names")
    found: dict[str, None] = {}
    if rng.random() < 0.5:
        found[str(rng.choice(table["highways"]))] = None
    for name in rng.choice(table["numeral_roads"], int(rng.integers(1, 4)), replace=False).tolist():
        found[name] = None
    while len(found) < count:
        stem = _stem(draft, rng, town, table)
        suffix = pick(rng, table["road_suffixes"], 1)[0]
        chance = rng.random()
        if chance < draft.share("direction_share") and suffix in ("路", "街", "大道"):
            directions = table["direction_sets"][int(rng.integers(len(table["direction_sets"])))]
            found.update(dict.fromkeys(stem + direction + suffix for direction in directions))
            continue
        if chance > 1 - draft.share("counted_road_share"):
            counted = str(rng.choice(table["counted_road_stems"]))
            found.update(dict.fromkeys(f"{counted}{number}路" for number in "一二三四五六"[: int(rng.integers(2, 6))]))
            continue
        found[stem + suffix] = None
        if rng.random() < draft.share("sibling_suffix_share"):
            found[stem + str(rng.choice([other for other in ("路", "街", "巷", "大道") if other != suffix]))] = None
    return list(found)[:count]


def _stem(draft: Draft, rng: np.random.Generator, town: Town, table: dict[str, list[str]]) -> str:
    chance = rng.random()
    if chance < draft.share("shared_road_share"):
        return str(rng.choice(table["shared_road_stems"]))
    if chance < 0.26:
        return town.core
    if chance < 0.36:
        return core(town.communities[int(rng.integers(len(town.communities)))])
    head = table["road_heads"][int(rng.integers(len(table["road_heads"])))]
    return head + table["road_tails"][int(rng.integers(len(table["road_tails"])))]


def _add_lanes(draft: Draft, rng: np.random.Generator, roads: Ints, towns: Ints) -> tuple[Ints, Ints]:
    """Lanes of a quarter of the roads (99弄) and branches of some of these (99弄1支弄)."""
    counts = np.where(rng.random(len(roads)) < 0.25, rng.integers(1, 5, len(roads)), 0)
    owner, place = expand(counts)
    numbers = 3 + 11 * place + rng.integers(0, 10, len(owner))
    lanes = draft.builder.add("lane", roads[owner], draft.builder.counted("lane", numbers, "{}弄"))
    branch_owner, branch_place = expand(np.where(rng.random(len(lanes)) < 0.15, rng.integers(1, 4, len(lanes)), 0))
    names = [f"{number}弄{place}支弄" for number, place in zip(numbers[branch_owner].tolist(), (branch_place + 1).tolist(), strict=True)]
    branches = draft.builder.add("lane", lanes[branch_owner], names)
    lane_towns = towns[owner]
    return np.concatenate([lanes, branches]), np.concatenate([lane_towns, lane_towns[branch_owner]])


def _add_doors(draft: Draft, rng: np.random.Generator, ways: Ints, towns: Ints, total: int) -> Doors:
    """Doors on ways of very different lengths: odd and even sides, gaps, sub-numbers, a few lettered ones."""
    counts = np.maximum(deal(total, rng.lognormal(0, 0.9, len(ways))), 2)
    owner, place = expand(counts)
    keep = rng.random(len(owner)) < 0.85
    stride = rng.choice([1, 1, 2, 3, 5], len(ways))
    owner, place = owner[keep], place[keep]
    number = place * stride[owner] + (rng.random(len(owner)) * stride[owner]).astype(np.int64) + 1
    chance = rng.random(len(owner))
    sub = chance < draft.share("sub_number_share")
    codes = draft.builder.counted("house", number, "{}号")
    subs = [f"{main}-{part}号" for main, part in zip(number[sub].tolist(), rng.integers(1, 5, int(sub.sum())).tolist(), strict=True)]
    lettered = chance > 1 - draft.share("lettered_number_share")
    named = [
        f"{letter}{main}号"
        for main, letter in zip(number[lettered].tolist(), rng.choice(list("甲乙"), int(lettered.sum())).tolist(), strict=True)
    ]
    extra_owner = np.concatenate([owner[sub], owner[lettered]])
    all_owner = np.concatenate([owner, extra_owner])
    all_codes = np.concatenate([codes, draft.builder.codes("house", subs + named)])
    community = _communities(draft, rng, towns)
    nodes = draft.builder.add("house", ways[all_owner], all_codes, community=community[all_owner])
    return Doors(nodes, towns[all_owner])


def _communities(draft: Draft, rng: np.random.Generator, towns: Ints) -> Ints:
    """The community each way lies in, as a component code."""
    found = np.full(len(towns), -1, dtype=np.int64)
    for town in range(len(draft.towns)):
        here = np.flatnonzero(towns == town)
        found[here] = draft.community_of(rng, town, len(here))
    return found
