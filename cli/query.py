"""datapool query: SQL on a share."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import typer

from cli.console import Home, context_of, errors, print_json, table
from flow.query import query as run_query, share_database

ROWS_SHOWN = 200


def query(
    sql: Annotated[str, typer.Argument(help="一条 SQL；表名见数据字典，例如 person、house、town_count")],
    share: Annotated[str, typer.Option(help="哪一份共享")] = "analyst",
    release: Annotated[int | None, typer.Option(help="哪一版发布（默认当前）")] = None,
    format: Annotated[Literal["table", "csv", "json", "parquet"], typer.Option("--format", help="输出格式")] = "table",
    out: Annotated[Path | None, typer.Option("--output", "-o", help="写到文件（parquet 必填）")] = None,
    home: Home = None,
) -> None:
    """用 SQL 查询脱敏共享库；只读，汇总重建期间照常可用。

    例：datapool query "SELECT town, registered_persons, let_houses FROM town_count ORDER BY 2 DESC"
    """
    try:
        result = run_query(share_database(context_of(home), share, release), sql)
    except duckdb.Error as cause:
        errors.print(f"[red]查询有误：[/red]{cause}")
        raise typer.Exit(2) from None
    _write(result, format, out)


def _write(result: pa.Table, format: str, out: Path | None) -> None:
    if format == "parquet":
        if out is None:
            errors.print("parquet 须用 -o 指明文件。")
            raise typer.Exit(2)
        pyarrow.parquet.write_table(result, out)
    elif format == "csv":
        pyarrow.csv.write_csv(result, out or sys.stdout.buffer)
    elif format == "json":
        print_json(result.to_pylist())
    else:
        rows = result.slice(0, ROWS_SHOWN).to_pylist()
        table("", result.column_names, [["" if value is None else value for value in row.values()] for row in rows])
        if result.num_rows > ROWS_SHOWN:
            errors.print(f"共 {result.num_rows:,} 行，只显示前 {ROWS_SHOWN} 行；完整结果请用 --format csv 或 parquet。")
