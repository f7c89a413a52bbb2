"""Totals and notes below a table: no rows of it, and said to be none."""

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

import pyarrow as pa
import yaml

from sources.readers.rows import Aside, RowFault, TextRows

TOTAL, NOTE = "表后合计", "表后说明"
KINDS = (TOTAL, NOTE)
LONGEST = 20
"""So many rows at the end of a table are looked at."""
NARROWEST = 3
"""Columns of a table in which a row with few cells can be told from the others."""
AMOUNT = re.compile(r"[-+]?[\d,.]+(?:E\+\d+)?%?\s*(?:条|人|户|家|行|笔|个|元|万元|件|次)?", re.IGNORECASE)


def footer_kind(cells: Sequence[str], width: int) -> str | None:
    """What a row of a table with so many columns is if it is none of its records: `TOTAL` or `NOTE`."""
    filled = [text for cell in cells if (text := "".join(cell.split()))]
    if not filled or width < NARROWEST or 2 * len(filled) > width + 1:
        return None
    total, note = _patterns()
    if total.fullmatch(filled[0]) and all(AMOUNT.fullmatch(cell) for cell in filled[1:]):
        return TOTAL
    return NOTE if note.match(filled[0]) else None


def set_footers_aside(rows: TextRows, batches: Iterable[pa.RecordBatch], delimiter: str = ",") -> Iterator[pa.RecordBatch]:
    """The batches of a table without its last rows that are none; what could not be read is looked at, too."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held += [batch] if batch.num_rows else []
        while sum(each.num_rows for each in held[1:]) >= LONGEST:
            yield held.pop(0)
    kept = pa.Table.from_batches(held, rows.schema)
    tail = kept.slice(max(0, kept.num_rows - LONGEST))
    cells = {row: [*each] for _, row, *each in zip(*(column.to_pylist() for column in tail.columns), strict=True)}
    faults = {fault.row: fault for fault in rows.faults[-LONGEST:] if fault.sheet == rows.sheet}
    footers = _footers(cells, {row: _cells_of(fault, delimiter) for row, fault in faults.items()}, len(rows.header))
    rows.asides += [Aside(rows.sheet, row, kind) for row, kind in sorted(footers.items())]
    rows.faults[:] = [fault for fault in rows.faults if fault.sheet != rows.sheet or fault.row not in footers]
    yield from kept.slice(0, kept.num_rows - sum(row in footers for row in cells)).to_batches()


def is_footer(record: str, width: int, delimiter: str) -> bool:
    """Whether a record that could not be read is a total or a note."""
    return footer_kind(_cells_of(RowFault("", 0, record, ""), delimiter), width) is not None


def _footers(read: Mapping[int, Sequence[str]], unread: Mapping[int, Sequence[str]], width: int) -> dict[int, str]:
    """Row number to kind, from the last row up to the first one that is a record."""
    kinds = ((row, footer_kind(cells, width)) for row, cells in sorted({**read, **unread}.items(), reverse=True))
    return {row: kind for row, kind in itertools.takewhile(lambda each: each[1] is not None, kinds) if kind}


def _cells_of(fault: RowFault, delimiter: str) -> list[str]:
    try:
        record = json.loads(fault.text)
        if isinstance(record, dict):
            return [str(value) for value in record.values()]
    except (ValueError, RecursionError):
        pass
    try:
        return next(csv.reader([fault.text], delimiter=delimiter), [])
    except csv.Error:
        return [fault.text]


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = yaml.safe_load(files("sources.readers").joinpath("footers.yaml").read_text(encoding="utf-8"))
    totals, notes, openings = ("|".join(map(re.escape, words[key])) for key in ("totals", "notes", "openings"))
    return re.compile(rf"(?:{totals})[:：]?(?:{AMOUNT.pattern})?", re.IGNORECASE), re.compile(rf"[*※]?(?:(?:{notes})\d*[:：]|{openings})")
