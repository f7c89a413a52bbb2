"""Persons who may be one go out to people, their decisions come back, change the next release, and can be undone."""

import shutil
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.progress import silent
from flow.review.cases import find_cases
from flow.review.decide import Imported, import_decisions, undo_decision
from flow.review.export import export_cases
from flow.review.pair_sheet import CASE, CHOICE, MARK, PAIRS, WHO, WHY
from flow.review.pairs import find_pairs
from flow.run import advance, run
from flow.trace.record import trace
from pool import PoolError
from tests.flow.reviewing import later, library
from tests.small_exports import RESIDENTS, context_at, residents, write_export

LIBRARY = "reference.standard_address"
PHONE = "13900000001"
FIRST, SECOND = 0, 56
"""Places among `residents` of two numbers with one birthday and sex."""


def two_numbers() -> list[dict[str, str]]:
    """Somebody who may have two numbers, and a stranger."""
    rows = residents(SECOND + 1)
    return [rows[FIRST] | {"name": "张国强", "phone": PHONE}, rows[SECOND] | {"name": "张国强", "phone": PHONE}, *rows[1:9]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a release in which two persons may be one, for copying only."""
    folder = tmp_path_factory.mktemp("pairs")
    write_export(folder / "exports", LIBRARY, library())
    write_export(folder / "exports", RESIDENTS, two_numbers())
    assert run(context_at(folder / "home"), folder / "exports") == 1
    return folder / "home"


@pytest.fixture
def context(made: Path, tmp_path: Path) -> Context:
    return context_at(Path(shutil.copytree(made, tmp_path / "home")))


def export(context: Context, path: Path) -> Path:
    cases = find_cases(context, unmatched=False, progress=silent)
    export_cases(context, cases, [], path, pairs=find_pairs(context).waiting, progress=silent)
    return path


def fill(path: Path, choice: str | None, who: str | None = "陈某", why: str | None = "派出所确认", **cells: str) -> Path:
    """Fill in the only row as a spreadsheet program does."""
    book = openpyxl.load_workbook(path)
    sheet = book[PAIRS]
    headers = {cell.value: cell.column for cell in sheet[1]}
    for header, value in ({CHOICE: choice, WHO: who, WHY: why} | cells).items():
        sheet.cell(2, headers[header]).value = value
    book.save(path)
    return path


def take(context: Context, path: Path) -> Imported:
    return import_decisions(context, [path], only_check=False, progress=silent)


def persons(context: Context, release: int) -> dict[str, str]:
    """Of a release: number to id."""
    rows = pq.read_table(context.pool.releases.folder(release) / "pool" / "person.parquet").to_pylist()
    return {row["citizen_number"]: row["person_id"] for row in rows}


def test_pair_is_shown_with_both_sides_and_what_agrees_and_differs(context: Context, tmp_path: Path) -> None:
    [case] = find_pairs(context).waiting
    assert case.rule == "numbers_differ"
    agreeing, differing = case.compared()
    assert {"姓名", "联系电话"} <= set(agreeing)
    assert [label for label in differing if label.startswith("公民身份号码（第 ")]
    book = openpyxl.load_workbook(export(context, tmp_path / "人员.xlsx"))[PAIRS]
    text = "\n".join(str(cell) for row in book.iter_rows(values_only=True) for cell in row)
    assert "张国强" in text
    assert "常住人口 1 行" in text
    assert not any(row["citizen_number"] in text for row in two_numbers()), "numbers are masked"
    assert PHONE not in text


def test_same_joins_in_the_next_release_undoing_parts_again_and_ids_come_back(context: Context, tmp_path: Path) -> None:
    before = persons(context, 1)
    imported = take(context, fill(export(context, tmp_path / "人员.xlsx"), "同一"))
    [decision] = imported.pairs
    assert (decision.choice, decision.decided_by, decision.origin) == ("same", "陈某", "人员.xlsx 第 2 行")
    assert find_pairs(context).waiting == []

    assert advance(later(context, 1)) == 2
    after = persons(context, 2)
    assert len(after) == len(before) - 1
    assert set(after.items()) < set(before.items()), "one of the two ids survives"
    redirected = pq.read_table(context.pool.releases.folder(2) / "pool" / "entity_redirect.parquet").to_pylist()
    assert [row["new_id"] in after.values() and row["old_id"] in before.values() for row in redirected] == [True]
    assert trace(context, "person", redirected[0]["old_id"]).key == redirected[0]["new_id"], "an id noted down before still leads there"
    assert advance(later(context, 2)) is None, "nothing new"

    undo_decision(later(context, 3), decision.case_id, "查错了", "李某")
    assert advance(later(context, 3)) == 3
    assert persons(context, 3) == before
    assert len(find_pairs(context).waiting) == 1
    actions = [record.action for record in context.pool.audit.records() if record.action.startswith("review.")]
    assert actions == ["review.export", "review.import", "review.undo"]


def test_different_keeps_apart_and_is_not_asked_again(context: Context, tmp_path: Path) -> None:
    before = persons(context, 1)
    take(context, fill(export(context, tmp_path / "人员.xlsx"), "不同一"))
    assert advance(later(context, 1)) == 2
    assert persons(context, 2) == before
    assert find_pairs(context).waiting == []


def test_undecidable_changes_no_release_and_is_asked_again_when_more_is_known(context: Context, tmp_path: Path) -> None:
    take(context, fill(export(context, tmp_path / "人员.xlsx"), "不确定"))
    assert advance(later(context, 1)) is None
    pairs = find_pairs(context)
    assert (len(pairs.waiting), len(pairs.settled)) == (0, 1)
    rows = two_numbers()
    rows[0]["employer"] = "瑞星机械厂"
    write_export(tmp_path / "more", RESIDENTS, rows, period="20250701")
    assert run(later(context, 2), tmp_path / "more") == 2
    [case] = find_pairs(context).waiting
    assert case.decided is not None
    [decision] = take(later(context, 3), fill(export(later(context, 3), tmp_path / "再次.xlsx"), "不同一")).pairs
    assert context.pool.ledger.pairs.in_force() == [decision], "it takes the place of the one before"


@pytest.mark.parametrize(
    ("filled", "column", "cause"),
    [
        ({"choice": "大概是"}, CHOICE, "“大概是”不能选。可选：同一、不同一、不确定"),
        ({"choice": None}, CHOICE, "没有选决定"),
        ({"choice": "同一", "who": None}, WHO, "必填"),
        ({"choice": "同一", CASE: "0" * 12}, MARK, "被改动"),
        ({"choice": "同一", MARK: "别的"}, MARK, "被改动"),
    ],
)
def test_row_that_cannot_be_taken_says_where_and_why(
    context: Context, tmp_path: Path, filled: dict[str, str | None], column: str, cause: str
) -> None:
    imported = take(context, fill(export(context, tmp_path / "人员.xlsx"), **filled))  # type: ignore[arg-type]
    [refusal] = imported.refused
    assert (refusal.column, refusal.sheet) == (column, PAIRS)
    assert cause in refusal.cause
    assert context.pool.ledger.pairs.history() == []


def test_same_workbook_again_changes_nothing_and_another_decision_must_first_undo(context: Context, tmp_path: Path) -> None:
    book = fill(export(context, tmp_path / "人员.xlsx"), "同一")
    take(context, book)
    again = take(later(context, 1), book)
    assert (again.pairs, again.unchanged, again.refused) == ((), 1, [])
    [refusal] = take(later(context, 1), fill(book, "不同一")).refused
    assert "要改，请先撤销：datapool review undo" in refusal.cause
    advance(later(context, 1))
    assert take(later(context, 2), fill(book, "同一")).unchanged == 1, "also when they have become one"


def test_decision_that_is_undone_cannot_be_undone_again(context: Context, tmp_path: Path) -> None:
    [decision] = take(context, fill(export(context, tmp_path / "人员.xlsx"), "同一")).pairs
    undo_decision(later(context, 1), decision.decision, "查错了", "李某")
    with pytest.raises(PoolError, match="不必再撤销"):
        undo_decision(later(context, 2), decision.decision, "查错了", "李某")
