"""The invented people: age, sex, name, number, phone, schooling, and whether they still live."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from samples.identifiers import citizen_numbers, in_sequence
from samples.randomness import Bools, Floats, Ints, Objects, stream, weights
from samples.words import words
from samples.world.doubles import make_namesakes, make_twins, share_phones

LOCAL_SHARE = 0.78
FOREIGN_DIVISION_SHARE = 0.12
NO_DAY = -(10**6)


@dataclass(slots=True)
class People:
    """Arrays over persons; days count from 1970-01-01, NO_DAY where there is none."""

    household: Ints
    relation: Objects
    male: Bools
    age: Ints
    born: Ints
    died: Ints
    names: list[str]
    former_names: dict[int, str]
    numbers: list[str]
    phones: Ints
    nation: Objects
    education: Objects
    marital: Objects
    division: Ints

    def __len__(self) -> int:
        return len(self.household)


@dataclass(slots=True)
class HouseholdKinds:
    """Arrays over households: kind, incoming or local, and the slice of persons they own."""

    kind: Ints
    incoming: Bools
    first: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.kind)


def draw_households(persons: int, seed: int) -> HouseholdKinds:
    """Draw households until they hold `persons` people."""
    rng = stream(seed, "households")
    kinds = words("households")["kinds"]
    sizes = np.array([1 + len(kind["members"]) for kind in kinds])
    count = persons
    incoming = rng.random(count) > LOCAL_SHARE * 0.86
    local_kind = rng.choice(len(kinds), size=count, p=weights([kind["local"] for kind in kinds]))
    incoming_kind = rng.choice(len(kinds), size=count, p=weights([kind["incoming"] for kind in kinds]))
    kind = np.where(incoming, incoming_kind, local_kind)
    ends = np.cumsum(sizes[kind])
    used = int(np.searchsorted(ends, persons)) + 1
    kind, incoming, ends = kind[:used], incoming[:used], ends[:used]
    return HouseholdKinds(kind, incoming, ends - sizes[kind], sizes[kind])


def draw_people(households: HouseholdKinds, county_code: int, today: date, seed: int) -> People:
    """Draw the members of the households as of `today`."""
    rng = stream(seed, "people")
    kinds = words("households")["kinds"]
    size = int(households.size.sum())
    household = np.repeat(np.arange(len(households)), households.size)
    position = np.arange(size) - households.first[household]
    kind = households.kind[household]
    longest = max(len(entry["members"]) for entry in kinds) + 1
    relation_of = np.full((len(kinds), longest), "0", dtype=object)
    generation_of = np.zeros((len(kinds), longest), dtype=np.int64)
    sex_of = np.zeros((len(kinds), longest), dtype=np.int64)
    for row, entry in enumerate(kinds):
        for column, (code, generation, sex) in enumerate(entry["members"], start=1):
            relation_of[row, column], generation_of[row, column] = code, generation
            sex_of[row, column] = {"same": 0, "other": 1, "any": 2}[sex]
    head_male = rng.random(len(households)) < 0.72
    sex = sex_of[kind, position]
    any_sex = rng.random(size) < 0.515
    male = np.where(sex == 2, any_sex, head_male[household] ^ (sex == 1))
    generation = generation_of[kind, position]
    age = _ages(rng, households, household, generation)
    relation = relation_of[kind, position]
    relation = np.where((relation == "3") & male, "2", relation)
    born = _day(today) - age * 365 - age // 4 - rng.integers(0, 360, size)
    incoming = households.incoming[household]
    division = _divisions(rng, incoming, household, len(households), county_code)
    names, surnames = _names(rng, male, generation, position, household)
    make_twins(household, relation, male, age, born, names, seed)
    make_namesakes(household, male, age, born, names, seed)
    return People(
        household=household,
        relation=relation,
        male=male,
        age=age,
        born=born,
        died=_deaths(rng, age, born, _day(today)),
        names=names,
        former_names=_former_names(rng, names, surnames),
        numbers=citizen_numbers(division, _compact(born), in_sequence(division, _compact(born), male)),
        phones=share_phones(household, households.first, _phones(rng, age), seed),
        nation=_nations(rng, incoming, household, len(households)),
        education=_education(rng, age),
        marital=_marital(rng, age, relation, households.size[household]),
        division=division,
    )


def _day(value: date) -> int:
    return (value - date(1970, 1, 1)).days


def _compact(days: Ints) -> Ints:
    """Days as YYYYMMDD numbers."""
    moment = days.astype("datetime64[D]")
    year = moment.astype("datetime64[Y]").astype(np.int64) + 1970
    month = moment.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (moment - moment.astype("datetime64[M]")).astype(np.int64) + 1
    number: Ints = year * 10000 + month * 100 + day
    return number


def _ages(rng: np.random.Generator, households: HouseholdKinds, household: Ints, generation: Ints) -> Ints:
    bounds = np.array([kind["age"] for kind in words("households")["kinds"]])[households.kind]
    spread = rng.beta(1.3, 1.35, len(households))
    head = (bounds[:, 0] + spread * (bounds[:, 1] - bounds[:, 0])).astype(np.int64)
    gap = rng.integers(22, 34, len(generation))
    nudge = np.where(generation == 0, rng.integers(-4, 4, len(generation)), 0)
    nudge[households.first] = 0
    age = head[household] + generation * gap + nudge
    lowest = np.where(generation == 0, 18, 0)
    clipped: Ints = np.clip(age, lowest, 99)
    return clipped


def _divisions(rng: np.random.Generator, incoming: Bools, household: Ints, count: int, county: int) -> Ints:
    """Division where each person was first registered."""
    places = words("elsewhere")["places"]
    share = weights([place[4] for place in places])
    codes = np.array([place[0] for place in places])
    of_household = codes[rng.choice(len(places), size=count, p=share)][household]
    of_person = codes[rng.choice(len(places), size=len(household), p=share)]
    moved = rng.random(len(household)) < FOREIGN_DIVISION_SHARE
    return np.where(incoming, of_household, np.where(moved, of_person, county))


def _names(rng: np.random.Generator, male: Bools, generation: Ints, position: Ints, household: Ints) -> tuple[list[str], Objects]:
    table = words("names")
    listed = np.array(list(table["surnames"]), dtype=object)
    size = len(male)
    own = listed[rng.choice(len(listed), size=size, p=weights(table["surnames"]))]
    first = np.flatnonzero(position == 0)
    inherits = (generation != 0) & ~((generation == 1) & ~male)
    surnames = np.where(inherits, own[first][household], own)
    common = table["shared"] + table["rare"][:2]
    boys = np.array(list(table["male"] * 3 + common), dtype=object)
    girls = np.array(list(table["female"] * 3 + common), dtype=object)
    rare = np.array(list(table["rare"]), dtype=object)

    def characters() -> Objects:
        drawn = np.where(male, boys[rng.integers(0, len(boys), size)], girls[rng.integers(0, len(girls), size)])
        return np.where(rng.random(size) < 0.004, rare[rng.integers(0, len(rare), size)], drawn)

    second = np.where(rng.random(size) < 0.84, characters(), "")
    return (surnames + characters() + second).tolist(), surnames


def _former_names(rng: np.random.Generator, names: list[str], surnames: Objects) -> dict[int, str]:
    given = list(words("names")["shared"])
    changed = np.flatnonzero(rng.random(len(names)) < 0.02)
    return {int(i): f"{surnames[i]}{given[rng.integers(len(given))]}{names[i][-1]}" for i in changed}


def _phones(rng: np.random.Generator, age: Ints) -> Ints:
    """Mobile numbers, 0 for none; exchange 00xx keeps them apart from most real ones."""
    prefixes = np.array(words("households")["mobile_prefixes"])
    numbers = prefixes[rng.integers(0, len(prefixes), len(age))] * 10**8 + rng.integers(0, 10**6, len(age))
    return np.where((age < 12) | (rng.random(len(age)) < 0.06), 0, numbers)


def _nations(rng: np.random.Generator, incoming: Bools, household: Ints, count: int) -> Objects:
    drawn = []
    for group in ("local", "incoming"):
        table = words("households")["nations"][group]
        codes = np.array(list(table), dtype=object)
        drawn.append(codes[rng.choice(len(codes), size=count, p=weights(table))][household])
    return np.where(incoming, drawn[1], drawn[0])


def _education(rng: np.random.Generator, age: Ints) -> Objects:
    codes = np.array(["80", "70", "60", "40", "30", "20", "10"], dtype=object)
    ladder: Floats = np.clip(rng.normal(3.6 - np.maximum(age - 25, 0) * 0.06, 1.3, len(age)), 0, 6)
    step = np.where(age < 12, 0, np.where(age < 15, np.minimum(ladder, 1), np.where(age < 22, np.minimum(ladder, 4), ladder)))
    return np.where(age < 7, "90", codes[step.astype(np.int64)])


def _marital(rng: np.random.Generator, age: Ints, relation: Objects, size: Ints) -> Objects:
    alone = np.where(age > 65, "30", np.where((age > 32) & (rng.random(len(age)) < 0.35), "40", "10"))
    single = np.isin(relation, ["2", "3", "4", "7", "8"]) | ((relation == "0") & (size == 1))
    return np.where(single, np.where(age < 24, "10", alone), "20").astype(object)


def _deaths(rng: np.random.Generator, age: Ints, born: Ints, today: int) -> Ints:
    """Day of death of those who died in the last three years."""
    dies = rng.random(len(age)) < 0.002 + 0.09 * np.exp((np.clip(age, 40, 99) - 80) / 10.0)
    return np.where(dies & (today - born > 1200), today - rng.integers(5, 1100, len(age)), NO_DAY)
