"""Rows that an earlier file brought with the same text are not checked again, and the outcome is the same as if they were."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from schemas.contract import Contract, Rule, source_contracts
from tests.transforms.algorithms import citizen_check
from transforms.check import Checked, check_rows
from transforms.take_over import Known

WARNED = Rule("phone_given", "有电话", "completeness", "warn", "phone IS NOT NULL", ("phone",))
RESIDENTS = source_contracts()["public_security.resident_population"]
CONTRACT = replace(RESIDENTS, rules=(*RESIDENTS.rules, WARNED))
FIRST_DAY, NEXT_DAY = date(2026, 1, 1), date(2026, 1, 2)
Row = dict[str, str]


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def number(place: int, birth: str = "19900307") -> str:
    digits = f"330381{birth}{place:03d}"
    return digits + citizen_check(digits)


def residents(count: int) -> list[Row]:
    """Every seventh without a name, every fifth without a telephone."""
    return [
        {
            "citizen_number": number(place),
            "name": "" if place % 7 == 0 else f"张{place}",
            "registered_address_text": f"安阳街道罗阳大道{place}号",
            "phone": "" if place % 5 == 0 else f"138123450{place:02d}",
        }
        for place in range(1, count + 1)
    ]


def check(
    connection: DuckDBPyConnection, rows: Sequence[Row], known: Known | None = None, day: date = NEXT_DAY, contract: Contract = CONTRACT
) -> Checked:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {"sheet": pa.array([""] * len(rows)), "row": pa.array(range(2, len(rows) + 2), pa.int64())}
    columns |= {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return check_rows(connection, pa.table(columns).to_reader(), contract, load_date=day, known=known)


def keep(connection: DuckDBPyConnection, checked: Checked) -> Known:
    """The outcome of a file, as later files know it."""
    checked.accepted.create("first_accepted")
    checked.quarantined.create("first_rejected")
    checked.digests.create("first_digests")
    held = "(SELECT 'first' AS holder, first_accepted.rowid AS position, * FROM first_accepted JOIN first_digests USING (sheet, row))"
    return Known(held, "(SELECT * FROM first_rejected JOIN first_digests USING (sheet, row))")


def outcome(connection: DuckDBPyConnection, checked: Checked) -> dict[str, Any]:
    """Accepted and quarantined rows by place, the profile; rows that are held elsewhere are looked up there."""
    accepted = {row["row"]: row for row in checked.accepted.to_arrow_table().to_pylist()}
    if checked.unchanged is not None:
        checked.unchanged.create_view("taken", replace=True)
        rows = connection.sql(
            "SELECT held.* REPLACE (taken.row AS row) FROM taken JOIN first_accepted AS held ON held.rowid = taken.position"
        )
        accepted |= {row["row"]: row for row in rows.to_arrow_table().to_pylist()}
    quarantined = {row["row"]: row for row in checked.quarantined.to_arrow_table().to_pylist()}
    return {"accepted": accepted, "quarantined": quarantined, "profile": checked.profile}


def checked_again(checked: Checked) -> int:
    return checked.accepted.count("*").fetchall()[0][0]


def test_only_rows_with_another_text_are_checked_again(connection: DuckDBPyConnection) -> None:
    rows = residents(20)
    known = keep(connection, check(connection, rows, day=FIRST_DAY))
    rows[1] = rows[1] | {"name": "改名"}
    rows.append(residents(22)[-1])
    again = check(connection, rows, known)
    assert checked_again(again) == 2
    assert again.unchanged is not None
    assert again.unchanged.count("*").fetchall() == [(17,)], "all but the two that are new and the two without a name"
    assert outcome(connection, again) == outcome(connection, check(connection, rows))


def test_a_rejected_row_that_comes_again_stays_rejected_unchecked(connection: DuckDBPyConnection) -> None:
    rows = residents(8)
    known = keep(connection, check(connection, rows, day=FIRST_DAY))
    forgiving = replace(
        CONTRACT, columns=tuple(replace(column, required=False) if column.name == "name" else column for column in CONTRACT.columns)
    )
    again = check(connection, rows, known, contract=forgiving)
    [row] = again.quarantined.to_arrow_table().to_pylist()
    assert (row["row"], row["reasons"][0]["rule"], row["row_key"]) == (8, "required", number(7))


def test_what_depends_on_the_day_is_checked_every_day(connection: DuckDBPyConnection) -> None:
    born_tomorrow = residents(1)[0] | {"citizen_number": number(1, "20260102")}
    very_old = residents(1)[0] | {"citizen_number": number(2, "19000101")}
    known = keep(connection, check(connection, [born_tomorrow, very_old], day=FIRST_DAY))
    again = check(connection, [born_tomorrow, very_old], known)
    assert checked_again(again) == 2
    assert outcome(connection, again) == outcome(connection, check(connection, [born_tomorrow, very_old]))


def test_of_rows_with_one_key_the_check_chooses_among_all(connection: DuckDBPyConnection) -> None:
    first, second = residents(2)
    renamed = first | {"name": "改名"}
    known = keep(connection, check(connection, [first, second, renamed], day=FIRST_DAY))
    for rows in ([first, second], [renamed, first, second], [first, renamed, second], [renamed, second, renamed], [second, second, first]):
        assert outcome(connection, check(connection, rows, known)) == outcome(connection, check(connection, rows))


def test_file_that_must_not_keep_a_column_takes_nothing_over(connection: DuckDBPyConnection) -> None:
    rows = residents(20)
    known = keep(connection, check(connection, rows, day=FIRST_DAY))
    for place, row in enumerate(rows[:12]):
        rows[place] = row | {"citizen_number": f"{number(place)}41"}
    again = check(connection, rows, known)
    assert again.profile.refused
    assert again.unchanged is None
    assert again.digests.fetchall() == [], "and gives nothing"
    assert outcome(connection, again) == outcome(connection, check(connection, rows))


def test_outcome_of_any_file_is_the_same_with_and_without_what_is_known(connection: DuckDBPyConnection) -> None:
    chance = random.Random(7)
    known = keep(connection, check(connection, residents(40), day=FIRST_DAY))
    for _ in range(25):
        rows = chance.choices(residents(45), k=chance.randint(1, 60))
        for place in chance.sample(range(len(rows)), len(rows) // 4):
            rows[place] = rows[place] | chance.choice(
                [{"name": ""}, {"name": "某"}, {"phone": "x"}, {"citizen_number": ""}, {"citizen_number": number(3)}]
            )
        assert outcome(connection, check(connection, rows, known)) == outcome(connection, check(connection, rows))
