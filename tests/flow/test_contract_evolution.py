"""Contracts grow while files come: old and new files are both taken, and what was turned away comes in after a replay."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flow.contract_versions import changed_since_judged
from flow.delivered import accepted_deliveries, create_delivered
from flow.replay import choose, replay
from flow.workspace import sql_path
from pool.verify import verify
from schemas import codes
from schemas.contract import Contract
from tests.flow.history import History, Row, firms
from tests.small_exports import ORGANISATIONS

KIND = "kind_code"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def _without(contract: Contract, column: str) -> Contract:
    """An older version that does not know a column yet."""
    fact, *others = contract.facts
    fact = replace(fact, columns={name: value for name, value in fact.columns.items() if value != column})
    return replace(
        contract, version="0.9.0", columns=tuple(each for each in contract.columns if each.name != column), facts=(fact, *others)
    )


def _changed(contract: Contract, column: str, **facts: object) -> Contract:
    columns = tuple(replace(each, **facts) if each.name == column else each for each in contract.columns)
    return replace(contract, version="1.1.0", columns=columns)


def _contract(history: History) -> Contract:
    return history.context.contracts[ORGANISATIONS]


def _values(history: History, column: str) -> list[str | None]:
    """A column of all rows that were accepted, in the order of deliveries and rows."""
    with duckdb.connect() as connection:
        rows = create_delivered(connection, history.context, _contract(history), accepted_deliveries(history.context)[ORGANISATIONS])
        return [value for (value,) in connection.execute(f"SELECT {column} FROM {rows} ORDER BY sequence, row").fetchall()]


def _with_kind(rows: list[Row], kind: str) -> list[Row]:
    return [row | {KIND: kind} for row in rows]


def _rename_column(drop: Path, old: str, new: str) -> None:
    [path] = drop.rglob("*.csv")
    with path.open(encoding="gb18030", newline="") as file:
        header, *rows = csv.reader(file)
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([[new if text == old else text for text in header], *rows])


def test_new_optional_column_leaves_old_batches_and_old_files_as_they_are(history: History) -> None:
    grown = _contract(history)
    history.put_contract(_without(grown, KIND))
    history.send({"20250601": _with_kind(firms("1"), "01")})
    history.put_contract(grown)
    history.send({"20250701": _with_kind(firms("1", "2"), "01")})
    assert _values(history, KIND) == [None, "01", "01"], "a row that is the same but for the new column is checked anew"

    drop = history.write({"20250801": firms("1", "2")})
    _rename_column(drop, "类型", "以前的列")
    history.take(drop)
    assert _values(history, KIND) == [None, "01", "01", None, None], "an old file that lacks the column"
    assert history.state().names == ["1", "2"]
    assert verify(history.context.pool) == []


def test_values_of_a_column_that_the_contract_did_not_know_come_in_after_a_replay(history: History) -> None:
    grown = _contract(history)
    history.put_contract(_without(grown, KIND))
    history.send({"20250601": _with_kind(firms("1"), "01")})
    history.put_contract(grown)
    [evolution] = changed_since_judged(history.context, ORGANISATIONS)
    assert (evolution.old_version, evolution.new_version, evolution.is_compatible) == ("0.9.0", "1.0.0", True)
    assert evolution.batches == [history.batch("20250601")]
    assert "新增可选列" in [change.what for change in evolution.changes]

    replay(history.later(), choose(history.context, dataset=ORGANISATIONS).batches, "契约登记了类型")
    history.check_waiting()
    assert _values(history, KIND) == ["01"]
    assert changed_since_judged(history.context, ORGANISATIONS) == []


def test_renamed_column_is_known_by_its_synonym_in_old_and_new_files(history: History) -> None:
    history.send({"20250601": _with_kind(firms("1"), "01")})
    history.put_contract(_changed(_contract(history), KIND, physical_name="组织类型", synonyms=("类型",)))
    old_file = history.write({"20250701": _with_kind(firms("1"), "02")})
    history.take(old_file)
    new_file = history.write({"20250801": _with_kind(firms("1"), "03")})
    _rename_column(new_file, "类型", "组织类型")
    history.take(new_file)
    assert _values(history, KIND) == ["01", "02", "03"]


def test_renamed_required_column_blocks_its_file_until_the_contract_knows_the_name(history: History) -> None:
    drop = history.write({"20250601": firms("1")})
    _rename_column(drop, "名称", "组织名称")
    history.take(drop)
    [entry] = history.context.pool.ledger.batches(contract=ORGANISATIONS)
    assert entry.status == "blocked"
    assert "在契约中登记列的别名" in entry.reason
    history.put_contract(_changed(_contract(history), "name", synonyms=("组织名称",)))
    replay(history.later(), choose(history.context, dataset=ORGANISATIONS).batches, "登记了别名")
    history.check_waiting()
    assert history.state().names == ["1"]
    assert verify(history.context.pool) == []


@pytest.fixture
def narrow_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The code list of kinds without foundations; what is added to the file counts from the next call of `codes.code_lists.cache_clear`."""
    folder = Path(shutil.copytree(codes.FOLDER, tmp_path / "codes"))
    path = folder / "social_organisation_kind.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("03,基金会,\n", ""), encoding="utf-8")
    monkeypatch.setattr(codes, "FOLDER", folder)
    codes.code_lists.cache_clear()
    yield path
    monkeypatch.undo()
    codes.code_lists.cache_clear()


def test_widened_code_list_lets_rows_in_that_were_turned_away(history: History, narrow_list: Path) -> None:
    history.put_contract(_changed(_contract(history), KIND, required=True))
    rows = [*_with_kind(firms("1", "2"), "01"), *_with_kind(firms("3"), "基金会")]
    history.send({"20250601": rows})
    state = history.state()
    assert (state.names, state.of("20250601")) == (["1", "2"], {"published": 2, "quarantined": 1})

    with narrow_list.open("a", encoding="utf-8") as file:
        file.write("03,基金会,\n")
    codes.code_lists.cache_clear()
    [evolution] = changed_since_judged(history.context, ORGANISATIONS)
    assert [(change.what, change.is_compatible) for change in evolution.changes if "代码表" in change.what] == [
        ("代码表 social_organisation_kind 增加“03”“基金会”", True)
    ]
    history.send({"20250701": rows})
    assert history.state().of("20250701") == {"published": 3}, "the row comes again unchanged, but the contract is another"

    replay(history.later(), choose(history.context, dataset=ORGANISATIONS, period="2025-06").batches, "代码表已补")
    history.check_waiting()
    assert history.state().of("20250601") == {"superseded": 3}
    assert verify(history.context.pool) == []


def test_rejected_row_that_comes_again_is_told_from_the_batch_before(history: History) -> None:
    history.send({"20250601": firms("1", "2x")})
    history.send({"20250701": firms("1", "2x", "3")})
    folder = history.context.pool.batches.folder(history.batch("20250701"))
    held = {
        name: duckdb.sql(f"SELECT row FROM {sql_path(folder / name)} ORDER BY row").fetchall()
        for name in ("accepted.parquet", "unchanged.parquet", "quarantine.parquet")
    }
    assert held == {"accepted.parquet": [(4,)], "unchanged.parquet": [(2,)], "quarantine.parquet": [(3,)]}
    replay(history.later(), [history.batch("20250601")], "核对")
    entries = {entry.period: entry.status for entry in history.context.pool.ledger.batches(contract=ORGANISATIONS)}
    assert entries == {"2025-06-01": "received", "2025-07-01": "received"}, "who took rows over is judged again with who holds them"
    history.check_waiting()
    assert history.state().names == ["1", "3"]
    assert verify(history.context.pool) == []
