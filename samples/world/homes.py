"""Who is registered where, who lives where, and who lets to whom."""

from dataclasses import dataclass

import numpy as np

from samples.randomness import Bools, Ints, stream
from samples.words import words
from samples.world.library import Kind, Library
from samples.world.people import NO_DAY, HouseholdKinds, People

NOWHERE = -1
REGISTERED_SHARES = ((Kind.VILLAGE_DOOR, 0.47), (Kind.FLAT, 0.33), (Kind.ROAD_DOOR, 0.13), (Kind.LANE_DOOR, 0.07))
LET_SHARES = ((Kind.VILLAGE_DOOR, 0.42), (Kind.FLAT, 0.36), (Kind.ROAD_DOOR, 0.12), (Kind.LANE_DOOR, 0.10))
MOVED_WITHIN, MOVED_AWAY = 0.19, 0.07
COLLECTIVE_SINGLES = 0.07
MOVER_RENTS = 0.3
EMPTY_REGISTRATION = 0.03


@dataclass(slots=True)
class Homes:
    """Arrays over households: address nodes (NOWHERE: outside the city, then `place`), moving day, house number there."""

    registered: Ints
    actual: Ints
    place: Ints
    place_number: Ints
    away: Bools
    moved_in: Ints
    rents: Bools
    collective: Bools


@dataclass(slots=True)
class Lettings:
    """Arrays over lettings, one for each tenant of a dwelling: persons, dwelling node, days (NO_DAY: open)."""

    tenant: Ints
    owner: Ints
    dwelling: Ints
    start: Ints
    end: Ints
    rent: Ints


class _Pool:
    """Dwellings of each kind in random order, handed out one after another and anew when used up."""

    def __init__(self, library: Library, rng: np.random.Generator) -> None:
        self.orders = {kind: rng.permutation(_standing(library, kind)) for kind, _ in REGISTERED_SHARES}
        self.used = dict.fromkeys(self.orders, 0)

    def take(self, kind: Kind, count: int) -> Ints:
        order = self.orders[kind]
        start = self.used[kind]
        self.used[kind] = start + count
        return order[(start + np.arange(count)) % len(order)]


def _standing(library: Library, kind: Kind) -> Ints:
    nodes = library.nodes(kind)
    return nodes[~library.retired[nodes]]


def find_homes(library: Library, households: HouseholdKinds, today: int, seed: int) -> Homes:
    """House every household."""
    rng = stream(seed, "homes")
    count = len(households)
    pool = _Pool(library, rng)
    local = ~households.incoming
    registered = np.full(count, NOWHERE, dtype=np.int64)
    _settle(registered, local, REGISTERED_SHARES, pool, rng)
    _crowd(registered, local, rng)
    behind = _leave_behind(library, registered, rng)
    collective = local & (households.size == 1) & (rng.random(count) < COLLECTIVE_SINGLES)
    halls = library.nodes(Kind.DORMITORY_ROOM)
    registered[collective] = rng.choice(halls, int(collective.sum()))
    chance = rng.random(count)
    moved = behind | (local & (chance < MOVED_WITHIN))
    away = local & ~moved & (chance > 1 - MOVED_AWAY)
    rents = households.incoming | (moved & (rng.random(count) < MOVER_RENTS))
    actual = registered.copy()
    actual[moved & ~rents] = pool.take(Kind.FLAT, int((moved & ~rents).sum()))
    _settle(actual, rents, LET_SHARES, pool, rng)
    _share(actual, rents, rng)
    actual[away] = NOWHERE
    places = words("elsewhere")["places"]
    return Homes(
        registered=registered,
        actual=actual,
        place=rng.integers(0, len(places), count),
        place_number=rng.integers(1, 300, count),
        away=away,
        moved_in=today - (rng.beta(1, 2.5, count) * 14000).astype(np.int64) - 30,
        rents=rents,
        collective=collective,
    )


