"""Correction workbooks that came back: their rows as text."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from flow.corrections.workbook import BROKEN, CONFLICTS, ITEM, KEPT, MARK, NEW, NOTE, OTHER, OWN, REJECTED, WHO
from flow.review.filled import Refusal
from sources.readers import Layout, ReadError, open_rows

READ = (ITEM, OWN, NEW, KEPT, NOTE, WHO, MARK)


@dataclass(frozen=True, slots=True)
class FilledItem:
    """A row as it came back; `cells` by header, trimmed."""

    file: str
    sheet: str
    row: int
    cells: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is answered: a name alone, filled down the whole column, answers nothing."""
        return not (self.cells[NEW] or self.cells[KEPT] or self.cells[NOTE])

    def refused(self, column: str, cause: str) -> Refusal:
        """That this row is not taken, and why."""
        return Refusal(self.file, self.row, column, cause, self.sheet)


def filled_items(path: Path) -> Iterator[FilledItem | Refusal]:
    """The rows of a workbook; one that cannot be read, or is none of ours, is one refusal."""
    try:
        yield from _rows(path, REJECTED, READ)
    except ReadError as error:
        yield Refusal(path.name, 0, "", f"读不了：{error}", REJECTED)
        return
    for sheet, read in ((CONFLICTS, (*READ, OTHER)), (BROKEN, READ)):
        with suppress(ReadError):  # a workbook without such items; one that cannot be read at all was refused before
            yield from _rows(path, sheet, read)


def _rows(path: Path, sheet: str, read: tuple[str, ...]) -> Iterator[FilledItem | Refusal]:
    rows = open_rows(path, Layout("xlsx", sheet=sheet))
    missing = [header for header in read if header not in rows.header]
    if missing:
        yield Refusal(
            path.name,
            1,
            "",
            f"缺少列“{'、'.join(missing)}”。请使用 datapool corrections issue 写出的工作簿，不要删去它的列、改动表头。",
            sheet,
        )
        return
    for batch in rows.batches():
        for row in batch.to_pylist():
            yield FilledItem(path.name, sheet, row["row"], {header: row[header].strip() for header in read})
    for fault in rows.faults:
        yield Refusal(path.name, fault.row, "", f"{fault.cause}。请改正后重新收回。", sheet)
