"""Tried as an auditor would: faults of every kind planted into sample exports, each found again in the report and traced to its rows.

The faults stand in planted_faults.yaml. The same exports come twice, for two days, faults planted into the second: what the report says beyond the
first day is theirs, and nothing else may be.
"""

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.report.figures import Figure
from flow.context import Context
from flow.run import run
from flow.trace.figures import figures, trace_figure
from samples.generate import generate
from schemas.contract import source_contracts
from tests.cli.command import datapool
from tests.end_to_end.planting import KNOWN, RESIDENTS, Fault, Place, Planting, faults, page
from tests.small_exports import context_at

CITY = Path(__file__).parents[2] / "cities" / "330381"
PERSONS, SEED = 300, 5
FIRST, SECOND, EARLIER = "20251230", "20251231", "20251229"
NEEDED = ("reference.division", "reference.standard_address", "reference.address_alias")
"""Datasets into which nothing is planted."""
OLD = ("late", "missing")
"""Changes of files that are named for the day before."""
OF_BLAME = re.compile(r"dataset/[^/]+/(quarantined|warned)/.+|dataset/[^/]+/addresses/unmatched|rules/[^/]+")
"""Figures that say of a row that something is wrong with it."""
FAULTS = faults()
OF_ROWS, OF_PAGES, OF_FILES = ([fault for fault in FAULTS if getattr(fault, kind)] for kind in ("figure", "page", "broken"))

pytestmark = pytest.mark.slow


