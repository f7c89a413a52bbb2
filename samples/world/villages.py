"""Villages with their natural villages or groups and doors, and industrial zones with their buildings."""

import numpy as np

from samples.randomness import Ints, shares, stream, weights
from samples.words import words
from samples.world.city import Community
from samples.world.library import Kind
from samples.world.plan import Site

BUILDINGS_PER_PERSON = 0.012


def build_villages(site: Site) -> None:
    """Add doors of all villages; urban communities have none of their own."""
    villages = [(index, item) for index, town in enumerate(site.city.towns) for item in town.communities]
    rng = stream(site.seed, "villages")
    weight = rng.lognormal(0, 0.5, len(villages)) * [0.05 if item.urban else 1.0 for _, item in villages]
    for (_, village), doors in zip(villages, shares(site.total("village_doors"), weight).tolist(), strict=True):
        if doors:
            _build_village(site, village, max(doors, 2))


def _build_village(site: Site, village: Community, doors: int) -> None:
    rng = stream(site.seed, f"village/{village.code}")
    node = site.communities[village.code]
    lon, lat = site.centres[village.code]
    parts = _parts(rng, doors)
    parents = np.array([node])
    if parts:
        x, y = rng.normal(lon, 0.003, len(parts)), rng.normal(lat, 0.003, len(parts))
        under = site.builder.add(
            "natural_village", Kind.AREA, np.full(len(parts), node), x, y, natural_village=parts
        )  # fmt: skip
        parents = np.concatenate([parents, under])
    chosen = np.sort(rng.integers(0, len(parents), doors))
    steps = rng.choice([1, 1, 1, 2, 4], size=doors)
    numbers = np.cumsum(steps) if not parts or parts[0].endswith("组") else _per_part(chosen, steps)
    site.builder.add(
        "house", Kind.VILLAGE_DOOR, parents[chosen], rng.normal(lon, 0.004, doors), rng.normal(lat, 0.004, doors),
        house_number=[f"{number}号" for number in numbers.tolist()],
    )  # fmt: skip


def _parts(rng: np.random.Generator, doors: int) -> list[str]:
    """Names of natural villages, or numbered groups, or nothing."""
    chance = rng.random()
    count = int(rng.integers(2, 5))
    if doors < 6 or chance < 0.4:
        return []
    if chance < 0.55:
        return [f"{group + 1}组" for group in range(count)]
    place = words("places")
    heads, tails = list(place["village_heads"]), list(place["village_tails"])
    names = [f"{heads[rng.integers(len(heads))]}{tails[rng.integers(len(tails))]}" for _ in range(count)]
    return list(dict.fromkeys(names))


def _per_part(chosen: Ints, steps: Ints) -> Ints:
    """Numbers that start anew in each part."""
    running = np.cumsum(steps)
    first = np.concatenate([[True], chosen[1:] != chosen[:-1]])
    before = np.maximum.accumulate(np.where(first, running - steps, 0))
    return running - before


def build_zones(site: Site) -> None:
    """Add industrial zones and their numbered buildings."""
    place = words("places")
    rng = stream(site.seed, "zones")
    buildings = site.by_town(max(int(BUILDINGS_PER_PERSON * site.persons), 60), 1.0, 1.0)
    trades, suffixes = place["zone_trades"], list(place["zone_suffixes"])
    share = weights(place["zone_suffixes"])
    taken: set[str] = set()
    for index, town in enumerate(site.city.towns):
        zones = max(1, int(buildings[index]) // 12)
        for size in shares(int(buildings[index]), rng.lognormal(0, 0.6, zones)).tolist():
            village = town.communities[rng.integers(len(town.communities))]
            trade = trades[rng.integers(len(trades))] if rng.random() < 0.5 else ""
            stem = village.core if not trade or rng.random() < 0.5 else town.core
            name = f"{stem}{trade}{rng.choice(suffixes, p=share)}"
            if size and stem + trade not in taken:
                taken.add(stem + trade)
                _build_zone(site, index, village, name, size)


def _build_zone(site: Site, index: int, village: Community, name: str, size: int) -> None:
    rng = stream(site.seed, f"zone/{name}")
    lon, lat = site.centres[village.code]
    zone = site.builder.add(
        "zone", Kind.AREA, np.array([site.towns[index]]), np.array([lon]), np.array([lat]),
        community=village.name, zone=name,
    )  # fmt: skip
    site.builder.add(
        "building", Kind.ZONE_BUILDING, np.repeat(zone, size), rng.normal(lon, 0.002, size),
        rng.normal(lat, 0.002, size), building=[f"{number + 1}幢" for number in range(size)],
    )  # fmt: skip
