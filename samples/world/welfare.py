"""Households that live on subsistence allowance, and social organisations."""

from dataclasses import dataclass

import numpy as np

from samples.identifiers import credit_codes
from samples.randomness import plain_stream, stream
from samples.words import words
from samples.world.city import City
from samples.world.homes import Homes
from samples.world.library import LEVEL, Kind, Library
from samples.world.people import NO_DAY, HouseholdKinds, People

POOR_SHARE = 0.022
SOCIETIES_PER_PERSON = 0.0024


@dataclass(slots=True)
class PoorHousehold:
    """A household on allowance; `members` are persons, the first is the head; days count from 1970-01-01."""

    household: int
    certificate: str
    category: str
    members: list[int]
    covered: int
    approved: int
    income: int
    amount: int
    cause: str


@dataclass(slots=True)
class Society:
    """A social organisation."""

    uscc: str
    number: str
    name: str
    kind: str
    state: str
    registered: int
    office: int
    founded: int
    representative: int
    capital: int
    supervisor: str


def support_households(
    city: City, library: Library, people: People, households: HouseholdKinds, homes: Homes, today: int, seed: int
) -> list[PoorHousehold]:
    """Choose local households, the old and those with children of one parent first."""
    rng = stream(seed, "welfare")
    draw = plain_stream(seed, "welfare")
    local = np.flatnonzero(~households.incoming & (homes.registered >= 0) & (people.age[households.first] >= 22))
    weight = 1 + 3.0 * (people.age[households.first[local]] > 60) + 4.0 * (people.died[households.first[local]] > NO_DAY)
    count = min(max(int(POOR_SHARE * len(local)), 12), len(local) // 3)
    chosen = np.sort(rng.choice(local, size=count, replace=False, p=weight / weight.sum()))
    causes = words("texts")["causes"]
    found = []
    for number, household in enumerate(chosen.tolist()):
        first, size = int(households.first[household]), int(households.size[household])
        rural = library.kind[homes.registered[household]] == Kind.VILLAGE_DOOR
        found.append(
            PoorHousehold(
                household=household,
                certificate=f"{city.code}{'R' if rural else 'C'}{number + 1:06d}",
                category=draw.choices(["农村低保" if rural else "城市低保", "低保边缘", "特困分散"], [8, 2, 1])[0],
                members=list(range(first, first + size)),
                covered=draw.randrange(1, size + 1),
                approved=today - draw.randrange(40, 3000),
                income=draw.randrange(0, 18) * 100,
                amount=draw.randrange(4, 12) * 100 + draw.choice([0, 0, 50]),
                cause=draw.choice(causes),
            )
        )
    return found


def found_societies(city: City, library: Library, people: People, persons: int, today: int, seed: int) -> list[Society]:
    """Associations, old people's associations of villages, kindergartens and the like."""
    rng = plain_stream(seed, "societies")
    table = words("texts")
    communities = np.flatnonzero(library.level == LEVEL["community"]).tolist()
    offices = library.nodes(Kind.TOWER_ROOM, Kind.ROAD_DOOR, Kind.PUBLIC_PLACE).tolist()
    adults = np.flatnonzero((people.age >= 30) & (people.age <= 80)).tolist()
    found: list[Society] = []
    taken: set[str] = set()
    for number in range(max(int(SOCIETIES_PER_PERSON * persons), 25)):
        community = rng.choice(communities)
        place, town = library.value("community", community), library.value("town", community)
        name, kind, node = rng.choice(
            [
                (f"{city.county}{town}{place}老年人协会", "社会团体", community),
                (f"{city.county}{rng.choice(table['society_words'])}协会", "社会团体", rng.choice(offices)),
                (f"{city.county}{place}{rng.choice(table['welfare_words'])}", "民办非企业单位", rng.choice(offices)),
                (f"{city.county}{town}{rng.choice(table['society_words'])}协会", "社会团体", rng.choice(offices)),
            ]
        )
        while name in taken:
            name = name.removesuffix("分会") + f"第{rng.randrange(2, 10**4)}分会"
        taken.add(name)
        prefix = "51" if kind == "社会团体" else "52"
        found.append(
            Society(
                uscc=credit_codes([prefix], [city.code], [f"MJX{number:05d}"])[0],
                number=f"{city.county[0]}社证字第{number + 1:05d}号",
                name=name,
                kind=kind,
                state=rng.choices(["正常", "注销", "撤销"], [90, 8, 2])[0],
                registered=node,
                office=node if rng.random() < 0.75 else rng.choice(offices),
                founded=today - rng.randrange(100, 9000),
                representative=rng.choice(adults),
                capital=rng.choice([1, 3, 3, 5, 10, 30, 100]),
                supervisor=rng.choice(table["supervisors"]),
            )
        )
    return found
