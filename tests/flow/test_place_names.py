"""A register of place names lets addresses be found that are written with a former or another name."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.run import run
from samples.exports.table import Table
from samples.writers import ExportFile
from schemas.contract import source_contracts
from tests.small_exports import NOW, context_at
from tests.small_library import HEAD, TOWN, write_library, write_organisations

PLACE_NAMES = "civil_affairs.place_name"
TEXTS = {f"{HEAD}{TOWN}老菜场街101号": "2005-03-01", f"{HEAD}{TOWN}向阳里1栋101室": "2015-03-02", f"{HEAD}{TOWN}中心街101号": "2015-03-02"}


def _write_place_names(folder: Path, day: date, other_name: str) -> None:
    rows = [
        ("P1", "中心街", "道路", "老菜场街", "2010-07-01", ""),
        ("P2", "阳光小区", "小区院落", "", "", other_name),
        ("P3", "飞云江", "河流", "安阳江", "", ""),
    ]
    names = ("place_code", "name", "kind", "former_name", "renamed_on", "other_name")
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    file = ExportFile(source_contracts()[PLACE_NAMES], folder, day)
    file.write(Table("place_code", {**columns, "within": [TOWN] * len(rows)}, about={}))
    file.close()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Release 1 without the register, 2 with it, 3 with another name in it."""
    context = context_at(tmp_path_factory.mktemp("place-names"))
    inbox = context.pool.paths.inbox
    write_library(inbox)
    write_organisations(inbox, TEXTS)
    assert run(context) == 1
    for number, other_name in ((2, "向阳里"), (3, "向阳坊")):
        _write_place_names(inbox, date(2025, 6, 30) + timedelta(days=number), other_name)
        assert run(replace(context, run=f"run-{number}", now=NOW + timedelta(days=number))) == number
    return context


def _found(context: Context, release: int) -> list[tuple[str, str | None]]:
    rows = pq.read_table(context.pool.releases.folder(release) / "pool" / "premises.parquet").to_pylist()
    found = {row["address_text"]: (row["match_status"], row["address_id"]) for row in rows}
    return [found[text] for text in TEXTS]


def test_a_name_that_nobody_knows_is_not_matched(pool: Context) -> None:
    assert [status for status, _ in _found(pool, 1)] == ["unmatched", "unmatched", "matched"]


def test_former_and_other_names_of_the_register_are_names_of_the_library(pool: Context) -> None:
    assert _found(pool, 2) == [("matched", "H101"), ("matched", "M1"), ("matched", "H101")]


def test_a_name_that_the_register_drops_is_forgotten(pool: Context) -> None:
    assert [status for status, _ in _found(pool, 3)] == ["matched", "unmatched", "matched"]


def test_the_pool_has_the_register_and_its_names_rivers_included(pool: Context) -> None:
    folder = pool.pool.releases.folder(2) / "pool"
    names = {row["name"]: row["kind"] for row in pq.read_table(folder / "place_name.parquet").to_pylist()}
    assert names == {"中心街": "road", "阳光小区": "compound", "飞云江": "feature"}
    aliases = {(row["name"], row["alias"]) for row in pq.read_table(folder / "address_alias.parquet").to_pylist()}
    assert {("中心街", "老菜场街"), ("阳光小区", "向阳里"), ("飞云江", "安阳江")} <= aliases
