"""Export of civil affairs: subsistence allowance of one month, one row for each member, a workbook."""

from collections.abc import Iterator
from random import Random

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import plain_stream
from samples.words import words
from samples.world.people import NO_DAY
from samples.world.welfare import PoorHousehold

RELATIONS = {"0": "户主", "1": "配偶", "2": "子", "3": "女", "4": "孙子女", "5": "父母", "7": "兄弟姐妹", "8": "其他"}


def subsistence_allowance(desk: Desk) -> Iterator[Table]:
    """The payments of the month of the export."""
    world, people = desk.world, desk.people
    rng = draws(desk.seed, "subsistence_allowance")
    rows = [(poor, member) for poor in world.poor for member in poor.members]
    households = [poor for poor, _ in rows]
    heads = np.array([poor.members[0] for poor in households])
    members = np.array([member for _, member in rows])
    approved_days = np.array([poor.approved for poor in households])
    ends = np.where(rng.random(len(rows)) < 0.3, world.day + rng.integers(30, 700, len(rows)), NO_DAY)
    approved, approved_forms = write_dates(approved_days, "chinese", rng, 0.1)
    benefit_end, end_forms = write_dates(ends, "dashed", rng, 0.1)
    month = world.today.strftime("%Y-%m")
    phone = dict(
        zip((poor.certificate for poor in world.poor), desk.phones(np.array([p.members[0] for p in world.poor]), rng), strict=True)
    )
    draw = plain_stream(desk.seed, "subsistence extras")
    texts = words("texts")
    homes = [_home(desk, poor) for poor in households]
    table = Table(
        key="certificate_number",
        columns={
            "certificate_number": [poor.certificate for poor in households],
            "category": [poor.category for poor in households],
            "head_name": desk.names(heads),
            "head_sex": np.where(people.male[heads], "男", "女").tolist(),
            "head_number": desk.numbers(heads),
            "community": [desk.library.value("community", home) for home in homes],
            "phone": [phone[poor.certificate] for poor in households],
            "approved_on": approved,
            "benefit_end": benefit_end,
            "paid_month": [month] * len(rows),
            "pay_kind": ["正常发放"] * len(rows),
            "member_name": desk.names(members),
            "member_number": desk.numbers(members),
            "member_kind": [RELATIONS.get(code, "其他") for code in people.relation[members].tolist()],
            "household_size": [str(len(poor.members)) for poor in households],
            "covered_count": [str(poor.covered) for poor in households],
            "household_income": [str(poor.income) for poor in households],
            "monthly_amount": [str(poor.amount) for poor in households],
            "cause": [poor.cause for poor in households],
            "change_kind": [draw.choices(["", "新增", "调标"], [90, 5, 5])[0] for _ in rows],
            "银行账号": [_account(poor, draw) for poor in households],
            "残疾类别": [f"{draw.choice(texts['disability_kinds'])}残疾" if poor.cause == "因残" else "" for poor in households],
        },
        about={
            "person": [person_id(member) for member in members.tolist()],
            "head": [person_id(head) for head in heads.tolist()],
        },
    )
    table.note("approved_on", approved_forms)
    table.note("benefit_end", end_forms)
    for row in np.flatnonzero(people.died[members] != NO_DAY).tolist():
        table.planted[row].append("dead_but_paid:member_number")
    clerk = Clerk(table, desk.scribes, desk.seed, "subsistence_allowance")
    clerk.write("address_text", "welfare", homes, iso_dates(approved_days))
    _spoil(table, rng)
    blur_persons(
        desk, table, "subsistence_allowance", {"head_number": "head_name", "member_number": "member_name"}, required=["member_number"]
    )
    repeat_some(table, rng, "phone", 0.01)
    yield table


def _home(desk: Desk, poor: PoorHousehold) -> int:
    """Where the household lives, or is registered if it lives outside."""
    homes = desk.world.homes
    actual = int(homes.actual[poor.household])
    return actual if actual >= 0 else int(homes.registered[poor.household])


def _account(poor: PoorHousehold, draw: Random) -> str:
    """An invented bank account number with a right check digit, the same for the household."""
    body = f"6230000{int(poor.certificate[-6:]):06d}{draw.randrange(10**5):05d}"
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{body}{-total % 10}"


def _other_month(value: str, rng: Random) -> str | None:
    """The month in another form."""
    year, month = value.split("-")
    return rng.choice([f"{year}{month}", f"{year}年{int(month)}月", f"{year}/{month}", f"{year}.{month}"])


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    for person in ("head", "member"):
        plant("wrong_check_digit", f"{person}_number", 0.01, values.wrong_check, rng)
        plant("fifteen_digits", f"{person}_number", 0.03, values.fifteen_digits, rng)
        plant("lower_case_x", f"{person}_number", 0.3, values.small_x, rng)
        plant("blank_in_name", f"{person}_name", 0.04, values.name_with_blank, rng)
        plant("mistyped_name", f"{person}_name", 0.015, values.name_mistyped, rng)
    plant("note_behind_name", "head_name", 0.01, values.name_with_note, rng)
    plant("placeholder_value", "phone", 0.05, values.placeholder_phone, rng)
    plant("two_phones", "phone", 0.03, values.two_phones, rng)
    plant("month_otherwise", "paid_month", 0.05, _other_month, rng)
    plant("missing_required", "member_number", 0.01, values.blank, rng)
    plant("missing_required", "address_text", 0.01, values.blank, rng)
    plant("ends_before_approval", "benefit_end", 0.02, values.early_date, rng)
    plant("open_end", "benefit_end", 0.05, values.open_end, rng)
    plant("amount_with_unit", "household_income", 0.06, values.rent_with_unit, rng)
    plant("amount_with_unit", "monthly_amount", 0.04, values.rent_with_unit, rng)
    plant("unknown_code", "category", 0.01, values.unknown_code, rng)
