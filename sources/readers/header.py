"""Names of columns from one or several header rows."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from sources.limits import limits
from sources.readers.rows import ReadError


def column_names(rows: Sequence[Sequence[str]], path: Path, sheet: str, row: int) -> tuple[str, ...]:
    """Join header rows of equal or different width into unique names: 上_下, or the only part that is not empty.

    Line breaks inside a cell are dropped; a cell without a name becomes 第N列(无表头).
    Raises ReadError if no cell has a name, two have the same or there are too many; `row` is the number of the last header row.
    """
    width = max(len(cells) for cells in rows)
    refuse_too_many(width, path, sheet, row)
    padded = [[_clean(cell) for cell in cells] + [""] * (width - len(cells)) for cells in rows]
    joined = ["_".join(part for part in parts if part) for parts in zip(*padded, strict=True)]
    if not any(joined):
        raise ReadError(path, "表头是空的", "请核对表头所在的行（标题行数 titleRows）", sheet, row)
    _refuse_repeated(joined, path, sheet, row)
    return tuple(name or f"第{index}列(无表头)" for index, name in enumerate(joined, 1))


def refuse_too_many(columns: int, path: Path, sheet: str = "", row: int | None = None) -> None:
    """Raise ReadError for more columns than a table may have."""
    if columns > limits().columns:
        cause = f"有 {columns:,} 列，上限是 {limits().columns:,} 列"
        raise ReadError(path, cause, "请核对是否行列颠倒，或分隔符、换行是否丢失", sheet, row)


def carried_right(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Repeat a name of an upper header row over the empty cells to its right that have a name below them."""
    width = max(len(cells) for cells in rows)
    padded = [list(cells) + [""] * (width - len(cells)) for cells in rows]
    for upper, lower in itertools.pairwise(padded):
        for index in range(1, width):
            if not upper[index].strip() and lower[index].strip():
                upper[index] = upper[index - 1]
    return padded


def _clean(cell: str) -> str:
    return "".join(cell.splitlines()).strip()


def _refuse_repeated(names: Sequence[str], path: Path, sheet: str, row: int) -> None:
    seen: dict[str, int] = {}
    for index, name in enumerate(names, 1):
        if name and name in seen:
            cause = f"表头重名：第 {seen[name]} 列和第 {index} 列都叫“{name}”，无法判断各是什么"
            raise ReadError(path, cause, "请给其中一列改名后重新导出", sheet, row, name)
        seen[name] = index
