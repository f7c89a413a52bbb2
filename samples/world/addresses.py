"""The whole standard address library of a city."""

import numpy as np

from samples.randomness import stream
from samples.words import words
from samples.world.city import City
from samples.world.compounds import build_compounds
from samples.world.library import LEVEL, Kind, Library, LibraryBuilder
from samples.world.plan import Site, scatter
from samples.world.roads import build_roads
from samples.world.towers import build_public_places, build_towers
from samples.world.villages import build_villages, build_zones

RENUMBERED_SHARE = 0.03
RETIRED_SHARE = 0.008
TOWN_SPREAD, COMMUNITY_SPREAD = 0.07, 0.015


def build_library(city: City, persons: int, seed: int) -> Library:
    """Build the library of `city` for a population of `persons`."""
    site = Site(city, seed, persons, LibraryBuilder())
    _build_divisions(site)
    build_roads(site)
    build_villages(site)
    build_zones(site)
    build_public_places(site)
    build_towers(site)
    build_compounds(site)
    library = site.builder.finish(city.code)
    library.kind[site.gates] = Kind.GATE
    _renumber(library, seed)
    _overlay(library, site)
    return library


def _build_divisions(site: Site) -> None:
    """Province, city, county, towns and communities."""
    city, add = site.city, site.builder.add
    x, y = np.array([city.centre[0]]), np.array([city.centre[1]])
    province = add("province", Kind.AREA, np.array([-1]), x, y, province=city.province)
    municipality = add("city", Kind.AREA, province, x, y, city=city.city)
    county = add("county", Kind.AREA, municipality, x, y, county=city.county)
    site.county = int(county[0])
    count = len(city.towns)
    lon, lat = scatter(site, "towns", *city.centre, count, TOWN_SPREAD)
    names = [town.name for town in city.towns]
    site.towns = add("town", Kind.AREA, np.repeat(county, count), lon, lat, town=names).tolist()
    for town, node, x0, y0 in zip(city.towns, site.towns, lon.tolist(), lat.tolist(), strict=True):
        site.centres[town.code] = (x0, y0)
        members = town.communities
        lons, lats = scatter(site, town.code, x0, y0, len(members), COMMUNITY_SPREAD)
        under = np.full(len(members), node)
        nodes = add("community", Kind.AREA, under, lons, lats, community=[item.name for item in members])
        for item, child, cx, cy in zip(members, nodes.tolist(), lons.tolist(), lats.tolist(), strict=True):
            site.communities[item.code] = child
            site.centres[item.code] = (cx, cy)


def _renumber(library: Library, seed: int) -> None:
    """Some road doors had another number before; some doors no longer exist."""
    rng = stream(seed, "renumbered")
    doors = library.nodes(Kind.ROAD_DOOR)
    old = np.unique(rng.choice(doors, size=max(20, int(RENUMBERED_SHARE * len(doors)))))
    for node in old.tolist():
        taken = {library.value("house_number", sibling) for sibling in library.children(library.parent[node]).tolist()}
        former = f"{int(rng.integers(2, 400))}号"
        if former not in taken and former not in library.former_number.values():
            library.former_number[node] = former
    for kind in (Kind.ROAD_DOOR, Kind.VILLAGE_DOOR):
        nodes = library.nodes(kind)
        library.retired[rng.choice(nodes, size=int(RETIRED_SHARE * len(nodes)), replace=False)] = True


def _overlay(library: Library, site: Site) -> None:
    """Development areas that lie over parts of the most urban towns."""
    rng = stream(site.seed, "overlays")
    towns = sorted(range(len(site.city.towns)), key=lambda index: -site.city.towns[index].urban_share)
    start = 0
    for entry in words("places")["overlays"]:
        name = entry["name"].format(county=site.city.short)
        chosen = [site.towns[index] for index in towns[start : start + entry["towns"]]]
        start += entry["towns"]
        roads = np.flatnonzero((library.level == LEVEL["road"]) & np.isin(library.parent, chosen))
        inside = rng.choice(roads, size=min(len(roads), max(4, int(entry["share"] * len(roads)))), replace=False)
        _cover(library, inside, len(library.overlay_names))
        library.overlay_names.append(name)


def _cover(library: Library, roads: np.ndarray, number: int) -> None:
    """Put the overlay on the roads and on everything under them."""
    library.overlay[roads] = number
    for level in range(LEVEL["lane"], LEVEL["room"] + 1):
        nodes = np.flatnonzero((library.level == level) & (library.parent >= 0))
        parents = library.parent[nodes]
        library.overlay[nodes] = np.where(library.overlay[parents] == number, number, library.overlay[nodes])
