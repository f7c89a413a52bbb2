"""Homes for old people: social organisations that civil affairs registers, with beds."""

from dataclasses import dataclass

import numpy as np

from samples.identifiers import credit_codes, food_licence_number
from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import City
from samples.world.library import Kind, Library
from samples.world.people import NO_DAY, People
from samples.world.welfare import Society

HOMES_PER_PERSON = 0.0006
FIRST_LICENCE = 900_000


@dataclass(slots=True)
class CareHome:
    """A home of social organisation number `society`; days count from 1970-01-01."""

    society: int
    record: str
    ownership: str
    beds: int
    nursing_beds: int
    residents: int
    dependent: int
    grade: str
    is_fire_approved: bool
    food_licence: str


def found_care_homes(
    city: City, library: Library, people: People, persons: int, first: int, today: int, seed: int
) -> tuple[list[Society], list[CareHome]]:
    """The organisations, numbered from `first` on among the social organisations, and what makes them homes."""
    rng = plain_stream(seed, "care homes")
    table = words("texts")
    sites = library.nodes(Kind.ROAD_DOOR, Kind.VILLAGE_DOOR)
    sites = sites[~library.retired[sites]].tolist()
    adults = np.flatnonzero((people.age >= 30) & (people.age <= 65) & (people.died == NO_DAY)).tolist()
    names = [f"{city.county}{word}{tail}" for word in table["care_home_words"] for tail in table["care_home_tails"]]
    societies, homes = [], []
    for number, name in enumerate(rng.sample(names, min(max(int(HOMES_PER_PERSON * persons), 6), len(names)))):
        site = rng.choice(sites)
        code = credit_codes(["52"], [city.code], [f"MJY{number:05d}"])[0]
        societies.append(
            Society(
                uscc=code,
                number=f"{city.county[0]}民证字第{number + 1:05d}号",
                name=name,
                kind="民办非企业单位",
                state="正常",
                registered=site,
                office=site,
                founded=today - rng.randrange(400, 6000),
                representative=rng.choice(adults),
                capital=rng.choice([10, 30, 50, 100]),
                supervisor=city.departments["civil_affairs"],
            )
        )
        beds = rng.randrange(3, 30) * 10
        residents = rng.randrange(beds // 3, beds)
        homes.append(
            CareHome(
                society=first + number,
                record=f"{city.code}YL{number + 1:04d}",
                ownership=rng.choice(["公办", "民办", "民办", "公建民营"]),
                beds=beds,
                nursing_beds=beds * rng.randrange(3, 9) // 10,
                residents=residents,
                dependent=residents * rng.randrange(1, 8) // 10,
                grade=rng.choice(["", "一级", "二级", "三级", "四级"]),
                is_fire_approved=rng.random() < 0.9,
                food_licence=food_licence_number(3, city.code, FIRST_LICENCE + number),
            )
        )
    return societies, homes
