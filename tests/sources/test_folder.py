import os
from dataclasses import dataclass
from datetime import date

import pytest

from schemas.contract import source_contracts
from sources.folder import Found, discover, part_of, period_of
from sources.readers import ReadError


@dataclass(frozen=True)
class Dataset:
    id: str
    path_patterns: tuple[str, ...]


HOUSES = Dataset("police.house", ("police/house/*.csv",))
FIRMS = Dataset("market.firm", ("market/**/firm_*.xlsx", "firms.jsonl"))


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def found_in(folder, *contracts):
    return [(found.path.relative_to(folder).as_posix(), found.contract_id) for found in discover(folder, contracts)]


def test_files_belong_to_the_contract_whose_pattern_matches_their_path(tmp_path):
    put(tmp_path, "police/house/a.csv", "market/2026/11/firm_1.xlsx", "market/firm_2.XLSX", "firms.jsonl")
    assert found_in(tmp_path, HOUSES, FIRMS) == [
        ("firms.jsonl", "market.firm"),
        ("market/2026/11/firm_1.xlsx", "market.firm"),
        ("market/firm_2.XLSX", "market.firm"),
        ("police/house/a.csv", "police.house"),
    ]


def test_files_that_no_contract_knows_are_reported(tmp_path):
    put(tmp_path, "police/house/deep/a.csv", "police/house/a.txt", "other/police/house/a.csv", "policeXhouse/a.csv")
    assert {contract for _, contract in found_in(tmp_path, HOUSES)} == {None}
    assert len(found_in(tmp_path, HOUSES)) == 4


def test_the_pattern_that_says_most_counts_whatever_the_order_of_contracts(tmp_path):
    put(tmp_path, "police/house/rent_1.csv")
    rents = Dataset("police.rent", ("police/house/rent_*.csv",))
    assert found_in(tmp_path, HOUSES, rents) == found_in(tmp_path, rents, HOUSES) == [("police/house/rent_1.csv", "police.rent")]


def test_temporary_hidden_and_partial_files_are_left_out(tmp_path):
    put(tmp_path, "~$a.xlsx", ".hidden.csv", ".git/a.csv", "a.csv.part", "b.TMP", "c.csv.filepart", "__MACOSX/a.csv", "d.csv")
    assert found_in(tmp_path) == [("d.csv", None)]


def test_symbolic_links_are_not_followed(tmp_path):
    put(tmp_path, "outside/a.csv", "inbox/police/house/b.csv")
    (tmp_path / "inbox/police/house/link.csv").symlink_to(tmp_path / "outside/a.csv")
    (tmp_path / "inbox/linked").symlink_to(tmp_path / "outside")
    assert found_in(tmp_path / "inbox", HOUSES) == [("police/house/b.csv", "police.house")]


def test_files_that_may_still_be_growing_wait(tmp_path):
    put(tmp_path, "old.csv", "new.csv")
    os.utime(tmp_path / "old.csv", (1000, 1000))
    os.utime(tmp_path / "new.csv", (2000, 2000))
    assert discover(tmp_path, [], settled_before=1990) == [Found(tmp_path / "old.csv", None, None)]
    assert len(discover(tmp_path, [], settled_before=2001)) == 2


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path):
    with pytest.raises(ReadError, match="无法列出"):
        discover(tmp_path / "没有", [])


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("人口_20261101.csv", date(2026, 11, 1)),
        ("人口-2026-11-30.csv", date(2026, 11, 30)),
        ("house_202611.csv", date(2026, 11, 30)),
        ("house_202402.csv", date(2024, 2, 29)),
        ("firm_20261101093000.xlsx", date(2026, 11, 1)),
        ("20261101-20261130.csv", date(2026, 11, 30)),
        ("330381_20261101.csv", date(2026, 11, 1)),
        ("20261301.csv", None),
        ("20260230.csv", None),
        ("202613.csv", None),
        ("9133038120261101.csv", None),
        ("v2026.csv", None),
        ("人口.csv", None),
    ],
)
def test_the_period_is_the_last_date_of_the_name(name, period):
    assert period_of(name) == period


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("人口_20261101_1of3.csv", (1, 3)),
        ("人口_20261101_02OF12.csv", (2, 12)),
        ("人口_20261101（第3份共3份）.csv", (3, 3)),
        ("人口_第1卷共2卷_20261101.csv", (1, 2)),
        ("人口_第1部分共2部分.csv", (1, 2)),
        ("人口_20261101.csv", None),
        ("人口_20261101_2.csv", None),
        ("人口_20261101(1).csv", None),
        ("人口_4of3.csv", None),
        ("proof12.csv", None),
    ],
)
def test_a_name_says_which_part_of_how_many_the_file_is(name, part):
    assert part_of(name) == part


def test_the_contracts_of_the_software_have_paths_of_their_own(tmp_path):
    contracts = source_contracts()
    expected = []
    for contract in contracts.values():
        name = contract.path_patterns[0].replace("*", "export_20261101")
        put(tmp_path, name)
        expected.append((name, contract.id))
    assert found_in(tmp_path, *contracts.values()) == sorted(expected)
