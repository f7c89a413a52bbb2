"""datapool query: SQL on a share."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import typer

from cli.console import Home, errors, json_text, rows_or_records, tell
from flow.home import open_pool
from flow.query import query as run_query, reading_share
from pool import PoolError

ROWS_SHOWN = 200


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="一条查询语句；表名见数据字典，例如 person、house、town_count")] = "",
    file: Annotated[Path | None, typer.Option("--file", "-f", help="从文件读取查询语句", exists=True, dir_okay=False)] = None,
    share: Annotated[str, typer.Option(help="哪一份共享")] = "analyst",
    release: Annotated[int | None, typer.Option(help="哪一版发布（默认当前）")] = None,
    format: Annotated[Literal["table", "csv", "json", "parquet"], typer.Option("--format", help="输出格式")] = "table",
    out: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件（parquet 必填，默认写到屏幕）")] = None,
    home: Home = None,
) -> None:
    """用 SQL 查询脱敏共享库；只读，发布新版本期间照常可用。

    例：datapool query "SELECT town, registered_persons, let_houses FROM town_count ORDER BY 2 DESC"
    """
    if bool(sql) == (file is not None):
        raise PoolError("请给出一条 SQL，或用 --file 指明写有 SQL 的文件。")
    try:
        with reading_share(open_pool(home, existing=True), share, release) as database:
            result = run_query(database, file.read_text(encoding="utf-8") if file else sql)
    except duckdb.Error as cause:
        tell("查询有误：", str(cause), "red", errors)
        raise typer.Exit(2) from None
    if format == "table":
        _show(result, out)
    else:
        _WRITERS[format](result, out)


def _show(result: pa.Table, out: Path | None) -> None:
    if out is not None:
        raise PoolError("写到文件时请用 --format 指明 csv、json 或 parquet。")
    cells = (column.to_pylist() for column in result.slice(0, ROWS_SHOWN).columns)  # two columns may have one name
    rows_or_records(result.column_names, [["" if value is None else value for value in row] for row in zip(*cells, strict=True)])
    if result.num_rows > ROWS_SHOWN:
        errors.print(f"共 {result.num_rows:,} 行，只显示前 {ROWS_SHOWN} 行；完整结果请用 --format csv 或 parquet。")


def _write_csv(result: pa.Table, out: Path | None) -> None:
    nested = [field.name for field in result.schema if pa.types.is_nested(field.type)]
    if nested:
        raise PoolError(f"列 {'、'.join(nested)} 是列表或结构，CSV 写不了；请用 --format json 或 parquet，或在 SQL 中转成文字。")
    pyarrow.csv.write_csv(result, out or sys.stdout.buffer)


def _write_json(result: pa.Table, out: Path | None) -> None:
    text = json_text(result.to_pylist()) + "\n"
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _write_parquet(result: pa.Table, out: Path | None) -> None:
    if out is None:
        raise PoolError("parquet 须用 -o 指明文件。")
    pyarrow.parquet.write_table(result, out)


_WRITERS: Mapping[str, Callable[[pa.Table, Path | None], Any]] = {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet}
