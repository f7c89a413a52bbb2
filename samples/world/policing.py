"""What the police hear of and look after: calls with what came of them, accidents on the roads, cameras in public places."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import numpy as np

from samples.randomness import Ints, plain_stream
from samples.words import words
from samples.world.city import City
from samples.world.firms import Firm
from samples.world.homes import Homes
from samples.world.library import Kind, Library
from samples.world.people import People

CALLS_PER_PERSON, ACCIDENTS_PER_PERSON, CAMERAS_PER_PERSON = 0.06, 0.01, 0.0075
DAY, YEAR = 86_400, 365
REPEATED_SHARE, RELATED_SHARE, FED_BACK_TWICE_SHARE = 0.05, 0.03, 0.04
OUTDOORS = (Kind.ROAD_DOOR, Kind.LANE_DOOR, Kind.VILLAGE_DOOR, Kind.PUBLIC_PLACE)
PLATE_SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(slots=True)
class Feedback:
    """What a patrol told after a call; instants are seconds from 1970-01-01, local."""

    number: str
    told: int
    arrived: int
    handled: int
    result: tuple[str, str]
    caught: int
    injured: int
    dead: int
    rescued: int
    loss: int


@dataclass(slots=True)
class Call:
    """A call to 110: kind as listed in `data/policing.yaml`, the reporting person, library node; `dispatched` None where nobody had to go."""

    number: str
    kind: dict[str, Any]
    says: str
    person: int
    node: int
    reported: int
    received: int
    ended: int
    repeats: str
    relates: str
    dispatch: str
    dispatched: int | None
    arrived: int
    feedbacks: list[Feedback]


@dataclass(slots=True)
class Party:
    """One side of an accident: role, person (-1 nobody, as for a parked car), plate (empty for who walks)."""

    role: str
    person: int
    plate: str


@dataclass(slots=True)
class Accident:
    """An accident on the road at a library node; `happened` in seconds from 1970-01-01, local."""

    number: str
    node: int
    happened: int
    form: str
    parties: tuple[Party, ...]
    injured: int
    dead: int
    loss: int


@dataclass(slots=True)
class Camera:
    """A camera at a library node, built by firm number `firm`, -1 for an authority."""

    number: str
    node: int
    kind: str
    firm: int
    installed: int


def take_calls(city: City, library: Library, people: People, homes: Homes, today: int, seed: int) -> list[Call]:
    """The calls of a year, in order of time; some repeat or follow an earlier one."""
    rng = plain_stream(seed, "calls")
    kinds = words("policing")["calls"]
    adults = np.flatnonzero((people.age >= 16) & (homes.actual[people.household] >= 0) & (people.phones > 0))
    outdoors = _standing(library, *OUTDOORS)
    count = max(40, int(CALLS_PER_PERSON * len(people)))
    times = sorted(today * DAY - rng.randrange(600, YEAR * DAY) for _ in range(count))
    chosen = rng.choices(kinds, [kind["weight"] for kind in kinds], k=count)
    calls: list[Call] = []
    for reported, kind in zip(times, chosen, strict=True):
        person = int(rng.choice(adults))
        node = int(homes.actual[people.household[person]]) if kind["home"] else int(rng.choice(outdoors))
        number = f"{city.code}{_day(reported)}{len(calls) + 1:06d}"
        call = _call(rng, number, kind, person, node, reported)
        if calls and rng.random() < REPEATED_SHARE:
            earlier = calls[-1]
            call.kind, call.node, call.says, call.repeats = earlier.kind, earlier.node, earlier.says, earlier.number
            call.dispatched, call.feedbacks = None, []
        elif calls and rng.random() < RELATED_SHARE:
            call.relates = rng.choice(calls).number
        calls.append(call)
    return calls


def _call(rng: Random, number: str, kind: dict[str, Any], person: int, node: int, reported: int) -> Call:
    received = reported + rng.randrange(3, 40)
    ended = received + rng.randrange(20, 300)
    dispatched = None if kind.get("idle") else ended + rng.randrange(10, 120)
    arrived = ended + 120 + rng.randrange(120, 1500)
    feedbacks = [_feedback(rng, number, kind, arrived, 1)] if dispatched is not None else []
    if feedbacks and rng.random() < FED_BACK_TWICE_SHARE:
        feedbacks.append(_feedback(rng, number, kind, feedbacks[0].handled + rng.randrange(600, 7200), 2))
    return Call(
        number=number,
        kind=kind,
        says=rng.choice(kind["says"]),
        person=person,
        node=node,
        reported=reported,
        received=received,
        ended=ended,
        repeats="",
        relates="",
        dispatch=f"C{number}",
        dispatched=dispatched,
        arrived=arrived,
        feedbacks=feedbacks,
    )


def _feedback(rng: Random, number: str, kind: dict[str, Any], arrived: int, turn: int) -> Feedback:
    handled = arrived + rng.randrange(300, 7000)
    violent = kind.get("accident") or kind.get("fire")
    return Feedback(
        number=f"F{number}{turn:02d}",
        told=handled + rng.randrange(60, 3600),
        arrived=arrived,
        handled=handled,
        result=tuple(rng.choice(kind["ends"])),
        caught=int(rng.random() < 0.03),
        injured=rng.choice([0, 0, 0, 1, 2]) if violent else 0,
        dead=int(bool(violent) and rng.random() < 0.01),
        rescued=rng.choice([0, 1]) if kind.get("fire") else 0,
        loss=rng.choice([0, 0, 200, 800, 3500, 12000]),
    )


def crash(city: City, library: Library, people: People, today: int, seed: int) -> list[Accident]:
    """The accidents of two years, in order of time."""
    rng = plain_stream(seed, "accidents")
    table = words("policing")["accidents"]
    adults = np.flatnonzero((people.age >= 18) & (people.age <= 75))
    roads = _standing(library, Kind.ROAD_DOOR)
    count = max(20, int(ACCIDENTS_PER_PERSON * len(people)))
    times = sorted(today * DAY - rng.randrange(600, 2 * YEAR * DAY) for _ in range(count))
    forms = rng.choices(list(table["forms"]), list(table["forms"].values()), k=count)
    accidents = []
    for number, (happened, form) in enumerate(zip(times, forms, strict=True), start=1):
        dead = int(rng.random() < 0.02)
        accidents.append(
            Accident(
                number=f"SG{city.code}{_day(happened)}{number:05d}",
                node=int(rng.choice(roads)),
                happened=happened,
                form=form,
                parties=_parties(rng, form, adults),
                injured=rng.choice([0, 0, 1, 1, 2]) if form != "刮擦" else 0,
                dead=dead,
                loss=int(rng.lognormvariate(8, 1)),
            )
        )
    return accidents


def _parties(rng: Random, form: str, adults: Ints) -> tuple[Party, ...]:
    driver = Party("机动车驾驶人", *_driver(rng, adults))
    if form == "单车侧翻":
        return (driver,)
    if form == "碰撞行人":
        return driver, Party("行人", int(rng.choice(adults)), "")
    if form == "碰撞静止车辆":
        return driver, Party("当事人", -1, plate_of(int(rng.choice(adults))))
    return driver, Party(rng.choice(["机动车驾驶人", "机动车驾驶人", "非机动车驾驶人"]), *_driver(rng, adults))


def _driver(rng: Random, adults: Ints) -> tuple[int, str]:
    person = int(rng.choice(adults))
    return person, plate_of(person)


def plate_of(person: int) -> str:
    """The plate of a person's car; one in nine is a new-energy car."""
    heads = words("policing")["accidents"]["plate_heads"]
    head, number = heads[person % len(heads)], person * 7919 % 34**4
    if person % 9 == 0:
        return f"{head}D{person * 31 % 100_000:05d}"
    signs = ""
    for _ in range(4):
        number, sign = divmod(number, len(PLATE_SIGNS))
        signs = PLATE_SIGNS[sign] + signs
    return f"{head}{signs}{person % 10}"


def install_cameras(city: City, library: Library, firms: list[Firm], persons: int, today: int, seed: int) -> list[Camera]:
    """The cameras of public places; those of the third kind were built by firms before their own door."""
    rng = plain_stream(seed, "cameras")
    kinds = words("policing")["cameras"]["kinds"]
    outdoors = _standing(library, *OUTDOORS)
    cameras = []
    for number in range(1, max(20, int(CAMERAS_PER_PERSON * persons)) + 1):
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        firm = rng.randrange(len(firms)) if kind == "三类" else -1
        node = firms[firm].operating if firm >= 0 else int(rng.choice(outdoors))
        cameras.append(Camera(f"{city.code}00001310{number:06d}", node, kind, firm, today - rng.randrange(30, 4000)))
    return cameras


def _standing(library: Library, *kinds: Kind) -> Ints:
    nodes = library.nodes(*kinds)
    return nodes[~library.retired[nodes]]


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d}"