@dataclass
class Audited:
    """The pool after both days, what was to be found, and what each figure of blame names beyond what the first day had already."""

    context: Context
    expected: Mapping[str, Counter[Place]]
    reported: Mapping[str, Figure]
    found: Mapping[str, Counter[Place]]
    known: Mapping[str, int]

    def page(self, dataset: str) -> str:
        """The page of a dataset."""
        return (self.context.pool.releases.folder(2) / "report" / "datasets" / f"{dataset}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    folder = tmp_path_factory.mktemp("planted")
    generate(CITY, folder / "made", folder / "truth", PERSONS, SEED, date(2025, 12, 30), lambda _said: None)
    old = {fault.dataset for fault in FAULTS if fault.file in OLD}
    for dataset in {*NEEDED, *(fault.dataset for fault in FAULTS)}:
        deliver(folder, dataset, "first", EARLIER if dataset in old else FIRST)
        deliver(folder, dataset, "second", FIRST if dataset in old else SECOND)
    planting = Planting(folder / "second", choosable(folder / "truth"))
    planting.plant(FAULTS)
    assert datapool_runs(folder, "first", datetime(2025, 12, 31, tzinfo=UTC)) == 1
    assert datapool_runs(folder, "second", datetime(2026, 1, 2, tzinfo=UTC)) == 2
    return read_report(context_at(folder / "home", now=datetime(2026, 1, 3, tzinfo=UTC)), planting)


def deliver(folder: Path, dataset: str, delivery: str, period: str) -> None:
    """Put the export of a dataset into a delivery, named for a day."""
    contract = source_contracts()[dataset]
    [made] = (folder / "made" / contract.system / contract.dataset).iterdir()
    path = folder / delivery / contract.system / contract.dataset / made.name.replace(FIRST, period)
    path.parent.mkdir(parents=True)
    shutil.copy(made, path)


def choosable(truth: Path) -> dict[str, set[int]]:
    """Rows of each dataset in which the generator planted nothing; of residents those whom no other row is about, and under `KNOWN` all."""
    records = f"'{truth}/records.parquet'"
    rows = duckdb.sql(f"SELECT dataset, list(row) FROM {records} WHERE len(planted) = 0 GROUP BY ALL").fetchall()
    found = {dataset: set(numbers) for dataset, numbers in rows}
    people = [f"{kind}_id" for kind in ("person", "owner", "head", "spouse", "manager", "respondent", "other")]
    rows = duckdb.sql(f"""
        WITH alone AS (SELECT person FROM (SELECT unnest([{", ".join(people)}]) AS person FROM {records}) GROUP BY ALL HAVING count(*) = 1)
        SELECT row FROM {records} JOIN alone ON person_id = person WHERE dataset = '{RESIDENTS}'""").fetchall()
    return found | {KNOWN: found[RESIDENTS], RESIDENTS: found[RESIDENTS] & {row for (row,) in rows}}


def datapool_runs(folder: Path, delivery: str, now: datetime) -> int | None:
    """Take a delivery through the whole path; answers the release."""
    return run(context_at(folder / "home", now=now, run=f"run-{delivery}"), folder / delivery)


def read_report(context: Context, planting: Planting) -> Audited:
    """What the figures of blame of the second day name beyond those of the first: of rules the records that were not broken, else the rows."""
    newest = {entry.contract: entry.batch for entry in sorted(context.pool.ledger.batches(), key=lambda each: each.period)}
    reported = {each.name: each for each in figures(context, 2)[1]}
    before = {each.name: traced(context, each.name, 1) for each in figures(context, 1)[1] if each.rows and OF_BLAME.fullmatch(each.name)}
    found, known = {}, {}
    for name in (each.name for each in reported.values() if each.rows and OF_BLAME.fullmatch(each.name)):
        places = [(identity, where) for batch, identity, where in traced(context, name, 2) if not batch or batch in newest.values()]
        old = {identity for _, identity, _ in before.get(name, ())}
        found[name] = Counter(where for identity, where in places if identity not in old)
        known[name] = reported[name].rows - found[name].total()
    return Audited(context, planting.expected, reported, found, known)


def traced(context: Context, name: str, release: int) -> list[tuple[str, object, Place]]:
    """The rows behind a figure: batch, what is counted (a record, or else the row itself) and where it stands; of a delivery the row is 0."""
    rows = trace_figure(context, name, release=release)
    assert rows.agrees, name
    found: list[tuple[str, object, Place]] = []
    for batch, _file, sheet, row, table, key, _note in rows.rows:
        dataset = (batch or key).split("-")[0]
        where: Place = (dataset, "", 0) if table in ("delivery", "dataset") else (dataset, sheet, row)
        found.append((batch, key if name.startswith("rules/") else where, where))
    return found


def test_the_page_for_people_lists_these_faults() -> None:
    written = (CITY.parents[1] / "docs" / "planted-faults.md").read_text(encoding="utf-8")
    assert written == page(), "run python -m tests.end_to_end.planting > docs/planted-faults.md"


def test_faults_are_of_more_than_twenty_five_kinds() -> None:
    kinds = {(fault.figure, fault.page, fault.broken, fault.file) for fault in FAULTS}
    assert len(kinds) == len(FAULTS) > 25


@pytest.mark.parametrize("fault", OF_ROWS, ids=lambda fault: fault.name)
def test_fault_of_rows_is_counted_under_its_name_and_traced_to_its_rows(audited: Audited, fault: Fault) -> None:
    figure, expected = audited.reported[fault.figure], audited.expected[fault.figure]
    assert fault.words in figure.label
    assert audited.found[fault.figure] == expected
    assert expected.total() == fault.rows, "what the page says is the number of the file of faults"
    for dataset in {dataset for dataset, *_ in expected}:
        name = figure.name if figure.name.startswith("dataset/") else f"{figure.name}/{dataset}"
        assert re.search(rf'data-figure="{name}"[^>]*>{audited.reported[name].rows:,}<', audited.page(dataset))


@pytest.mark.parametrize("fault", OF_PAGES, ids=lambda fault: fault.name)
def test_fault_that_is_no_row_stands_on_the_page_of_its_dataset(audited: Audited, fault: Fault) -> None:
    assert fault.page in audited.page(fault.dataset)


@pytest.mark.parametrize("fault", OF_FILES, ids=lambda fault: fault.name)
def test_fault_of_a_file_is_counted_for_its_dataset(audited: Audited, fault: Fault) -> None:
    assert audited.found[f"rules/{fault.broken}"][fault.dataset, "", 0] == 1
    assert audited.reported[f"rules/{fault.broken}/{fault.dataset}"].rows == 1


def test_no_row_is_blamed_but_those_with_a_fault(audited: Audited) -> None:
    assert {name: places for name, places in audited.found.items() if places} == audited.expected


def test_the_auditor_is_led_to_file_sheet_and_row(audited: Audited) -> None:
    name = "dataset/emergency_management.hazard_inspection/warned/due_after_inspection"
    answer = datapool("trace", "report", name, "--json", "--home", audited.context.pool.home)
    assert answer.code == 0, answer.errors
    listed = {(each["file"], each["sheet"], each["row"]) for each in json.loads(answer.output)["listed"]}
    assert listed == {(f"隐患排查治理_{SECOND}.xlsx", sheet, row) for _, sheet, row in audited.expected[name]}
