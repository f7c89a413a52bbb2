"""Two statements of one contract agree: what the check accepts, Great Expectations finds good."""

import random
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from expectations.suites import suite_for
from expectations.validation import validate
from schemas.codes import code_spellings
from schemas.contract import Column, Contract, source_contracts
from transforms.check import check_rows

ROWS = 200
DATASETS = [
    "public_security.resident_population",
    "market_regulation.market_entity",
    "market_regulation.food_licence",
    "civil_affairs.social_organisation",
    "reference.division",
]
"""Together they have every kind of element."""

GOOD = {
    "citizen_number": ["330381199001011235", "11010519491231002X", "110105491231002"],
    "uscc": ["91350100M000100Y43", "911100001000133738"],
    "date": ["2026-01-05", "20260105", "2026年1月5日", "2026/1/5", "长期", "9999-12-31"],
    "number": ["12.5", "1,200", "0", "３"],
    "code": ["330381", "330381001", "JY13303810012345", "P-7", "00123"],
}
BAD = ["", " ", "无", "-", "99", "abc", "330381199001011230", "999999", "-5", "1e9", "2026-13-45", "=1+1", "１２３", "{x:y}"]


def spelling(column: Column, chance: random.Random) -> str:
    """Something an export may hold in that column, good in most cells."""
    if chance.random() < 0.15:
        return chance.choice(BAD)
    element = column.element
    if element and element.code_list:
        return chance.choice(list(code_spellings(element.code_list)))
    if element and element.check in ("citizen_number", "document_number"):
        return chance.choice(GOOD["citizen_number"])
    if element and element.check == "uscc":
        return chance.choice(GOOD["uscc"])
    if column.logical_type in ("date", "timestamp"):
        return chance.choice(GOOD["date"])
    if column.logical_type in ("number", "integer"):
        return chance.choice([*GOOD["number"], "121.1", "27.8"])
    if element and element.parser == "identifier":
        return chance.choice(GOOD["code"])
    return f"{column.label}{chance.randrange(300)}"


def export(contract: Contract) -> pa.Table:
    chance = random.Random(contract.id)
    columns = [column for column in contract.columns if not column.ignored]
    cells = {column.name: pa.array([spelling(column, chance) for _ in range(ROWS)], pa.string()) for column in columns}
    return pa.table({"sheet": pa.array([""] * ROWS, pa.string()), "row": pa.array(range(2, ROWS + 2), pa.int64()), **cells})


@pytest.mark.parametrize("name", DATASETS)
def test_rows_that_the_check_accepts_break_no_expectation_that_would_block(name: str) -> None:
    contract = source_contracts()[name]
    with duckdb.connect() as connection:
        checked = check_rows(connection, export(contract).to_reader(), contract, load_date=date(2026, 11, 3))
        accepted = checked.accepted.to_arrow_table()
    result = validate(accepted, suite_for(contract))
    assert 0 < result.rows < ROWS, "the rows of this test must be partly good, partly bad"
    assert [(one.name, one.observed, one.cause) for one in result.unmet if one.severity != "warn"] == []
