"""Roads, lanes and the doors along them."""

import numpy as np

from samples.randomness import Floats, shares, stream, weights
from samples.words import words
from samples.world.library import Kind
from samples.world.plan import Door, Site, communities_like

SUB_NUMBER_SHARE = 0.05


def build_roads(site: Site) -> None:
    """Add roads, doors and lanes of every town."""
    place = words("places")
    roads = site.by_town(site.road_count, 3.0, 1.0)
    doors = site.by_town(site.total("road_doors") + int(0.02 * site.persons), 5.0, 1.0)
    lanes = site.by_town(site.total("lane_doors"), 6.0, 1.0)
    names = _Names(site)
    for index, town in enumerate(site.city.towns):
        town_names = names.of_town(index, max(int(roads[index]), 2))
        rng = stream(site.seed, f"roads/{town.code}")
        lengths = shares(int(doors[index]), rng.lognormal(0, 0.8, len(town_names)))
        lane_lengths = shares(int(lanes[index]), rng.lognormal(0, 0.8, len(town_names)))
        for name, length, lane_length in zip(town_names, lengths.tolist(), lane_lengths.tolist(), strict=True):
            _build_road(site, index, name, max(length, 3), lane_length)
        if index % 3 == 0:
            _build_road(site, index, place["national_roads"][index % 2], 3, 0)


class _Names:
    """Invents road names: shared ones, east and west pairs, names with numerals, others once only."""

    def __init__(self, site: Site) -> None:
        place = words("places")
        self.site = site
        self.rng = stream(site.seed, "road names")
        heads, tails = list(place["stem_heads"]), list(place["stem_tails"])
        invented = [head + tail for head in heads for tail in tails if head != tail]
        self.rng.shuffle(invented)
        listed = list(place["road_stems"])
        self.rng.shuffle(listed)
        self.stems = iter(list(dict.fromkeys(listed + invented)))
        self.shared = list(place["shared_stems"])
        self.suffixes = list(place["road_suffixes"])
        self.suffix_weight = weights(place["road_suffixes"])
        self.numerals = list(place["numeral_roads"])

    def of_town(self, index: int, count: int) -> list[str]:
        """At least `count` names for the town's roads."""
        place = words("places")
        stem = self.shared[index % len(self.shared)]
        names = [stem + place["shared_suffix"][stem]]
        if index % 2:
            other = self.shared[(index + 3) % len(self.shared)]
            names.append(other + place["shared_suffix"][other])
        if index < len(self.numerals):
            names.append(self.numerals[index])
        while len(names) < count:
            names.extend(self._fresh())
        return list(dict.fromkeys(names))

    def _fresh(self) -> list[str]:
        """One new name, or a pair of directions of one stem."""
        stem = next(self.stems)
        chance = self.rng.random()
        if chance < 0.22:
            ends = words("places")["direction_pairs"][int(chance < 0.08)]
            suffix = "路" if chance < 0.16 else "街"
            middle = [f"{stem}中{suffix}"] if chance > 0.19 else []
            return [f"{stem}{ends[0]}{suffix}", f"{stem}{ends[1]}{suffix}", *middle]
        suffix = str(self.rng.choice(self.suffixes, p=self.suffix_weight))
        return [stem + suffix]


def _build_road(site: Site, index: int, name: str, doors: int, lane_doors: int) -> None:
    town = site.city.towns[index]
    rng = stream(site.seed, f"road/{town.code}/{name}")
    lon, lat = site.centres[town.code]
    start = rng.normal([lon, lat], 0.01)
    direction = rng.normal(0, 1, 2)
    direction *= 0.00012 / np.hypot(*direction)
    road = site.builder.add("road", Kind.AREA, np.array([site.towns[index]]), start[:1], start[1:], road=name)
    numbers = _numbers(rng, doors, town.sub_number_style)
    count = len(numbers)
    along = np.arange(count)
    urban = rng.random() < 0.75
    nearby = communities_like(town, urban)
    crossed = [nearby[i] for i in rng.integers(0, len(nearby), size=1 + int(rng.random() < 0.4) + int(count > 60))]
    community = [crossed[i * len(crossed) // count] for i in range(count)]
    lons, lats = start[0] + along * direction[0], start[1] + along * direction[1]
    nodes = site.builder.add(
        "house", Kind.ROAD_DOOR, np.repeat(road, count), lons, lats,
        community=[item.name for item in community], house_number=numbers,
    )  # fmt: skip
    for i, node in enumerate(nodes.tolist()):
        if numbers[i].endswith("号") and "-" not in numbers[i]:
            site.doors.append(Door(node, index, community[i], float(lons[i]), float(lats[i]), urban))
    if lane_doors:
        _build_lanes(site, int(road[0]), community[0].name, rng, lane_doors, start, count)


def _numbers(rng: np.random.Generator, count: int, sub_style: str) -> list[str]:
    """House numbers in order, both sides of the road, with gaps and sub-numbers in the town's style."""
    start = int(rng.choice([1, 1, 1, 21, 101, 301, 551]))
    steps = rng.choice([1, 1, 1, 1, 2, 3], size=count)
    numbers = start + np.cumsum(steps) - steps[0]
    texts: list[str] = []
    for number, chance in zip(numbers.tolist(), rng.random(count).tolist(), strict=True):
        texts.append(f"{number}号")
        if chance < SUB_NUMBER_SHARE:
            texts.extend(sub_style.format(number=number, sub=sub) for sub in (1, 2))
    return texts


def _build_lanes(site: Site, road: int, community: str, rng: np.random.Generator, doors: int, start: Floats, count: int) -> None:
    """Lanes off the road, some with branch lanes, and the doors in them."""
    lanes = max(1, doors // int(rng.integers(4, 10)))
    base = np.sort(rng.choice(np.arange(2, 2 + 4 * max(lanes, count)), size=lanes, replace=False))
    names: list[str] = []
    for number, chance in zip(base.tolist(), rng.random(lanes).tolist(), strict=True):
        names.append(f"{number}弄")
        if chance < 0.25:
            names.extend([f"{number}弄1支弄", f"{number}弄2支弄"])
    x, y = rng.normal(start[0], 0.002, len(names)), rng.normal(start[1], 0.002, len(names))
    nodes = site.builder.add(
        "lane", Kind.AREA, np.full(len(names), road), x, y, community=community, lane=names
    )  # fmt: skip
    sizes = shares(max(doors, len(names)), np.ones(len(names)))
    numbers = [f"{i + 1}号" for size in sizes.tolist() for i in range(size)]
    site.builder.add(
        "house", Kind.LANE_DOOR, np.repeat(nodes, sizes), np.repeat(x, sizes), np.repeat(y, sizes),
        house_number=numbers,
    )  # fmt: skip
