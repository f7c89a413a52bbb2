"""Drafts of the sample exports name the elements of the contracts that people wrote."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.drafting.score import Judged, Judgement, judge, share
from samples.generate import generate
from schemas.contract import source_contracts

CITY = Path(__file__).parents[2] / "cities" / "330381"
DAY = date(2025, 12, 31)
DATASETS = (
    "public_security.rental_house",
    "public_security.resident_population",
    "market_regulation.market_entity",
    "civil_affairs.subsistence_allowance",
    "emergency_management.hazard_inspection",
)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    folder = tmp_path_factory.mktemp("samples")
    generate(CITY, folder / "exports", folder / "truth", 300, 7, DAY, lambda _said: None)
    found = [(contract, *contract.path_patterns) for contract in (source_contracts()[name] for name in DATASETS)]
    return [judge(contract, next((folder / "exports").glob(pattern)), DAY, blind=False) for contract, pattern, *_ in found]


def columns(judged: list[Judged]) -> list[Judgement]:
    return [column for each in judged for column in each.columns]


def test_nine_columns_of_ten_get_the_right_element_in_every_dataset(judged: list[Judged]) -> None:
    for each in judged:
        assert share(each.columns, (column.is_right for column in each.columns)) >= 0.9, each.dataset
    assert share(columns(judged), (column.is_right for column in columns(judged))) >= 0.95


def test_every_identifier_is_found(judged: list[Judged]) -> None:
    assert [column for column in columns(judged) if column.is_identifier and not column.is_alike] == []


def test_layouts_are_found_and_what_is_refused_is_refused(judged: list[Judged]) -> None:
    assert all(each.layout_is_right for each in judged)
    assert sum(each.refused for each in judged) > 0
    assert all(each.refused == each.refused_found for each in judged)
