"""Great Expectations on DuckDB: fit, quiet, lazy, and honest about its own crashes."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.engine import ADAPTED_VERSION, great_expectations
from expectations.suites import Suite, broken_rows, suite_for
from expectations.validation import ValidationResult, validate
from tests.expectations.tables import good_letting, letting, table, with_rule


def unmet(result: ValidationResult) -> dict[str, int | None]:
    return {one.name: one.unexpected for one in result.unmet}


def test_the_adaptation_was_made_for_the_installed_great_expectations() -> None:
    assert version("great-expectations") == ADAPTED_VERSION, (
        "read expectations/engine.py, check all adaptations, then raise ADAPTED_VERSION"
    )


def test_importing_the_package_does_not_import_great_expectations() -> None:
    program = "import sys, expectations.validation, expectations.gates, expectations.report; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_rows_that_keep_the_contract_meet_every_expectation() -> None:
    result = validate(table(letting(), good_letting(1), good_letting(2)), suite_for(letting()))
    assert unmet(result) == {}
    assert (result.met, result.rows) == (len(suite_for(letting()).expectations), 2)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"address_text": None}, {"address_text.required": 1}),
        ({"letting_source_id": "CZ00001"}, {"letting_source_id.unique": 2}),
        ({"tenant_document_type_code": "身份证"}, {"tenant_document_type_code.code": 1}),
        ({"division_code": "33-0381"}, {"division_code.pattern": 1}),
        ({"longitude": 1206.0}, {"longitude.range": 1}),
        ({"lease_end": "2025-12-31"}, {"lease_dates_in_order": 1}),
        ({"lease_end": None}, {}),
    ],
)
def test_a_broken_row_is_noticed_by_the_expectation_it_breaks_and_no_other(change: dict[str, object], broken: dict[str, int]) -> None:
    result = validate(table(letting(), good_letting(1), good_letting(2, **change)), suite_for(letting()))
    assert unmet(result) == broken


def test_all_that_is_said_of_values_is_one_query_and_so_is_every_rule_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    great_expectations()
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

    asked: list[object] = []
    execute = SqlAlchemyExecutionEngine.execute_query

    def counted(engine: SqlAlchemyExecutionEngine, query: Any) -> Any:
        asked.append(query)
        return execute(engine, query)

    monkeypatch.setattr(SqlAlchemyExecutionEngine, "execute_query", counted)
    suite = suite_for(letting())
    validate(table(letting(), good_letting(1), good_letting(2, longitude=1206.0, lease_end="2025-12-31")), suite)
    of_rows = sum(each.type == "UnexpectedRowsExpectation" for each in suite.expectations)
    assert len(asked) == of_rows + 2, "values, the number of rows, and each rule or key"


def test_a_module_that_is_not_needed_loads_when_somebody_asks_it_for_anything() -> None:
    program = """
import sys
from expectations.engine import great_expectations
great_expectations()
assert not {"scipy.stats._stats_py", "altair.vegalite"} & sys.modules.keys(), "loaded before anybody asked"
import altair
from scipy import stats
assert callable(altair.Chart) and callable(stats.entropy)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr


def test_a_table_without_rows_or_without_a_column_is_noticed() -> None:
    empty = table(letting())
    assert set(unmet(validate(empty, suite_for(letting())))) == {"rows"}
    result = validate(table(letting(), good_letting(1)).drop_columns(["area"]), suite_for(letting()))
    columns = result.results[0]
    assert (columns.success, columns.observed) == (False, "缺少字段：area")


def test_what_cannot_be_checked_is_a_crash_and_neither_met_nor_failed() -> None:
    suite = suite_for(with_rule(letting(), "no_such_column > 0"))
    result = validate(table(letting(), good_letting(1)), suite)
    (crash,) = result.crashed
    assert (crash.name, crash.success, crash.unexpected) == ("added_rule", None, None)
    assert "no_such_column" in crash.cause
    assert result.met == len(suite.expectations) - 1


def test_a_check_over_a_missing_column_crashes_instead_of_failing() -> None:
    result = validate(table(letting(), good_letting(1)).drop_columns(["area"]), suite_for(letting()))
    assert {"area.range", "let_area_within_area"} == {one.name for one in result.crashed}


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ("regexp_full_match(letting_source_id, 'CZ[0-9]{5}')", True),
        ("regexp_full_match(letting_source_id, 'CZ[0-9]{6}')", False),
        ("regexp_full_match(letting_source_id, '(?:CZ|FW)[0-9]+')", True),
        ("lease_start::TIMESTAMP < TIMESTAMP '2026-01-01 00:00:30'", True),
        ("lease_start::TIMESTAMP < TIMESTAMP '2026-01-01 00:00:00'", False),
        ("rent > 0", True),
        ("address_text LIKE '%虹桥路%' AND letting_source_id <> 'it''s'", True),
    ],
)
def test_rules_may_hold_braces_colons_percents_quotes_and_nulls(rule: str, met: bool) -> None:
    result = validate(table(letting(), good_letting(1)), suite_for(with_rule(letting(), rule)))
    added = next(one for one in result.results if one.name == "added_rule")
    assert (added.success, added.crashed) == (met, False)


def test_no_value_of_the_table_is_in_the_answer() -> None:
    secret = "330381199001011235"
    rows = [good_letting(1, letting_source_id=secret, division_code=secret, lease_end="2001-01-01") for _ in range(30)]
    crashing = with_rule(letting(), "CAST(letting_source_id || 'x' AS BIGINT) > 0")
    result = validate(table(letting(), *rows), suite_for(crashing))
    assert {"letting_source_id.unique", "division_code.pattern", "lease_dates_in_order", "added_rule"} == set(unmet(result))
    said = json.dumps(result.raw, ensure_ascii=False, default=str) + repr(result.results)
    assert secret not in said
    assert "Traceback" not in said


def test_a_run_prints_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    validate(table(letting(), good_letting(1)), suite_for(letting()))
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_a_parquet_file_and_a_folder_of_partitions_are_read_like_a_table(tmp_path: Path) -> None:
    rows = table(letting(), good_letting(1), good_letting(2, address_text=None))
    file, folder = tmp_path / "accepted.parquet", tmp_path / "by_year"
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute(f"COPY rows TO '{file}' (FORMAT parquet)")
        connection.execute(f"COPY (SELECT *, 2026 AS year FROM rows) TO '{folder}' (FORMAT parquet, PARTITION_BY year)")
    for place in (file, folder):
        result = validate(place, suite_for(letting()))
        assert (result.rows, unmet(result)) == (2, {"address_text.required": 1})


def test_counts_are_those_duckdb_finds_for_the_same_statement() -> None:
    rows = table(letting(), *(good_letting(n, area=n, let_area=n * n % 17) for n in range(40)))
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        expected = connection.execute("SELECT count(*) FROM rows WHERE (let_area <= area) IS FALSE").fetchall()[0][0]
    suite = suite_for(letting())
    only = replace(suite, expectations=tuple(one for one in suite.expectations if one.name == "let_area_within_area"))
    assert validate(rows, only).results[0].unexpected == expected > 0


def test_an_empty_suite_is_met() -> None:
    assert validate(table(letting(), good_letting(1)), Suite("none", "空", "rental_house", ())).unmet == ()


def test_broken_rows_escapes_what_the_layers_below_would_read_as_their_own() -> None:
    assert broken_rows("a ~ 'x{3}:y'") == r"SELECT 1 AS broken FROM {batch} WHERE (a ~ 'x{{3}}\:y') IS FALSE"
