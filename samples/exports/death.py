"""Export of civil affairs: cremations, with a cause of death that nobody may keep."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import Ints

DIFFERING_SHARE = 0.06
CAUSES = ("心脏疾病", "脑血管疾病", "恶性肿瘤", "呼吸系统疾病", "外伤")


def death(desk: Desk) -> Iterator[Table]:
    """All of them, in one table."""
    world, people = desk.world, desk.people
    found = world.deaths
    rng = draws(desk.seed, "death")
    persons = np.array([each.person for each in found], dtype=np.int64)
    died_days = np.array([each.died for each in found], dtype=np.int64)
    told, differing = _told(died_days, rng)
    died, died_forms = write_dates(told, "dashed", rng, 0.1)
    cremated, cremated_forms = write_dates(np.array([each.cremated for each in found], dtype=np.int64), "dashed", rng, 0.05)
    households = people.household[persons]
    homes = world.homes.actual[households]
    table = Table(
        key="cremation_number",
        columns={
            "cremation_number": [each.number for each in found],
            "name": desk.names(persons),
            "citizen_number": desk.numbers(persons),
            "sex_code": np.where(people.male[persons], "男", "女").tolist(),
            "death_date": died,
            "cremated_on": cremated,
            "死亡原因": [CAUSES[at] for at in rng.integers(0, len(CAUSES), len(found)).tolist()],
        },
        about={"person": [person_id(each.person) for each in found]},
    )
    table.note("death_date", differing)
    table.note("death_date", died_forms)
    table.note("cremated_on", cremated_forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "death")
    clerk.write("address_text", "welfare", homes.tolist(), iso_dates(died_days), lambda row: desk.place_outside(int(households[row])))
    _spoil(table, rng)
    blur_persons(desk, table, "death", {"citizen_number": "name"})
    repeat_some(table, rng, "cremated_on", 0.01, other=iso_dates(np.array([world.day]))[0])
    yield table


def _told(days: Ints, rng: np.random.Generator) -> tuple[Ints, dict[int, str]]:
    """The days of death as the funeral parlour was told them: some of them not as the police were."""
    differing = np.flatnonzero(rng.random(len(days)) < DIFFERING_SHARE)
    told = days.copy()
    told[differing] -= rng.integers(1, 4, len(differing))
    return told, dict.fromkeys(differing.tolist(), "told_another_day")


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "citizen_number", 0.01, values.wrong_check, rng)
    plant("fifteen_digits", "citizen_number", 0.05, values.fifteen_digits, rng)
    plant("missing_value", "citizen_number", 0.02, values.blank, rng)
    plant("note_behind_name", "name", 0.02, values.name_with_note, rng)
    plant("cremated_before_death", "cremated_on", 0.02, values.early_date, rng)
    plant("missing_required", "death_date", 0.015, values.blank, rng)
    plant("impossible_date", "death_date", 0.015, values.impossible_date, rng)
