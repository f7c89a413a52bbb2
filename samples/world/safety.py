"""What befalls organisations and homes, and who looks after their safety: inspections, accidents, fires, key units of fire safety."""

from dataclasses import dataclass
from random import Random

import numpy as np

from samples.randomness import Ints, plain_stream
from samples.words import words
from samples.world.firms import Firm
from samples.world.homes import Homes
from samples.world.people import HouseholdKinds, People

INSPECTIONS_PER_PERSON, ACCIDENTS_PER_PERSON, FIRES_PER_PERSON, KEY_UNITS_PER_PERSON = 0.02, 0.0015, 0.004, 0.003
FINED_SHARE, FIRES_AT_FIRMS = 0.15, 0.55
DAY_MINUTES = 1440


@dataclass(slots=True)
class Inspection:
    """A safety inspection of firm number `firm`; days count from 1970-01-01, None for what has not come."""

    firm: int
    number: str
    plan: str
    inspected: int
    problems: int
    reviewed: int | None
    document: str
    decided: int | None
    fine: int
    closed: int | None


@dataclass(slots=True)
class WorkAccident:
    """An accident at work at firm number `firm`; `minute` counts from 1970-01-01, the loss is in ten thousand yuan."""

    firm: int
    number: str
    kind: str
    minute: int
    dead: int
    seriously: int
    slightly: int
    loss: float
    cause: str
    investigation: str
    closed: int | None

    @property
    def grade(self) -> str:
        """The grade that the deaths alone make."""
        return "较大事故" if self.dead >= 3 else "一般事故"


@dataclass(slots=True)
class Fire:
    """A fire at a node, of firm number `firm` or of the household of person `householder`; the other is -1. Minutes from 1970-01-01."""

    number: str
    node: int
    firm: int
    householder: int
    place: str
    minutes: tuple[int, int, int, int]
    area: int
    dead: int
    injured: int
    loss: int


@dataclass(slots=True)
class KeyUnit:
    """A key unit of fire safety: firm number `firm`, who answers for it and who manages it."""

    firm: int
    kind: str
    principal: int
    manager: int
    area: int
    floors: int
    height: float
    checked: int


def inspect_firms(firms: list[Firm], persons: int, today: int, seed: int) -> list[Inspection]:
    """Inspections of two years at firms of every kind."""
    rng = plain_stream(seed, "inspections")
    plans = words("texts")["inspection_plans"]
    return [
        _inspection(rng, rng.randrange(len(firms)), number, rng.choice(plans), today)
        for number in range(_count(INSPECTIONS_PER_PERSON, persons))
    ]


def _inspection(rng: Random, firm: int, number: int, plan: str, today: int) -> Inspection:
    inspected = today - rng.randrange(3, 730)
    problems = rng.choice([0, 0, 1, 1, 2, 3, 5])
    reviewed = inspected + rng.randrange(5, 40) if problems else None
    fined = problems > 1 and rng.random() < FINED_SHARE * 2
    decided = inspected + rng.randrange(15, 60) if fined else None
    reviewed, decided = (day if day is not None and day < today else None for day in (reviewed, decided))
    last = max(day for day in (inspected, reviewed, decided) if day is not None)
    year = 1970 + int(inspected / 365.25)
    return Inspection(
        firm=firm,
        number=f"JC{year}{number + 1:06d}",
        plan=plan,
        inspected=inspected,
        problems=problems,
        reviewed=reviewed,
        document=f"（瑞）应急罚〔{year}〕{number + 1}号" if decided is not None else "",
        decided=decided,
        fine=rng.choice([5000, 10000, 20000, 30000, 49000]) if decided is not None else 0,
        closed=last if reviewed is not None or not problems else None,
    )


