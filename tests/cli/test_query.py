"""datapool query: masked values, nothing else, in the form asked for."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.command import datapool
from tests.cli.conftest import FIRMS, PEOPLE
from tests.small_exports import residents


def test_values_of_persons_come_masked(home: Path) -> None:
    answer = datapool("query", "SELECT citizen_number, name, phone FROM person", "--home", home, "--format", "json")
    assert answer.code == 0
    rows = json.loads(answer.output)
    assert len(rows) == PEOPLE
    assert {row["name"] for row in rows} == {"张*"}
    assert all("*" in row["citizen_number"] and "****" in row["phone"] for row in rows)
    assert not any(row["citizen_number"] in answer.output for row in residents(PEOPLE))


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM person",
        "UPDATE person SET name = 'x'",
        "INSERT INTO mart.town_count (town) VALUES ('x')",
        "CREATE TABLE mine AS SELECT * FROM person",
        "DROP TABLE person",
        "COPY person TO '{folder}/stolen.csv'",
        "COPY (SELECT 1) TO '{folder}/stolen.parquet' (FORMAT parquet)",
        "EXPORT DATABASE '{folder}/stolen'",
        "ATTACH '{folder}/stolen.duckdb' AS other",
        "SELECT * FROM read_csv('{folder}/secret.csv')",
        "SELECT * FROM '{folder}/secret.csv'",
        "SELECT * FROM read_text('{folder}/secret.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_anything_but_reading_the_share_is_refused(home: Path, tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.csv").write_text("secret\n42\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    answer = datapool("query", sql.format(folder=tmp_path), "--home", home)
    assert answer.code == 2, answer.output
    assert answer.output == ""
    assert answer.errors.startswith(("查询有误：", "无法执行：", "用法有误")), answer.errors
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert datapool("query", "SELECT count(*) AS n FROM person", "--home", home, "--format", "json").output.split() == [
        "[",
        "{",
        '"n":',
        str(PEOPLE),
        "}",
        "]",
    ]


def test_error_of_the_sql_is_shown_with_its_brackets(home: Path) -> None:
    answer = datapool("query", "SELECT [bold] FROM person", "--home", home)
    assert answer.code == 2
    assert "SELECT [bold] FROM person" in answer.errors


def test_table_shows_cells_as_they_are(home: Path) -> None:
    answer = datapool("query", "SELECT '[red]甲[/red]' AS a, 2025 AS b, NULL AS c, 3 AS a", "--home", home)
    assert answer.code == 0
    assert answer.output.splitlines()[-2].split() == ["[red]甲[/red]", "2025", "3"]


WIDE = "SELECT " + ", ".join(f"repeat('字', 30) AS column_{number}" for number in range(9))


def test_wide_table_in_a_file_is_not_cut(home: Path) -> None:
    answer = datapool("query", WIDE, "--home", home)
    assert answer.output.splitlines()[1].split() == ["字" * 30] * 9


def test_table_too_wide_for_the_screen_is_shown_as_records(home: Path) -> None:
    screen, behind = pty.openpty()
    command = [Path(sys.executable).with_name("datapool"), "query", WIDE, "--home", home]
    done = subprocess.run(command, stdout=behind, stderr=subprocess.PIPE, env={**os.environ, "COLUMNS": "80", "TERM": "dumb"}, check=False)
    os.close(behind)
    with os.fdopen(screen, "rb") as shown:
        lines = shown.read1().decode().splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] == "—— 第 1 行"
    assert [line.split() for line in lines[1:10]] == [[f"column_{number}", "字" * 30] for number in range(9)]


def test_csv_json_and_parquet_hold_the_same(home: Path, tmp_path: Path) -> None:
    sql = "SELECT uscc, name FROM organisation ORDER BY uscc"
    read = list(csv.DictReader(io.StringIO(datapool("query", sql, "--home", home, "--format", "csv").output)))
    assert len(read) == FIRMS
    assert json.loads(datapool("query", sql, "--home", home, "--format", "json").output) == read
    for form in ("csv", "json", "parquet"):
        assert datapool("query", sql, "--home", home, "--format", form, "-o", tmp_path / form).code == 0
    assert list(csv.DictReader((tmp_path / "csv").open(encoding="utf-8"))) == read
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8")) == read
    assert pq.read_table(tmp_path / "parquet").to_pylist() == read


@pytest.mark.parametrize("options", [("--format", "parquet"), ("-o", "file"), ("--format", "csv", "-o", "/nowhere/file")])
def test_form_that_cannot_be_written_is_said(home: Path, options: tuple[str, ...]) -> None:
    answer = datapool("query", "SELECT 1", "--home", home, *options)
    assert answer.code == 2
    assert answer.errors.startswith("无法执行：")


def test_lists_in_csv_are_refused_in_words(home: Path) -> None:
    answer = datapool("query", "SELECT [1, 2] AS numbers", "--home", home, "--format", "csv")
    assert (answer.code, "numbers" in answer.errors) == (2, True)


def test_release_and_share_that_are_not_there_are_named(home: Path) -> None:
    assert datapool("query", "SELECT 1", "--home", home, "--release", 1).code == 0
    for options in (("--release", 7), ("--release", 0), ("--share", "nobody"), ("--share", "../../raw")):
        answer = datapool("query", "SELECT 1", "--home", home, *options)
        assert answer.code == 2
        assert answer.errors.startswith("无法执行：")


def test_town_counts_stand_in_a_pool_of_few_datasets(home: Path) -> None:
    answer = datapool("query", "SELECT town, registered_persons, organisations, events FROM town_count", "--home", home, "--format", "json")
    assert {"town": "安阳街道", "registered_persons": PEOPLE, "organisations": FIRMS, "events": 0} in json.loads(answer.output)
