"""The samples on the whole path, held against what the generator knows to be true."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from benchmarks.entities.score import judged, score
from flow.run import run
from flow.trace.figures import check_figures
from pool.verify import verify
from samples.exports.table import TOTAL
from samples.generate import generate
from schemas.contract import source_contracts
from tests.small_exports import context_at
from transforms.claims import address_input_key

CITY = Path(__file__).parents[2] / "cities" / "330381"
PERSONS = 3000
REFUSED = {"宗教信仰", "银行账号", "残疾类别", "残疾等级", "残疾证号", "补贴类型", "死亡原因", "照片", "政治面貌"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the truth and a home whose release came of the samples."""
    folder = tmp_path_factory.mktemp("world")
    generate(CITY, folder / "exports", folder / "truth", PERSONS, 11, date(2025, 12, 31), lambda _said: None)
    assert run(context_at(folder / "home", now=datetime(2026, 1, 2, tzinfo=UTC)), folder / "exports") == 1
    return folder


@pytest.fixture(scope="module")
def connection(world: Path) -> DuckDBPyConnection:
    """Views of the truth and of the release."""
    connection = duckdb.connect()
    for path in (world / "truth").glob("*.parquet"):
        connection.execute(f"CREATE VIEW true_{path.stem} AS FROM read_parquet('{path}')")
    for path in (world / "home" / "releases" / "1" / "pool").glob("*.parquet"):
        connection.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
    return connection


def _one(connection: DuckDBPyConnection, sql: str) -> Any:
    return connection.execute(sql).fetchall()[0][0]


def test_every_exported_row_has_one_outcome(connection: DuckDBPyConnection, world: Path) -> None:
    exported = _one(connection, f"SELECT count(*) FROM true_records WHERE NOT list_contains(planted, '{TOTAL}')")
    assert _one(connection, "SELECT count(*) FROM row_outcome") == exported
    assert _one(connection, "SELECT count(*) FROM (SELECT DISTINCT batch, sheet, row FROM row_outcome)") == exported
    assert verify(context_at(world / "home").pool) == []


def test_every_figure_of_the_report_leads_to_as_many_rows(world: Path) -> None:
    checked = check_figures(context_at(world / "home"))
    assert len(checked) > 500
    assert [each for each in checked if not each.agrees] == []


def test_rows_that_are_accepted_stand_behind_a_record(connection: DuckDBPyConnection) -> None:
    assert _one(connection, "SELECT count(*) FROM row_outcome WHERE outcome <> 'quarantined' AND key IS NULL") == 0


def test_mentions_are_joined_as_the_truth_has_them(world: Path) -> None:
    scores = {each.kind: each for each in score(judged(world / "home" / "releases" / "1", world / "truth"))}
    assert scores["person"].mentions > PERSONS
    for kind in ("person", "organisation"):
        assert scores[kind].pair_precision >= 0.999, kind
        assert scores[kind].pair_recall >= 0.98, kind
    assert all(each.cluster_recall > 0.98 for each in scores.values())
    assert scores["person"].asked > 0


def test_who_calls_the_police_or_has_an_accident_is_the_person_of_the_registers(world: Path) -> None:
    mentions = judged(world / "home" / "releases" / "1", world / "truth")
    rates = dict(
        mentions.execute("""
            WITH registered AS (
                SELECT actual, any_value(found) AS found FROM mention WHERE alias = 'resident' GROUP BY actual HAVING count(DISTINCT found) = 1)
            SELECT alias, avg((mention.found = registered.found)::INTEGER) FROM mention JOIN registered USING (actual)
            WHERE alias IN ('reporter', 'party_a', 'party_b') GROUP BY alias""").fetchall()
    )
    assert rates["reporter"] > 0.85, "every third gives a name and a phone only, and some phones are other ones than elsewhere"
    assert rates["party_a"] > 0.95
    assert rates["party_b"] > 0.95


def test_the_feedback_of_a_call_in_quarantine_stands_as_an_event(connection: DuckDBPyConnection) -> None:
    told = """
        SELECT DISTINCT truth.event_id FROM true_records AS truth JOIN row_outcome AS outcome
        ON outcome.row = truth.row AND starts_with(outcome.batch, truth.dataset || '-')
        WHERE truth.dataset IN ('public_security.alarm', {more}) AND outcome.outcome <> 'quarantined'"""
    calls, all_told = told.format(more="''"), told.format(more="'public_security.alarm_dispatch', 'public_security.alarm_feedback'")
    assert _one(connection, f"SELECT count(*) FROM ({all_told} EXCEPT {calls})") > 0
    events = "SELECT source_key FROM event WHERE kind = 'alarm'"
    assert _one(connection, f"SELECT count(*) FROM (({all_told} EXCEPT {events}) UNION ALL ({events} EXCEPT {all_told}))") == 0


