"""Aliases of the invented part of the library: compounds, zones, roads, natural villages, former door numbers."""

import numpy as np

from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import Alias, City
from samples.world.library import LEVEL, Kind, Library

SHORT_SHARE, PROMOTED_SHARE, OLD_ROAD_SHARE = 0.6, 0.25, 0.04
RENUMBERED_ON = "2012-07-01"


def make_aliases(city: City, library: Library, seed: int) -> list[Alias]:
    """The city's own aliases and those of the invented places, sorted."""
    made = [*_compounds(city, library, seed), *_zones(library), *_roads(library, seed), *_natural_villages(library)]
    made += [
        Alias("address", library.value("town", node), library.address_id(node), _with_number(library, node, number), "", RENUMBERED_ON)
        for node, number in library.former_number.items()
    ]
    own = sorted(set(made), key=lambda alias: (alias.kind, alias.within, alias.name, alias.alias))
    return [*city.aliases, *own]


def _with_number(library: Library, node: int, number: str) -> str:
    """The address of a door under its former number."""
    return library.full_text[node].removesuffix(library.value("house_number", node)) + number


def _nodes(library: Library, level: str) -> list[int]:
    found: list[int] = np.flatnonzero(library.level == LEVEL[level]).tolist()
    return found


def _compounds(city: City, library: Library, seed: int) -> list[Alias]:
    """Short names, none that a division has, and the names under which flats were sold; public places have none."""
    rng = plain_stream(seed, "compound aliases")
    table = words("places")
    suffixes = sorted([*table["compound_suffixes"], *table["tower_suffixes"]], key=len, reverse=True)
    divisions = {city.short, *(town.core for town in city.towns), *(item.core for town in city.towns for item in town.communities)}
    promotional = list(table["promotional_suffixes"])
    made = []
    for node in _nodes(library, "compound"):
        name, town = library.value("compound", node), library.value("town", node)
        if library.kind[node] == Kind.PUBLIC_PLACE:
            continue
        plain = name.split("(")[0]
        suffix = next((suffix for suffix in suffixes if plain.endswith(suffix)), "")
        stem = plain.removesuffix(suffix)
        if rng.random() < SHORT_SHARE and suffix and "(" not in name and stem not in divisions:
            made.append(Alias("compound", town, name, stem))
        if rng.random() < PROMOTED_SHARE and suffix:
            made.append(Alias("compound", town, name, rng.choice(table["compound_stems"]) + stem[:1] + rng.choice(promotional)))
    return made


def _zones(library: Library) -> list[Alias]:
    longer = {"产业园": "产业园区", "工业园": "工业园区", "工业区": "工业园区"}
    made = []
    for node in _nodes(library, "zone"):
        name = library.value("zone", node)
        made += [
            Alias("zone", library.value("town", node), name, name.removesuffix(ending) + other)
            for ending, other in longer.items()
            if name.endswith(ending)
        ]
    return made


def _roads(library: Library, seed: int) -> list[Alias]:
    """Former names of some roads."""
    rng = plain_stream(seed, "road aliases")
    stems = list(words("places")["road_stems"])
    names = {library.value("road", node) for node in _nodes(library, "road")}
    made = []
    for node in _nodes(library, "road"):
        former = f"老{rng.choice(stems)}{library.value('road', node)[-1]}"
        if rng.random() < OLD_ROAD_SHARE and former not in names:
            made.append(Alias("road", library.value("town", node), library.value("road", node), former, "", "2008-01-01"))
    return made


def _natural_villages(library: Library) -> list[Alias]:
    """Other spellings of natural villages with rare characters."""
    rare: dict[str, str] = words("characters")["rare"]
    made = []
    for node in _nodes(library, "natural_village"):
        name = library.value("natural_village", node)
        for character, usual in rare.items():
            if character in name:
                made.append(Alias("natural_village", library.value("town", node), name, name.replace(character, usual)))
    return made
