"""Plants the faults of planted_faults.yaml into exports, and knows which rows got which.

`python -m tests.end_to_end.planting > docs/planted-faults.md` writes the list of them for people.
"""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from samples.identifiers import with_wrong_check
from schemas.contract import Contract, source_contracts

FAULTS = Path(__file__).with_name("planted_faults.yaml")
RESIDENTS, DEAD, SOCIETIES = "public_security.resident_population", "civil_affairs.death", "civil_affairs.social_organisation"
KNOWN = "known residents"
"""Stands for the residents of whom other rows may speak."""
Place = tuple[str, str, int]
"""Dataset, sheet and row as a spreadsheet shows it."""


@dataclass(frozen=True)
class Fault:
    """One entry of planted_faults.yaml."""

    name: str
    says: str
    dataset: str
    rows: int = 0
    filled: tuple[str, ...] = ()
    known: str = ""
    set: Mapping[str, str] | str = field(default_factory=dict)
    copy: bool = False
    blamed: str = ""
    file: str = ""
    figure: str = ""
    words: str = ""
    also: tuple[str, ...] = ()
    page: str = ""
    broken: str = ""


def faults() -> list[Fault]:
    """All of them, in the order of the file."""
    return [Fault(name, **entry) for name, entry in yaml.safe_load(FAULTS.read_text(encoding="utf-8")).items()]


class ExportTable:
    """An export that was written by the samples: its header, its rows as texts, and how it is written again."""

    def __init__(self, contract: Contract, path: Path) -> None:
        self.contract, self.path = contract, path
        self.headings = contract.title_rows + contract.header_rows
        self.lost: set[int] = set()
        self.footer: list[str] = []
        self.sheet = ""
        if contract.format == "jsonl":
            records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            self.header = list(records[0])
            self.rows = [[record.get(name) for name in self.header] for record in records]
        elif contract.format == "xlsx":
            self.book = openpyxl.load_workbook(path)
            self.sheet = self.book.active.title
            cells = [[cell.value for cell in row] for row in self.book.active.iter_rows()]
            tops = cells[contract.title_rows : self.headings]
            self.header = self._joined(tops)
            self.rows = cells[self.headings :]
        else:
            with path.open(encoding=self._encoding, newline="") as file:
                lines = list(csv.reader(file))
            self.titles, self.header, self.rows = lines[: contract.title_rows], lines[self.headings - 1], lines[self.headings :]

    @property
    def _encoding(self) -> str:
        return self.contract.encoding or "utf-8"

    @staticmethod
    def _joined(tops: list[list[Any]]) -> list[str]:
        """The names of columns whose heading stands in one line or, under a group, in two."""
        found, group = [], ""
        for top, *below in zip(*tops, strict=True):
            group = top or group
            found.append("_".join([group, *(each for each in below if each)]))
        return found

    def place(self, index: int) -> Place:
        """Where a row stands."""
        first = 1 if self.contract.format == "jsonl" else self.headings + 1
        return self.contract.id, self.sheet, first + index

    def at(self, column: str) -> int:
        """Which cell of a row is a column of the contract."""
        return self.header.index(self.contract.column(column).physical_name)

    def text(self, index: int, column: str) -> str:
        """The text of a cell."""
        value = self.rows[index][self.at(column)]
        return "" if value is None else str(value)

    def add_column(self, header: str, values: Iterable[str]) -> None:
        """One more column at the end."""
        self.header.append(header)
        for row, value in zip(self.rows, values, strict=False):
            row.append(value)

    def write(self) -> None:
        """Replace the file by what stands here."""
        if self.contract.format == "jsonl":
            lines = [json.dumps(dict(zip(self.header, row, strict=True)), ensure_ascii=False) for row in self.rows]
            self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        elif self.contract.format == "xlsx":
            for number, row in enumerate([*self.rows, self.footer], start=self.headings + 1):
                for place, value in enumerate(row, start=1):
                    self.book.active.cell(number, place).value = value
            self.book.save(self.path)
        else:
            text = io.StringIO(newline="")
            rows = [row[:-1] if index in self.lost else row for index, row in enumerate(self.rows)]
            csv.writer(text).writerows([*self.titles, self.header, *rows])
            self.path.write_bytes(text.getvalue().encode(self._encoding))


