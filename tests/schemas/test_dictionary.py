"""The data dictionary in docs/ is the one the contracts make."""

from pathlib import Path

from schemas.contract import pool_contracts, source_contracts
from schemas.dictionary import dictionary

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(), "请运行 python -m schemas.dictionary > docs/data-dictionary.md"


def test_every_column_of_every_contract_has_a_row() -> None:
    rows = dictionary().count("\n| `")
    assert rows == sum(len(contract.columns) for contract in [*pool_contracts().values(), *source_contracts().values()])


def test_links_lead_to_code_lists_on_the_page() -> None:
    page = dictionary()
    for contract in [*pool_contracts().values(), *source_contracts().values()]:
        for column in contract.columns:
            if column.element and column.element.code_list:
                assert f'<a id="{column.element.code_list}"></a>' in page
