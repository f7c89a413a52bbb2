"""Office towers, schools, markets and other public places."""

import numpy as np

from samples.randomness import stream, weights
from samples.words import words
from samples.world.library import Kind
from samples.world.plan import TOWER_ROOMS_PER_PERSON, Door, Site


def build_towers(site: Site) -> None:
    """Turn urban doors into office towers until all their rooms stand."""
    place = words("places")
    rng = stream(site.seed, "towers")
    wanted = max(int(TOWER_ROOMS_PER_PERSON * site.persons), 120)
    suffixes = list(place["tower_suffixes"])
    share = weights(place["tower_suffixes"])
    stems = list(dict.fromkeys(place["compound_stems"] + place["road_stems"]))
    stems += [a + b for a in place["stem_heads"] for b in place["stem_tails"]]
    names = iter([site.city.short, *rng.permutation(stems).tolist()])
    while wanted > 0:
        wanted -= _build_tower(site, site.take_gate(), next(names) + str(rng.choice(suffixes, p=share)))


def _build_tower(site: Site, door: Door, name: str) -> int:
    """A tower: rooms right under it, or under lettered wings; answers the number of rooms."""
    rng = stream(site.seed, f"tower/{door.node}")
    x, y = np.array([door.lon]), np.array([door.lat])
    tower = site.builder.add("compound", Kind.BUILDING, np.array([door.node]), x, y, compound=name)
    if rng.random() < 0.5:
        site.builder.add("floor", Kind.BASEMENT, tower, x, y, floor="-1层")
    parents = tower
    lettered = rng.random() < 0.4
    if lettered:
        wings = ["A座", "B座", "C座"][: int(rng.integers(1, 4))]
        parents = site.builder.add(
            "building", Kind.BUILDING, np.repeat(tower, len(wings)), np.repeat(x, len(wings)),
            np.repeat(y, len(wings)), building=wings,
        )  # fmt: skip
    floors = int(rng.integers(5, 8 + min(site.persons // 8000, 24)))
    each = int(rng.integers(2, 5 + min(site.persons // 50_000, 5)))
    rooms = [(f"{floor}层", f"{floor}{room:02d}") for floor in range(2, floors + 1) for room in range(1, each + 1)]
    if lettered:
        rooms += [(floor, f"{room}A") for floor, room in rooms[:: each + 1]]
    count = len(parents)
    site.builder.add(
        "room", Kind.TOWER_ROOM, np.repeat(parents, len(rooms)), np.full(count * len(rooms), door.lon),
        np.full(count * len(rooms), door.lat), floor=[floor for floor, _ in rooms] * count,
        room=[f"{room}室" for _, room in rooms] * count,
    )  # fmt: skip
    return count * len(rooms)


def build_public_places(site: Site) -> None:
    """Schools, clinics, markets of every town, and the county's own in its most urban towns."""
    place = words("places")
    for index, town in enumerate(site.city.towns):
        for entry in place["public_places"]:
            _build_place(site, index, entry["name"].format(town=town.core), entry["dormitories"])
    urban = sorted(range(len(site.city.towns)), key=lambda index: -site.city.towns[index].urban_share)[:3]
    for number, entry in enumerate(place["county_places"]):
        name = entry["name"].format(county=site.city.short, county_full=site.city.county)
        _build_place(site, urban[number % len(urban)], name, entry["dormitories"])


def _build_place(site: Site, town: int, name: str, dormitories: int) -> None:
    door = site.take_gate(town)
    x, y = np.array([door.lon]), np.array([door.lat])
    node = site.builder.add("compound", Kind.PUBLIC_PLACE, np.array([door.node]), x, y, compound=name)
    if not dormitories:
        return
    labels = [f"{number + 1}号宿舍楼" for number in range(dormitories)]
    halls = site.builder.add(
        "building", Kind.BUILDING, np.repeat(node, dormitories), np.repeat(x, dormitories),
        np.repeat(y, dormitories), building=labels,
    )  # fmt: skip
    rooms = [(f"{floor}层", f"{floor}{room:02d}室") for floor in range(1, 4) for room in range(1, 5)]
    total = dormitories * len(rooms)
    site.builder.add(
        "room", Kind.DORMITORY_ROOM, np.repeat(halls, len(rooms)), np.full(total, door.lon),
        np.full(total, door.lat), floor=[floor for floor, _ in rooms] * dormitories,
        room=[room for _, room in rooms] * dormitories,
    )  # fmt: skip