class Planting:
    """A folder of exports into which faults are planted.

    faultless: dataset to the rows that may be chosen, and under `KNOWN` more of the residents. `expected` maps each figure to the rows it must name because of what was
    planted; of a whole file the row is 0.
    """

    def __init__(self, folder: Path, faultless: Mapping[str, set[int]]) -> None:
        self.folder = folder
        self.faultless = faultless
        self.tables: dict[str, ExportTable] = {}
        self.taken: set[Place] = set()
        self.told: set[str] = set()
        self.expected: dict[str, Counter[Place]] = {}

    def table(self, dataset: str) -> ExportTable:
        """The export of a dataset."""
        if dataset not in self.tables:
            contract = source_contracts()[dataset]
            [path] = (self.folder / contract.system / contract.dataset).iterdir()
            self.tables[dataset] = ExportTable(contract, path)
        return self.tables[dataset]

    def plant(self, planted: Iterable[Fault]) -> None:
        """Plant faults of rows first, then those of whole files, and write the files."""
        ordered = sorted(planted, key=lambda each: (bool(each.file), each.copy))
        for fault in ordered:
            if fault.file:
                continue
            blamed = Counter(place for index in self._chosen(fault) for place in self._plant_row(fault, index))
            for figure in (fault.figure, *fault.also):
                self.expected[figure] = self.expected.get(figure, Counter()) + blamed
        for table in self.tables.values():
            table.write()
        for fault in ordered:
            if fault.file:
                FILE_CHANGES[fault.file](self.table(fault.dataset))
            for figure in (f"rules/{fault.broken}", *fault.also) if fault.broken else ():
                self.expected.setdefault(figure, Counter())[fault.dataset, "", 0] += 1

    def _chosen(self, fault: Fault) -> list[int]:
        table = self.table(fault.dataset)
        wanted = [
            index
            for index in range(len(table.rows))
            if table.place(index)[2] in self.faultless[fault.dataset]
            and table.place(index) not in self.taken
            and all(table.text(index, column) for column in fault.filled)
            and (not fault.known or table.text(index, fault.known) in self._registered())
        ]
        if fault.known:
            wanted = list({table.text(index, fault.known): index for index in reversed(wanted)}.values())[::-1]
        assert len(wanted) >= fault.rows, f"{fault.name}: only {len(wanted)} rows will do"
        chosen = wanted[: fault.rows]
        self.told |= {table.text(index, fault.known) for index in chosen if fault.known}
        self.taken |= {table.place(index) for index in chosen}
        return chosen

    def _registered(self) -> set[str]:
        """Numbers of residents of whom nothing else is planted."""
        residents = self.table(RESIDENTS)
        rows = [index for index in range(len(residents.rows)) if residents.place(index)[2] in self.faultless[KNOWN]]
        return {residents.text(index, "citizen_number") for index in rows if residents.place(index) not in self.taken} - self.told

    def _plant_row(self, fault: Fault, index: int) -> list[Place]:
        """Change a row or a copy of it; answers the rows the report has to name."""
        table, original = self.table(fault.dataset), index
        if fault.copy:
            table.rows.append(list(table.rows[index]))
            index = len(table.rows) - 1
        if isinstance(fault.set, str):
            table.lost.add(index)
            return [table.place(index)]
        for column, given in fault.set.items():
            value = self._value(given.removeprefix("~"), table.text(index, column)) if given.startswith("~") else given
            table.rows[index][table.at(column)] = value
        if fault.blamed == SOCIETIES:
            return [self.table(SOCIETIES).place(self._society())]
        return [table.place(original if fault.blamed == "original" else index)]

    def _value(self, change: str, value: str) -> str:
        if change in CHANGES:
            return CHANGES[change](value)
        known = {
            "number_of_the_dead": (DEAD, 0, "citizen_number"),
            "name_of_the_dead": (DEAD, 0, "name"),
            "code_of_a_society": (SOCIETIES, self._society(), "uscc"),
            "name_of_a_society": (SOCIETIES, self._society(), "name"),
        }
        dataset, index, column = known[change]
        return self.table(dataset).text(index, column)

    def _society(self) -> int:
        """The first society that is faultless and alive."""
        table = self.table(SOCIETIES)
        rows = [index for index in range(len(table.rows)) if table.place(index)[2] in self.faultless[SOCIETIES]]
        return next(index for index in rows if table.text(index, "state_code") == "正常")


