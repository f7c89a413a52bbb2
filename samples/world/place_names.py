"""The register of place names: roads, compounds, zones and villages with their former and other names, and hills, rivers, bridges."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import Alias, City
from samples.world.library import LEVEL, Library

NAMES_PER_PERSON, FEATURES_PER_PERSON = 0.0095, 0.0005
LABELS = {"road": "道路", "compound": "小区院落", "zone": "园区", "natural_village": "自然村组"}


@dataclass(slots=True)
class PlaceName:
    """A standard name; former and other names may be empty, `renamed` is an ISO day or empty, `approved` counts from 1970-01-01.

    `is_only_here`: no other list of aliases has its names.
    """

    code: str
    kind: str
    town: str
    name: str
    former: str
    renamed: str
    other: str
    approved: int
    is_only_here: bool


def name_places(city: City, library: Library, aliases: list[Alias], persons: int, today: int, seed: int) -> list[PlaceName]:
    """Places with other names first, then as many more as the register has, then hills and rivers."""
    rng = plain_stream(seed, "place names")
    told: dict[tuple[str, ...], list[Alias]] = defaultdict(list)
    for alias in aliases:
        told[alias.kind, alias.within, alias.name].append(alias)
    nodes = {kind: np.flatnonzero(library.level == LEVEL[kind]).tolist() for kind in LABELS}
    places = sorted({(kind, library.value("town", node), library.value(kind, node)) for kind, found in nodes.items() for node in found})
    rng.shuffle(places)
    places.sort(key=lambda place: place not in told)
    chosen = [(LABELS[kind], town, name, told[kind, town, name]) for kind, town, name in places[: max(int(NAMES_PER_PERSON * persons), 40)]]
    stems, features, towns = words("places")["road_stems"], words("texts")["features"], [town.name for town in city.towns]
    for stem in rng.sample(stems, max(int(FEATURES_PER_PERSON * persons), 3)):
        kind, ending = rng.choice(list(features.items()))
        chosen.append((kind, rng.choice(towns), stem + ending, [Alias("feature", "", "", f"老{stem}{ending}")]))
    found = []
    for number, (kind, town, name, names) in enumerate(chosen, start=1):
        former = next((alias for alias in names if alias.valid_to or alias.kind == "feature"), None)
        found.append(
            PlaceName(
                code=f"{city.code}{number:06d}",
                kind=kind,
                town=town,
                name=name,
                former=former.alias if former else "",
                renamed=former.valid_to if former else "",
                other=next((alias.alias for alias in names if alias is not former and not alias.valid_to), ""),
                approved=today - rng.randrange(300, 12000),
                is_only_here=number % 2 == 0,
            )
        )
    return found
