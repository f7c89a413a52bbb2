"""What civil affairs registers of people: subsidies of the disabled, marriages and divorces, cremations."""

from dataclasses import dataclass
from random import Random

import numpy as np

from samples.randomness import plain_stream, stream
from samples.world.city import City
from samples.world.homes import Homes
from samples.world.people import NO_DAY, HouseholdKinds, People

DISABLED_SHARE, BOTH_SHARE, STOPPED_SHARE = 0.0105, 0.2, 0.05
MARRIED_SHARE, DIVORCED_SHARE = 0.031, 0.22
REGISTERED_DEATHS = 0.88
REISSUED, REMARRIED, WIDOWED, ANNULLED = 0.04, 0.06, 0.06, 3
YEAR = 365


@dataclass(slots=True)
class Subsidy:
    """One subsidy of a disabled person; months as days from 1970-01-01 of their first day, None while it is paid."""

    person: int
    number: str
    kind: int
    grade: int
    is_nursing: bool
    amount: int
    started: int
    stopped: int | None


@dataclass(slots=True)
class Marriage:
    """What was registered of a couple on a day."""

    number: str
    business: str
    day: int
    husband: int
    wife: int


@dataclass(slots=True)
class Death:
    """A cremation: `died` is the day that the funeral parlour was told."""

    person: int
    number: str
    died: int
    cremated: int


def pay_subsidies(city: City, people: People, households: HouseholdKinds, homes: Homes, today: int, seed: int) -> list[Subsidy]:
    """Subsidies of local people of any age; some of them get both kinds, some have died since."""
    rng = plain_stream(seed, "subsidies")
    local = np.flatnonzero(~households.incoming[people.household] & (homes.registered[people.household] >= 0))
    likely = 1 + 2.0 * (people.age[local] > 60) + 12.0 * (people.died[local] > NO_DAY)
    count = max(int(DISABLED_SHARE * len(people)), 12)
    chosen = np.sort(stream(seed, "subsidies").choice(local, size=count, replace=False, p=likely / likely.sum()))
    found: list[Subsidy] = []
    for person in chosen.tolist():
        kind, grade = rng.choices(range(1, 8), [15, 12, 4, 45, 12, 10, 2])[0], rng.choices(range(1, 5), [20, 30, 30, 20])[0]
        both = rng.random() < BOTH_SHARE
        for is_nursing in (False, True) if both else (grade < 3,):
            started = _month(today - rng.randrange(90, 3000))
            stopped = _month(today) if rng.random() < STOPPED_SHARE else None
            amount = rng.choice([125, 250, 500] if is_nursing else [332, 442])
            found.append(Subsidy(person, f"BT{city.code}{len(found) + 1:06d}", kind, grade, is_nursing, amount, started, stopped))
    return found


def _month(day: int) -> int:
    """The first day of a day's month."""
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


class _Register:
    """Numbers what it is told."""

    def __init__(self, city: City) -> None:
        self.code = city.code
        self.found: list[Marriage] = []

    def add(self, business: str, day: int, husband: int, wife: int) -> None:
        letter = {"结婚": "J", "离婚": "L", "撤销": "C"}.get(business, "B")
        year = int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) + 1970
        self.found.append(Marriage(f"{letter}{self.code}-{year}-{len(self.found) + 1:06d}", business, day, husband, wife))


def marry(city: City, people: People, today: int, seed: int) -> list[Marriage]:
    """Marriages of couples who live together, divorces, second marriages, reissued certificates; by day, so that one person's rows lie apart."""
    rng = plain_stream(seed, "marriages")
    register = _Register(city)
    spouses = np.flatnonzero(people.relation == "1")
    heads = np.searchsorted(people.household, people.household[spouses])
    couples = [
        (h, s) if people.male[h] else (s, h)
        for h, s in zip(heads.tolist(), spouses.tolist(), strict=True)
        if people.male[h] != people.male[s]
    ]
    rng.shuffle(couples)
    divorced = [_of(people, "40", male) for male in (True, False)]
    former = [rng.sample(group, len(group)) for group in divorced]
    for husband, wife in couples[: int(MARRIED_SHARE * len(people))]:
        day = _grown(people, husband, wife, today, rng)
        if rng.random() < REMARRIED and former[1] and day - 4 * YEAR > people.born[former[1][-1]] + 22 * YEAR:
            earlier = former[1].pop()
            register.add("结婚", day - 4 * YEAR, husband, earlier)
            register.add("离婚", day - rng.randrange(100, 3 * YEAR), husband, earlier)
        register.add("结婚", day, husband, wife)
        if rng.random() < REISSUED:
            register.add("补领结婚证", rng.randrange(day, _last_day(people, husband, wife, today) + 1), husband, wife)
    for _ in range(min(int(MARRIED_SHARE * DIVORCED_SHARE * len(people)), *map(len, former))):
        _divorce(register, people, former[0].pop(), former[1].pop(), today, rng)
    _add_widowed_and_annulled(register, people, couples, today, rng)
    return sorted(register.found, key=lambda each: (each.day, each.number))


def _divorce(register: _Register, people: People, husband: int, wife: int, today: int, rng: Random) -> None:
    day = _grown(people, husband, wife, today, rng)
    register.add("结婚", day, husband, wife)
    register.add("离婚", rng.randrange(day + 1, _last_day(people, husband, wife, today) + 2), husband, wife)


def _add_widowed_and_annulled(register: _Register, people: People, couples: list[tuple[int, int]], today: int, rng: Random) -> None:
    """Nobody registers that a marriage ended by death; an annulled one never was."""
    widowed = [_of(people, "30", male) for male in (True, False)]
    for husband, wife in list(zip(*widowed, strict=False))[: int(WIDOWED * MARRIED_SHARE * len(people))]:
        register.add("结婚", _grown(people, husband, wife, today, rng), husband, wife)
    single = [[person for person in _of(people, "10", male) if people.age[person] > 24] for male in (True, False)]
    for husband, wife in list(zip(*single, strict=False))[:ANNULLED]:
        day = _grown(people, husband, wife, today, rng)
        register.add("结婚", day, husband, wife)
        register.add("撤销", rng.randrange(day + 1, _last_day(people, husband, wife, today) + 2), husband, wife)


def _of(people: People, marital: str, male: bool) -> list[int]:
    """Adults of a marital state."""
    found: list[int] = np.flatnonzero((people.marital == marital) & (people.male == male) & (people.age >= 23)).tolist()
    return found


def _grown(people: People, husband: int, wife: int, today: int, rng: Random) -> int:
    """A day on which both were of age and alive."""
    earliest, last = max(int(people.born[husband]), int(people.born[wife])) + 22 * YEAR, _last_day(people, husband, wife, today)
    return rng.randrange(min(earliest, last - 60), last)


def _last_day(people: People, husband: int, wife: int, today: int) -> int:
    """The last day on which both lived, before yesterday."""
    return min([today - 2, *(int(people.died[person]) - 2 for person in (husband, wife) if people.died[person] > NO_DAY)])


def cremate(city: City, people: People, today: int, seed: int) -> list[Death]:
    """Those of the dead whom the funeral parlour of the city knows; now and then it was told another day than the police."""
    rng = plain_stream(seed, "deaths")
    found: list[Death] = []
    for person in np.flatnonzero(people.died > NO_DAY).tolist():
        if rng.random() < REGISTERED_DEATHS:
            died = int(people.died[person])
            found.append(Death(person, f"HH{city.code}{len(found) + 1:06d}", died, min(died + rng.randrange(2, 6), today - 1)))
    return found
