"""Export of civil affairs: subsidies of the disabled for one month, with the columns that nobody may keep; a workbook with a total."""

from collections.abc import Iterator
from random import Random

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import Clerk, Table, add_total, draws
from samples.noise import values
from samples.noise.dates import iso_dates
from samples.randomness import Ints
from samples.words import words
from samples.world.people import NO_DAY

KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
SUBSIDIES = {False: "困难残疾人生活补贴", True: "重度残疾人护理补贴"}


def disability_subsidy(desk: Desk) -> Iterator[Table]:
    """The list of the month of the export, two lines for who gets both subsidies."""
    world, people = desk.world, desk.people
    found = world.subsidies
    rng = draws(desk.seed, "disability_subsidy")
    persons = np.array([each.person for each in found])
    numbers = desk.numbers(persons)
    homes = _homes(desk, people.household[persons])
    grades = words("texts")["disability_grades"]
    table = Table(
        key="approval_number",
        columns={
            "approval_number": [each.number for each in found],
            "name": desk.names(persons),
            "citizen_number": numbers,
            "certificate": [f"{number}{each.kind}{each.grade}" for number, each in zip(numbers, found, strict=True)],
            "disability_kind": [f"{KINDS[each.kind - 1]}残疾" for each in found],
            "disability_grade": [grades[each.grade - 1] for each in found],
            "subsidy_kind": [SUBSIDIES[each.is_nursing] for each in found],
            "amount": [str(each.amount) if each.stopped is None else "0" for each in found],
            "started_month": _months([each.started for each in found]),
            "stopped_month": _months([each.stopped for each in found]),
            "paid_month": [world.today.strftime("%Y-%m")] * len(found),
            "status": ["在发" if each.stopped is None else "停发" for each in found],
            "community": [desk.library.value("community", home) for home in homes],
            "phone": desk.phones(persons, rng),
        },
        about={"person": [person_id(each.person) for each in found]},
    )
    for row in np.flatnonzero(people.died[persons] > NO_DAY).tolist():
        table.planted[row].append("dead_but_paid:citizen_number")
    Clerk(table, desk.scribes, desk.seed, "disability_subsidy").write("address_text", "welfare", homes)
    _spoil(table, rng)
    blur_persons(desk, table, "disability_subsidy", {"citizen_number": "name"}, required=["citizen_number"])
    add_total(table, "合计", ["amount"])
    yield table


def _homes(desk: Desk, households: Ints) -> list[int]:
    """Where households live, or are registered if they live outside."""
    actual, registered = desk.world.homes.actual[households], desk.world.homes.registered[households]
    homes: list[int] = np.where(actual >= 0, actual, registered).tolist()
    return homes


def _months(days: list[int | None]) -> list[str]:
    """Months as 202403, empty for none."""
    known = iso_dates(np.array([NO_DAY if day is None else day for day in days], dtype=np.int64))
    return [day[:7].replace("-", "") for day in known]


def _chinese_month(value: str, _rng: Random) -> str | None:
    return f"{value[:4]}年{int(value[4:])}月" if value else None


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "citizen_number", 0.01, values.wrong_check, rng)
    plant("fifteen_digits", "citizen_number", 0.03, values.fifteen_digits, rng)
    plant("lower_case_x", "citizen_number", 0.3, values.small_x, rng)
    plant("missing_required", "citizen_number", 0.01, values.blank, rng)
    plant("blank_in_name", "name", 0.04, values.name_with_blank, rng)
    plant("amount_with_unit", "amount", 0.05, values.rent_with_unit, rng)
    plant("month_otherwise", "started_month", 0.05, _chinese_month, rng)
    plant("stopped_before_start", "stopped_month", 0.1, values.early_date, rng)
    plant("placeholder_value", "phone", 0.05, values.placeholder_phone, rng)
