"""What is planted is what the check of the path finds: no more and no less."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from samples.generate import EXPORTS
from schemas.contract import source_contracts
from sources.readers import Layout, open_rows
from tests.samples.conftest import Made
from transforms.check import check_rows
from transforms.conform import conform

ALWAYS_REJECTED = {"missing_required", "duplicate_row", "superseded_below", "unsaid_reissue"}


@pytest.mark.parametrize("dataset", EXPORTS)
def test_rows_in_quarantine_are_rows_with_something_planted(made: Made, dataset: str) -> None:
    contract = source_contracts()[dataset]
    layout = Layout(contract.format, contract.encoding, contract.title_rows, contract.header_rows, contract.sheet)
    rows = open_rows(made.path(contract), layout)
    positions = conform(rows.header, contract).mapping
    table = pa.Table.from_batches(list(rows.batches()))
    text = {"sheet": table.column(0), "row": table.column(1)} | {name: table.column(2 + at) for at, name in positions.items()}
    connection = duckdb.connect()
    checked = check_rows(connection, pa.table(text).to_reader(), contract, load_date=date(2025, 12, 31))
    rejected = {row for _, row, *_ in checked.quarantined.fetchall()}
    planted = {record["row"]: {name.split(":")[0] for name in record["planted"]} for record in made.by_dataset("records")[dataset]}
    assert not {row for row in rejected if not planted[row]}
    assert {row for row, names in planted.items() if names & ALWAYS_REJECTED} <= rejected
    assert not rejected & {row for row, names in planted.items() if "total_line" in names}, "totals below a table are no rows"
    assert len(rejected) < 0.2 * len(planted)