def suffer_accidents(firms: list[Firm], persons: int, today: int, seed: int) -> list[WorkAccident]:
    """Accidents of five years, most of them in factories and on building sites."""
    rng = plain_stream(seed, "accidents")
    table = words("texts")
    risky = [index for index, firm in enumerate(firms) if firm.trade["section"] in "CEG"]
    found = []
    for number in range(_count(ACCIDENTS_PER_PERSON, persons)):
        day = today - rng.randrange(10, 1825)
        closed = day + rng.randrange(40, 200)
        dead = rng.choices([0, 1, 2, 3, 4], [35, 45, 10, 6, 4])[0]
        found.append(
            WorkAccident(
                firm=rng.choice(risky),
                number=f"SG{1970 + int(day / 365.25)}{number + 1:04d}",
                kind=rng.choice(table["accident_kinds"]),
                minute=day * DAY_MINUTES + rng.randrange(6 * 60, 22 * 60),
                dead=dead,
                seriously=rng.choice([0, 0, 1, 2]) if dead else rng.choice([1, 1, 2]),
                slightly=rng.choice([0, 0, 1, 3]),
                loss=round(rng.lognormvariate(4, 0.8), 2),
                cause=rng.choice(table["accident_causes"]),
                investigation=table["investigations"][2 if closed < today else rng.randrange(2)],
                closed=closed if closed < today else None,
            )
        )
    return found


def burn(firms: list[Firm], people: People, households: HouseholdKinds, homes: Homes, today: int, seed: int) -> list[Fire]:
    """Fires of three years at firms and in homes."""
    rng = plain_stream(seed, "fires")
    places = words("texts")["fire_places"]
    housed = np.flatnonzero(homes.actual >= 0).tolist()
    found = []
    for number in range(_count(FIRES_PER_PERSON, len(people))):
        at_firm = rng.random() < FIRES_AT_FIRMS
        firm, household = rng.randrange(len(firms)), rng.choice(housed)
        ignited = (today - rng.randrange(5, 1095)) * DAY_MINUTES + rng.randrange(DAY_MINUTES)
        reported = ignited + rng.randrange(2, 25)
        arrived = reported + rng.randrange(4, 20)
        found.append(
            Fire(
                number=f"HZ{1970 + int(ignited / DAY_MINUTES / 365.25)}{number + 1:05d}",
                node=firms[firm].operating if at_firm else int(homes.actual[household]),
                firm=firm if at_firm else -1,
                householder=-1 if at_firm else int(households.first[household]),
                place=rng.choice(places["firm" if at_firm else "home"]),
                minutes=(ignited, reported, arrived, arrived + rng.randrange(6, 240)),
                area=rng.choice([2, 5, 10, 20, 50, 120, 300]),
                dead=rng.choices([0, 1, 2], [94, 5, 1])[0],
                injured=rng.choices([0, 1, 2], [88, 9, 3])[0],
                loss=rng.randrange(1, 400) * 500,
            )
        )
    return found


def list_key_units(firms: list[Firm], people: People, employer: Ints, today: int, seed: int) -> list[KeyUnit]:
    """The firms in business that a fire would cost most: the chemical ones and the largest."""
    rng = plain_stream(seed, "key units")
    kinds = words("texts")["key_unit_kinds"]
    working = [index for index, firm in enumerate(firms) if firm.state == "1" and firm.form in ("company", "factory")]
    chosen = sorted(working, key=lambda index: (not firms[index].trade.get("chemical"), -firms[index].staff, index))
    adults = np.flatnonzero((people.age >= 25) & (people.age <= 60)).tolist()
    found = []
    for index in chosen[: _count(KEY_UNITS_PER_PERSON, len(people))]:
        staff = np.flatnonzero(employer == index).tolist()
        floors = rng.choice([1, 2, 3, 4, 5, 6, 9, 18])
        found.append(
            KeyUnit(
                firm=index,
                kind=rng.choice(kinds.get(firms[index].trade["section"], kinds["other"])),
                principal=firms[index].representative,
                manager=rng.choice(staff or adults),
                area=rng.randrange(5, 200) * 100,
                floors=floors,
                height=round(floors * rng.uniform(3, 4.5), 1),
                checked=today - rng.randrange(5, 360),
            )
        )
    return found


def _count(share: float, persons: int) -> int:
    return max(int(share * persons), 10)
