"""A figure of the report down to the rows it counts, from the tables of the release and the batches it was made of."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Any

from duckdb import DuckDBPyConnection

from expectations.report.figures import Figure
from expectations.rule_engine import BROKEN_RECORDS
from flow.context import Context
from flow.progress import Progress, silent
from flow.report import FIGURES
from flow.trace.asked import traced_release
from flow.trace.behind import Behind
from flow.trace.behind_scores import BROKEN_OF_DATASETS, BROKEN_OF_TOWN, SCORE, behind_score
from flow.workspace import workspace
from pool import PoolError

COLUMNS = ("batch", "file", "sheet", "row", "table_name", "key", "note")
LABELS = ("批次", "文件", "工作表", "行", "表", "记录编号", "说明")
"""Headings of the columns."""
MANY = 1000
"""Rows fetched at a time."""


@dataclass(frozen=True, slots=True)
class FigureRows:
    """A figure as the release reported it, and what stands behind it: `found` in number, in `places` rows, of which `rows` were asked for, in `COLUMNS`.

    A record for which several rows answer is one, and stands in as many places.
    """

    figure: Figure
    release: int
    found: int
    places: int
    rows: Sequence[Sequence[Any]]

    @property
    def agrees(self) -> bool:
        """Whether the rows come to what was reported."""
        return self.found == self.figure.rows

    def as_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in self.rows]
        return asdict(self.figure) | {"release": self.release, "found": self.found, "listed": rows}


def figures(context: Context, release: int | None = None) -> tuple[int, list[Figure]]:
    """The release and all figures of its report. Raises PoolError where its report has no names yet."""
    number = traced_release(context, release)
    context.pool.releases.manifest(number)
    try:
        content = (context.pool.releases.folder(number) / "report" / FIGURES).read_bytes()
    except FileNotFoundError:
        raise PoolError(f"发布 {number} 的报告由早先的软件写出，其中的数字没有编号。请用 --release 指定较新的一版。") from None
    return number, [Figure(**each) for each in json.loads(content)]


def trace_figure(context: Context, name: str, *, release: int | None = None, limit: int | None = None) -> FigureRows:
    """The rows that a figure counts, at most `limit` of them. Raises PoolError where there is no such figure."""
    with rows_of_figure(context, name, release=release) as (whole, rows):
        listed = [row for _, row in zip(range(limit), rows, strict=False)] if limit is not None else list(rows)
    return replace(whole, rows=listed)


def check_figures(context: Context, *, release: int | None = None, progress: Progress = silent) -> list[FigureRows]:
    """Every figure of a report with the number of rows found behind it, none of them listed."""
    number, known = figures(context, release)
    with context.pool.reading(), context.pool.releases.reading(number), workspace(context.pool) as connection:
        behind = Behind(connection, context, number)
        found = []
        for place, each in enumerate(known):
            progress("核对数字", place, len(known))
            found.append(_found(connection, each, number, _select(behind, each.name)))
        return found


@contextmanager
def rows_of_figure(context: Context, name: str, *, release: int | None = None) -> Iterator[tuple[FigureRows, Iterator[Sequence[Any]]]]:
    """A figure without its rows, and the rows behind it, read while somebody asks for them."""
    number, known = figures(context, release)
    figure = next((each for each in known if each.name == name), None)
    if figure is None:
        near = get_close_matches(name, [each.name for each in known], n=3)
        said = f"相近的：{'、'.join(near)}。" if near else ""
        raise PoolError(f"发布 {number} 的报告中没有编号为 {name} 的数字。{said}全部编号：datapool trace report。")
    with context.pool.reading(), context.pool.releases.reading(number), workspace(context.pool) as connection:
        behind = Behind(connection, context, number)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE behind AS {_select(behind, name)}")
        yield _found(connection, figure, number, "FROM behind"), _fetched(connection, behind)


def _select(behind: Behind, name: str) -> str:
    return behind_score(behind, name) if name.startswith(f"{SCORE}/") else behind.select(name)


def _counted_as(name: str) -> str:
    """SQL of what a figure counts among the rows behind it: records where several rows may answer for one, else the rows."""
    parts = name.split("/")
    if parts[0] == "rules":
        return BROKEN_RECORDS
    if (parts[0], parts[-1]) != (SCORE, "rules"):
        return "count(*)"
    return BROKEN_OF_TOWN if parts[1] == "town" else BROKEN_OF_DATASETS


def _found(connection: DuckDBPyConnection, figure: Figure, number: int, rows: str) -> FigureRows:
    [(found, places)] = connection.execute(f"SELECT {_counted_as(figure.name)}, count(*) FROM ({rows})").fetchall()
    return FigureRows(figure, number, found, places, [])


def _fetched(connection: DuckDBPyConnection, behind: Behind) -> Iterator[Sequence[Any]]:
    behind.create_files()
    cursor = connection.execute(f"""
        SELECT {", ".join(f"coalesce({column}::VARCHAR, '')" if column != "row" else column for column in COLUMNS)}
        FROM behind LEFT JOIN files USING (batch) ORDER BY ALL""")
    while rows := cursor.fetchmany(MANY):
        yield from rows
