"""Natural villages, village groups, and the doors in them."""

import numpy as np

from benchmarks.matching.chance import Ints, deal, expand, words
from benchmarks.matching.library.draft import Draft, Town, core


def add_villages(draft: Draft) -> None:
    """Add natural villages or groups to communities, and doors to all of them."""
    rng = draft.random("villages")
    communities = np.concatenate([town.community_nodes for town in draft.towns])
    towns = np.repeat(np.arange(len(draft.towns)), [len(town.communities) for town in draft.towns])
    rural = np.array([name.endswith("村") for town in draft.towns for name in town.communities])
    counts = deal(draft.number_of("hamlets"), np.where(rural, 1.0, 0.15) * rng.lognormal(0, 0.5, len(communities)))
    owners: list[int] = []
    names: list[str] = []
    for place, (town, count) in enumerate(zip(towns.tolist(), counts.tolist(), strict=True)):
        found = _hamlets(draft, rng, draft.towns[town], count)
        owners += [place] * len(found)
        names += found
    owner = np.array(owners, dtype=np.int64)
    hamlets = draft.builder.add("natural_village", communities[owner], names)
    urban = draft.urban[towns]
    weight = np.where(rural, 1.0, 0.2) * (1.2 - urban) * rng.lognormal(0, 0.5, len(communities))
    parents = np.concatenate([communities, hamlets])
    share = np.concatenate([weight * np.where(counts > 0, 0.6, 1.0), weight[owner] / np.maximum(counts[owner], 1)])
    _add_doors(draft, rng, parents, deal(int(draft.rows * draft.share("village_houses")), share))


def _hamlets(draft: Draft, rng: np.random.Generator, town: Town, count: int) -> list[str]:
    """Names below one community: groups, or names of former villages and of the land."""
    if rng.random() < draft.share("group_village_share"):
        return [f"{number}组" for number in range(1, count + 2)]
    table = words("names")
    found: dict[str, None] = {}
    while len(found) < count:
        if town.former_villages and rng.random() < 0.25:
            found[core(str(rng.choice(town.former_villages)))] = None
        head = table["hamlet_heads"][int(rng.integers(len(table["hamlet_heads"])))]
        found[head + table["hamlet_tails"][int(rng.integers(len(table["hamlet_tails"])))]] = None
    return list(found)[:count]


def _add_doors(draft: Draft, rng: np.random.Generator, parents: Ints, counts: Ints) -> None:
    owner, place = expand(counts)
    keep = rng.random(len(owner)) < 0.85
    owner, number = owner[keep], place[keep] + 1
    draft.builder.add("house", parents[owner], draft.builder.counted("house", number, "{}号"))
    sub = rng.random(len(owner)) < draft.share("sub_number_share") / 2
    names = [f"{main}-{part}号" for main, part in zip(number[sub].tolist(), rng.integers(1, 4, int(sub.sum())).tolist(), strict=True)]
    draft.builder.add("house", parents[owner[sub]], names)
