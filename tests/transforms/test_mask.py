"""Masks hide what they promise, and show the rest."""

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from schemas.contract import Column, pool_contracts
from schemas.register import masks
from transforms.mask import mask_expression, masked_select, shown_columns

PERSON = pool_contracts()["person"]


def masked(value: str | None, mask: str, sql_type: str = "VARCHAR", **others: str) -> Any:
    """A value as it is shown beside other columns, those that the mask asks for unless they are given."""
    column: Column = replace(PERSON.columns[0], name="value", mask=mask, logical_type="date" if sql_type == "DATE" else "string")
    beside = "".join(f", '{text}' AS {name}" for name, text in {**masks()[mask].only, **others}.items())
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {mask_expression(column)} FROM (SELECT ?::{sql_type} AS value{beside})", [value]).fetchone()
    return None if found is None or found[0] is None else str(found[0])


@pytest.mark.parametrize(
    ("mask", "before", "after"), [(mask.name, before, after) for mask in masks().values() for before, after in mask.examples.items()]
)
def test_masks_do_what_the_register_shows(mask: str, before: str, after: str) -> None:
    types = {"year": "DATE", "round": "DOUBLE"}
    assert masked(before, mask, types.get(masks()[mask].method, "VARCHAR"))[: len(after)] == after


def test_the_day_on_which_a_stay_ended_is_shown_unless_it_tells_of_a_death() -> None:
    shown = {basis: masked("2024-05-01", "death_to_year", "DATE", effective_to_basis=basis) for basis in ("death", "stated")}
    assert shown == {"death": "2024-01-01", "stated": "2024-05-01"}


def test_several_phones_are_masked_each() -> None:
    assert masked("13812348888;0577-65881234", "phone") == "138****8888;0577-******34"


def test_local_numbers_and_extensions_show_no_more_than_two_digits() -> None:
    assert masked("65881234", "phone") == "******34"
    assert masked("0577-65881234-801", "phone") == "0577-**********01"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("安阳街道阳光小区3幢", "安阳街道阳光小区3幢"),
        ("罗阳大道123弄5号301室", "罗阳大道123弄5号***"),
        ("罗阳大道1号", "罗阳大道1号"),
        ("阳光小区3-2-501", "阳光小区***"),
        ("红旗小区三单元五楼", "红旗小区***"),
        ("中心大厦A座1203室", "中心大厦A座***"),
        ("上马村", "上马村"),
    ],
)
def test_addresses_end_at_the_building(address: str, shown: str) -> None:
    assert masked(address, "address_to_building") == shown


def test_short_values_are_hidden_whole() -> None:
    assert masked("12", "document_number") == "**"
    assert masked("张", "name") == "*"


def test_nothing_stays_nothing() -> None:
    types = {"year": "DATE", "round": "DOUBLE"}
    for mask in masks().values():
        assert masked(None, mask.name, types.get(mask.method, "VARCHAR")) is None, mask.name


def test_a_share_has_the_columns_of_its_table_without_the_dropped_ones() -> None:
    with duckdb.connect() as connection:
        for contract in pool_contracts().values():
            columns = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in contract.columns)
            found = connection.sql(masked_select(contract, f"(SELECT {columns})"))
            assert found.columns == [column.name for column in shown_columns(contract)]
            dropped = [column for column in contract.columns if column.mask and masks()[column.mask].method == "drop"]
            assert not {column.name for column in dropped} & set(found.columns)
