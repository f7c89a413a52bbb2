"""Readers are tried on real files, written by the tests in the way departments' systems write them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sources.readers import Layout, RowFault, open_rows


@dataclass(frozen=True)
class Table:
    header: tuple[str, ...]
    numbers: list[int]
    rows: list[tuple[str, ...]]
    faults: list[RowFault]
    sheets: set[str]


def read_table(path: Path, layout: Layout) -> Table:
    rows = open_rows(path, layout)
    batches = list(rows.batches())
    assert all(batch.schema == rows.schema for batch in batches)
    records = [tuple(record) for batch in batches for record in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
    return Table(rows.header, [r[1] for r in records], [r[2:] for r in records], rows.faults, {r[0] for r in records})


@pytest.fixture
def table() -> Callable[[Path, Layout], Table]:
    return read_table
