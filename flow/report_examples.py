"""Rows in quarantine as the report shows them, masked: all of them in the workbook, a few of each reason on the page of their dataset."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expectations import report
from flow.context import Context
from schemas.codes import code_list
from transforms.mask import masked_text

CORRECT_AT_SOURCE = "请来源部门核对更正后重新报送"
EXAMPLES = 3
"""So many of each reason."""


class Examples:
    """The first rows of each reason, kept while all of them pass by."""

    def __init__(self) -> None:
        self._found: dict[str, list[report.Example]] = defaultdict(list)
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def pass_by(self, cells: Iterator[tuple[str, report.QuarantinedCell]]) -> Iterator[report.QuarantinedCell]:
        """Hand on the cells; each comes with the contract of its dataset."""
        for contract, cell in cells:
            self._seen[contract, cell.column, cell.reason] += 1
            if self._seen[contract, cell.column, cell.reason] <= EXAMPLES:
                self._found[contract].append(report.Example(cell.file, cell.sheet, cell.row, cell.column, cell.masked, cell.reason))
            yield cell

    def of(self, contract: str) -> list[report.Example]:
        """Those of a dataset, by reason."""
        return sorted(self._found[contract], key=lambda each: (each.reason, each.column))


def quarantined_cells(context: Context, batches: Sequence[str]) -> Iterator[tuple[str, report.QuarantinedCell]]:
    """One line a reason for every quarantined row, values masked as the contract says; with it the contract."""
    advice = code_list("fault_advice")
    for batch in batches:
        receipt = context.pool.receipts.read(batch)
        contract = context.contracts[receipt.contract]
        columns = {column.name: column for column in contract.columns}
        for row in _rows_of(context.pool.batches.folder(batch) / "quarantine.parquet"):
            original = _original(row["original"])
            for reason in row["reasons"]:
                column = columns.get(reason["column"])
                yield (
                    contract.id,
                    report.QuarantinedCell(
                        dataset=contract.name,
                        file=receipt.file_name,
                        sheet=row["sheet"],
                        row=row["row"],
                        column=column.label if column else "",
                        masked=masked_text(column, str(original.get(column.physical_name, ""))) if column else "",
                        reason=reason["message"],
                        advice=advice.get(reason["rule"], CORRECT_AT_SOURCE),
                    ),
                )


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _original(text: str) -> Mapping[str, str]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
