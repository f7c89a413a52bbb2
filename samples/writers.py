"""Files of exports in the format, encoding and layout of their contract, the same bytes for the same rows."""

import csv
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from samples.exports.table import Table
from schemas.contract import Contract

CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
SERIAL_DIGITS = 5
EXCEL_ZERO = date(1899, 12, 30)


class Writer(Protocol):
    """Takes rows of cells and closes the file."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None: ...

    def close(self) -> None: ...


class ExportFile:
    """One export of a contract: `write` tables, then `close`; only then the file stands under its name.

    `row` is the number the next row will have in the file, as a spreadsheet shows it; in JSON lines the line.
    """

    def __init__(self, contract: Contract, folder: Path, day: date) -> None:
        pattern = contract.path_patterns[0]
        self.contract = contract
        self.path = folder / pattern.replace("*", f"{contract.name}_{day:%Y%m%d}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.part = self.path.with_name(self.path.name + ".part")
        self.row = 1 if contract.format == "jsonl" else contract.title_rows + contract.header_rows + 1
        self.columns: list[str] = []
        self.writer: Writer | None = None

    def write(self, table: Table) -> None:
        """Append a table; the first one decides which columns beyond the contract's there are."""
        if self.writer is None:
            self._open(table)
        assert self.writer is not None
        cells = [table.columns.get(column) or [""] * len(table) for column in self.columns]
        if self.contract.format == "xlsx":
            cells = self._with_date_cells(table, cells)
        self.writer.write(list(zip(*cells, strict=True)))
        self.row += len(table)

    def close(self) -> None:
        """Finish the file and put it under its name."""
        if self.writer is not None:
            self.writer.close()
            self.part.replace(self.path)

    def _open(self, table: Table) -> None:
        names = {column.name: column.physical_name for column in self.contract.columns}
        by_header = {header: name for name, header in names.items()}
        extra = [column for column in table.columns if column not in names and column not in by_header]
        self.columns = [name if name in table.columns else names[name] for name in names] + extra
        header = [*names.values(), *extra]
        make: dict[str, Callable[[Contract, Path, list[str]], Writer]] = {"csv": _Csv, "tsv": _Csv, "xlsx": _Workbook, "jsonl": _JsonLines}
        self.writer = make[self.contract.format](self.contract, self.part, header)

    def _with_date_cells(self, table: Table, cells: list[list[Any]]) -> list[list[Any]]:
        """Dates planted as serial numbers become real date cells in a workbook."""
        made = {column: list(values) for column, values in zip(self.columns, cells, strict=True)}
        for row, planted in table.planted.items():
            for entry in planted:
                name, _, column = entry.partition(":")
                text = str(made[column][row]) if name == "date_excel_serial" else ""
                if text.isdigit() and len(text) == SERIAL_DIGITS:  # another fault may have taken its place
                    made[column][row] = EXCEL_ZERO + timedelta(days=int(text))
        return [made[column] for column in self.columns]


class _Csv:
    def __init__(self, contract: Contract, path: Path, header: list[str]) -> None:
        self.file = path.open("w", encoding=contract.encoding, newline="")
        self.csv = csv.writer(self.file, delimiter="\t" if contract.format == "tsv" else ",", lineterminator="\r\n")
        for _ in range(contract.title_rows):
            self.csv.writerow([contract.table_label, *[""] * (len(header) - 1)])
        self.csv.writerow(header)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        self.csv.writerows(rows)

    def close(self) -> None:
        self.file.close()


class _JsonLines:
    """Objects with nulls for nothing and numbers where the interface has numbers."""

    def __init__(self, contract: Contract, path: Path, header: list[str]) -> None:
        self.file = path.open("w", encoding=contract.encoding, newline="\n")
        self.header = header
        self.numbers = {c.physical_name for c in contract.columns if c.logical_type in ("integer", "number")}
        self.dates = {c.physical_name for c in contract.columns if c.logical_type == "date"}

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            record = {header: self._value(header, value) for header, value in zip(self.header, row, strict=True)}
            self.file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def _value(self, header: str, value: str) -> str | int | None:
        if value == "":
            return None
        moment = header in self.dates and value.removeprefix("-").isdigit() and len(value) in (11, 12, 13)
        return int(value) if moment or (header in self.numbers and value.isdigit()) else value

    def close(self) -> None:
        self.file.close()


class _Workbook:
    """A sheet with a merged title and a header of one line or two, groups merged."""

    def __init__(self, contract: Contract, path: Path, header: list[str]) -> None:
        self.book = xlsxwriter.Workbook(str(path), {"in_memory": True})
        self.book.set_properties({"title": contract.table_label, "created": CREATED})
        self.sheet = self.book.add_worksheet(contract.sheet or "Sheet1")
        self.date_format = self.book.add_format({"num_format": "yyyy/m/d"})
        bold = self.book.add_format({"bold": True, "align": "center", "valign": "vcenter"})
        for line in range(contract.title_rows):
            self.sheet.merge_range(line, 0, line, len(header) - 1, contract.table_label, bold)
        if contract.header_rows == 2:
            self._two_lines(contract.title_rows, header, bold)
        else:
            self.sheet.write_row(contract.title_rows, 0, header, bold)
        self.sheet.set_column(0, len(header) - 1, 16)
        self.sheet.freeze_panes(contract.title_rows + contract.header_rows, 0)
        self.line = contract.title_rows + contract.header_rows

    def _two_lines(self, top: int, header: list[str], bold: Any) -> None:
        """Names joined by `_` stand under their group; other names fill both lines."""
        at = 0
        for group, members in groupby(header, key=lambda name: name.split("_")[0]):
            names = list(members)
            if names == [group]:
                self.sheet.merge_range(top, at, top + 1, at, group, bold)
            else:
                if len(names) > 1:
                    self.sheet.merge_range(top, at, top, at + len(names) - 1, group, bold)
                else:
                    self.sheet.write_string(top, at, group, bold)
                for offset, name in enumerate(names):
                    self.sheet.write_string(top + 1, at + offset, name.removeprefix(group + "_"), bold)
            at += len(names)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            for column, value in enumerate(row):
                if isinstance(value, date):
                    self.sheet.write_datetime(self.line, column, value, self.date_format)
                elif value != "":
                    self.sheet.write_string(self.line, column, value)
            self.line += 1

    def close(self) -> None:
        self.book.close()