def test_addresses_are_right_where_they_are_matched(connection: DuckDBPyConnection, world: Path) -> None:
    asked = " UNION ALL ".join(
        f"SELECT '{contract.id}' AS dataset, row, '{use.text}' AS column_name, {address_input_key(use, 'source')} AS input_key "
        f"FROM read_parquet('{path}') AS source"
        for contract in source_contracts().values()
        for use in contract.addresses
        for path in (world / "home" / "batches").glob(f"{contract.id}-*/accepted.parquet")
    )
    connection.execute(f"""
        CREATE OR REPLACE VIEW judged AS
        SELECT truth.*, result.address_id AS found, result.status AS found_status
        FROM ({asked}) AS asked
        JOIN true_addresses AS truth ON asked.dataset = truth.dataset AND asked.row = truth.row AND asked.column_name = truth."column"
        JOIN read_parquet('{world}/home/matches/*/*/*.parquet') AS result ON result.input_key = asked.input_key AND result.part = 1
        WHERE truth.part = 1""")
    assert _one(connection, "SELECT count(*) FROM judged") > PERSONS
    right = "found_status = status AND found IS NOT DISTINCT FROM address_id"
    assert _one(connection, f"SELECT avg(({right})::INTEGER) FROM judged") > 0.98
    assert (
        _one(connection, "SELECT avg((found = address_id)::INTEGER) FROM judged WHERE found_status = 'matched' AND status = 'matched'")
        > 0.995
    )
    assert _one(connection, "SELECT count(*) FROM judged WHERE found_status = 'matched' AND status = 'unmatched'") == 0


def test_marital_states_are_those_of_the_last_registration(connection: DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE OR REPLACE VIEW registered AS
        SELECT person_id, max_by(business, (registered_on, certificate_number)) AS business, max(registered_on) AS registered_on
        FROM (SELECT husband_id AS person_id, * FROM true_marriages UNION ALL SELECT wife_id, * FROM true_marriages) GROUP BY person_id""")
    connection.execute("""
        CREATE OR REPLACE VIEW known AS
        SELECT registered.*, person.marital_code, person.marital_on::VARCHAR AS marital_on
        FROM registered JOIN true_persons AS truth USING (person_id) JOIN person USING (citizen_number)""")
    assert _one(connection, "SELECT count(*) FROM known") > 150
    code = "CASE WHEN business = '离婚' THEN '40' WHEN business = '撤销' THEN '90' ELSE '20' END"
    right = f"(marital_code = {code} AND marital_on = registered_on) IS TRUE"
    assert _one(connection, f"SELECT avg(({right})::INTEGER) FROM known") > 0.93, "rows in quarantine and mistyped numbers tell less"


def test_deaths_that_only_civil_affairs_knows_are_known(connection: DuckDBPyConnection) -> None:
    buried = """
        SELECT DISTINCT truth.citizen_number FROM true_records AS record JOIN true_persons AS truth USING (person_id)
        WHERE dataset = 'civil_affairs.death' AND len(planted) = 0"""
    assert _one(connection, f"SELECT count(*) FROM ({buried})") > 10
    assert _one(connection, f"SELECT count(*) FROM ({buried}) JOIN person USING (citizen_number) WHERE death_date IS NULL") == 0
    assert _one(connection, f"SELECT count(*) FROM ({buried}) ANTI JOIN person USING (citizen_number)") == 0


def test_refused_columns_rest_nowhere_in_the_home(world: Path) -> None:
    refused = [path for path in (world / "home" / "batches").glob("*/*.parquet") if set(_columns(path)) & REFUSED]
    redacted = list((world / "home" / "raw").glob("*.parquet"))
    assert refused == []
    assert len(redacted) == 5, (
        "residents, floating population, subsistence allowance, disability subsidies and deaths came with refused columns"
    )
    assert all(not set(_columns(path)) & REFUSED for path in redacted)


def _columns(path: Path) -> list[str]:
    return duckdb.sql(f"FROM read_parquet('{path}') LIMIT 0").columns