def _settle(home: Ints, who: Bools, shares: tuple[tuple[Kind, float], ...], pool: _Pool, rng: np.random.Generator) -> None:
    """Give the households `who` dwellings of kinds in the given shares."""
    chosen = rng.choice(len(shares), size=len(home), p=[share for _, share in shares])
    for number, (kind, _) in enumerate(shares):
        mine = np.flatnonzero(who & (chosen == number))
        home[mine] = pool.take(kind, len(mine))


def _crowd(registered: Ints, local: Bools, rng: np.random.Generator) -> None:
    """Some households are registered with another one: several households at one address."""
    guests = np.flatnonzero(local & (rng.random(len(registered)) < EMPTY_REGISTRATION))
    hosts = rng.choice(np.flatnonzero(local), len(guests))
    registered[guests] = registered[hosts]


def _leave_behind(library: Library, registered: Ints, rng: np.random.Generator) -> Bools:
    """Some households are still registered at doors that no longer exist; answers which."""
    gone = np.flatnonzero(library.retired)
    movers = rng.choice(np.flatnonzero(registered >= 0), size=min(len(gone), len(registered) // 10), replace=False)
    registered[movers] = gone[: len(movers)]
    behind = np.zeros(len(registered), dtype=np.bool_)
    behind[movers] = True
    return behind


def _share(actual: Ints, rents: Bools, rng: np.random.Generator) -> None:
    """Tenants of different households share dwellings."""
    renters = np.flatnonzero(rents)
    sharers = renters[rng.random(len(renters)) < 0.4]
    actual[sharers] = actual[rng.choice(renters, len(sharers))]


def let_dwellings(people: People, households: HouseholdKinds, homes: Homes, today: int, seed: int) -> Lettings:
    """One letting for each adult tenant, some of them former ones at another dwelling."""
    rng = stream(seed, "lettings")
    renting = homes.rents[people.household] & (people.age >= 16) & (rng.random(len(people)) < 0.9)
    tenant = np.flatnonzero(renting)
    dwelling = homes.actual[people.household[tenant]]
    since = today - rng.integers(10, 1500, len(households))
    start = since[people.household[tenant]]
    length = rng.choice([183, 365, 730, 1095], size=len(households))[people.household[tenant]]
    end = np.where(rng.random(len(tenant)) < 0.25, NO_DAY, np.maximum(start + length, today + 20))
    former = np.flatnonzero(rng.random(len(tenant)) < 0.12)
    earlier = rng.choice(dwelling, len(former))
    early_end = start[former] - rng.integers(0, 60, len(former))
    early_start = early_end - rng.integers(90, 700, len(former))
    dwelling = np.concatenate([dwelling, earlier])
    return Lettings(
        tenant=np.concatenate([tenant, tenant[former]]),
        owner=_owners(people, households, dwelling, rng),
        dwelling=dwelling,
        start=np.concatenate([start, early_start]),
        end=np.concatenate([end, early_end]),
        rent=rng.integers(3, 60, len(dwelling)) * 50,
    )


def move_out(people: People, homes: Homes, today: int, seed: int) -> Ints:
    """Day on which the registration of those who live elsewhere moved away, NO_DAY for the others and those who never told."""
    rng = stream(seed, "moving out")
    told = homes.away[people.household] & (rng.random(len(people)) < 0.5)
    came = np.where(homes.moved_in[people.household] > people.born, homes.moved_in[people.household], people.born)
    return np.where(told, np.maximum(today - rng.integers(20, 2000, len(people)), came + 1), NO_DAY)


def _owners(people: People, households: HouseholdKinds, dwelling: Ints, rng: np.random.Generator) -> Ints:
    """One owner for each dwelling: an adult head of a local household."""
    heads = households.first[~households.incoming]
    heads = heads[people.age[heads] >= 25]
    distinct, position = np.unique(dwelling, return_inverse=True)
    return rng.choice(heads, len(distinct))[position]
