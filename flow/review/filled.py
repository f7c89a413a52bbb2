"""Filled-in workbooks: their rows as text, and what each means."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flow.review.workbook import CANDIDATE, CASE, CASES, CHOICE, MARK, OTHER, OTHER_ADDRESS, TEXT, WHO, WHY, candidate_label
from pool import PoolError, ReviewChoice
from schemas.codes import code_list
from sources.readers import Layout, open_rows

UNNAMED: tuple[ReviewChoice, ...] = ("safe_answer", "not_in_library", "undecidable")
"""Choices that name no candidate."""
READ = (CASE, TEXT, CHOICE, OTHER, WHO, WHY, MARK)


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row as it came back; `cells` by header, trimmed."""

    file: str
    row: int
    cells: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        """Whether nothing was decided: a name alone, filled down the whole column, decides nothing."""
        return not (self.cells[CHOICE] or self.cells[OTHER] or self.cells[WHY])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken, and why; `column` may be empty. Row 0 is the file as a whole."""

    file: str
    row: int
    column: str
    cause: str
    sheet: str = CASES

    def __str__(self) -> str:
        column = f"，列“{self.column}”" if self.column else ""
        place = f"，工作表“{self.sheet}”，第 {self.row} 行" if self.row else ""
        return f"{self.file}{place}{column}：{self.cause}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a cell says: a choice by its label in the drop-down, and for a candidate its number."""

    label: str
    choice: ReviewChoice
    candidate: int | None = None


def filled_rows(path: Path) -> Iterator[FilledRow | Refusal]:
    """The rows of a workbook. Raises ReadError when it cannot be read, PoolError when it is none of ours."""
    rows = open_rows(path, Layout("xlsx", sheet=CASES))
    missing = [header for header in READ if header not in rows.header]
    if missing:
        raise PoolError(
            f"{path} 的工作表“{CASES}”缺少列“{'、'.join(missing)}”。请使用 datapool review export 写出的工作簿，不要删去它的列、改动表头。"
        )
    for batch in rows.batches():
        for row in batch.to_pylist():
            yield FilledRow(path.name, row["row"], {header: row[header].strip() for header in READ})
    for fault in rows.faults:
        yield Refusal(path.name, fault.row, "", f"{fault.cause}。请改正后重新导入。")


def read_choice(text: str) -> Chosen | None:
    """What a cell of the column 决定 says, None when it says nothing known; a candidate may go by its number alone."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    candidate = re.fullmatch(rf"(?:{CANDIDATE})?([1-9][0-9]?)", plain)
    if candidate:
        return Chosen(candidate_label(int(candidate[1])), "address", int(candidate[1]))
    choices: dict[str, ReviewChoice] = {OTHER_ADDRESS: "address"}
    choices |= {code_list("review_choice")[code]: code for code in UNNAMED}
    return Chosen(plain, choices[plain]) if plain in choices else None