CHANGES: Mapping[str, Callable[[str], str]] = {
    "wrong_check": with_wrong_check,
    "last_character_lost": lambda value: value[:-1],
    "last_character_other": lambda value: value[:-1] + ("妍" if value[-1] != "妍" else "娜"),
    "a_year_later": lambda value: f"{int(value[:4]) + 1}{value[4:]}",
    "other_sex": lambda value: {"1": "2", "2": "1"}[value],
}
"""What a cell gets instead, from what stood there."""


def _total(table: ExportTable) -> None:
    table.footer = ["合计", *[""] * (len(table.header) - 2), "99"]
    table.write()


def _unknown_column(table: ExportTable) -> None:
    table.add_column("核查说明", ["已核" for _ in table.rows])
    table.write()


def _undeclared_numbers(table: ExportTable) -> None:
    place = table.at("owner_number")
    table.add_column("经手", [row[place] for row in table.rows])
    table.write()


def _refused_column(table: ExportTable) -> None:
    table.add_column("收款银行账号", [f"62300000000{index:05d}" for index in range(len(table.rows))])
    table.write()


def _half(table: ExportTable) -> None:
    del table.rows[len(table.rows) // 2 :]
    table.write()


def _key_column_renamed(table: ExportTable) -> None:
    table.header[table.at(table.contract.key[0])] = "流水"
    table.write()


def _mixed_encodings(table: ExportTable) -> None:
    lines = table.path.read_bytes().splitlines(keepends=True)
    lines[-1] = lines[-1].decode("utf-8").encode("gb18030")
    table.path.write_bytes(b"".join(lines))


FILE_CHANGES: Mapping[str, Callable[[ExportTable], None]] = {
    "total": _total,
    "unknown_column": _unknown_column,
    "undeclared_numbers": _undeclared_numbers,
    "refused_column": _refused_column,
    "half": _half,
    "key_column_renamed": _key_column_renamed,
    "mixed_encodings": _mixed_encodings,
    "late": lambda table: None,  # the file is named for a day that is past
    "missing": lambda table: table.path.unlink(),
}
"""What is done to a file as a whole."""


PAGE = """# 植入的缺陷

审计员怎样检验这份软件：往样例数据的一天里植入下列缺陷，看报告是否各以其名、各以其数列出来，能否追到文件、工作表和行，
没有毛病的行是否无一被指。`tests/end_to_end/test_planted_faults.py` 每次都这样做；由
`python -m tests.end_to_end.planting > docs/planted-faults.md` 从 `tests/end_to_end/planted_faults.yaml` 写出。

编号的行用 `datapool trace report 编号` 列出；“数据集页”的，写在该数据集页的“变化”一节。

| | 植入的缺陷 | 数据集 | 报告里的编号或文字 | 数 | 同时计入 |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The faults as a table in Markdown."""
    lines = []
    for number, fault in enumerate(faults(), start=1):
        where = fault.figure or (f"rules/{fault.broken}/{fault.dataset}" if fault.broken else "")
        told = f"`{where}`" if where else f"数据集页：{fault.page}…"
        also = "、".join(f"`{each}`" for each in fault.also)
        name = source_contracts()[fault.dataset].name
        lines.append(f"| {number} | {fault.says} | {name} | {told} | {fault.rows or 1} | {also} |\n")
    return PAGE + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
