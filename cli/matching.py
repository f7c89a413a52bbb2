"""datapool match: addresses of a file, or one text explained."""

from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import typer

from address_matching import AddressIndex, Scope, build_index, complete_library, explain, match as match_records
from cli.console import Home, context_of, errors, output
from flow.match import current_library
from pool import PoolError

HINTS = {"as_of": pa.date32(), "division_code": pa.string()}


def match(
    records: Annotated[Path | None, typer.Option(help="要匹配的文件（UTF-8 的 CSV 或 Parquet）", exists=True)] = None,
    address_column: Annotated[str | None, typer.Option(help="地址所在的列")] = None,
    id_column: Annotated[str | None, typer.Option(help="编号所在的列（默认行号）")] = None,
    date_column: Annotated[str | None, typer.Option(help="地址登记日期所在的列（YYYY-MM-DD）")] = None,
    division_column: Annotated[str | None, typer.Option(help="行政区划代码所在的列")] = None,
    library: Annotated[Path | None, typer.Option(help="标准地址库文件（默认用数据池的库）", exists=True)] = None,
    aliases: Annotated[Path | None, typer.Option(help="别名文件", exists=True)] = None,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="结果文件（.csv 或 .parquet）")] = None,
    explain_text: Annotated[str | None, typer.Option("--explain", help="解释一条地址的匹配过程")] = None,
    home: Home = None,
) -> None:
    """把地址对到统一标准地址；也可用 --explain 看一条地址为何这样匹配。

    例：datapool match --explain "瑞安市莘塍镇莘塍东街88号"
    """
    index = _index(home, library, aliases)
    if explain_text is not None:
        output.print(explain(index, explain_text), markup=False)
        return
    if records is None or address_column is None or out is None:
        errors.print("请用 --records、--address-column 和 -o 指明输入、地址列和输出，或用 --explain 解释一条地址。")
        raise typer.Exit(2)
    inputs = _records(_read(records), address_column, id_column, {"as_of": date_column, "division_code": division_column})
    results = match_records(index, inputs)
    _write(results, out)
    counted = results.filter(pc.equal(results["part"], 1)).group_by("status").aggregate([("status", "count")]).to_pylist()
    output.print("，".join(f"{row['status']} {row['status_count']:,}" for row in counted) + f"；结果在 {out}")


def _index(home: Path | None, library: Path | None, aliases: Path | None) -> AddressIndex:
    context = context_of(home)
    if library is None:
        return AddressIndex.open(current_library(context).folder / "index")
    return build_index(complete_library(_read(library)), _read(aliases) if aliases else None, scope=Scope(**context.city.scope))


def _records(table: pa.Table, address: str, identifier: str | None, hints: dict[str, str | None]) -> pa.Table:
    for column in (address, identifier, *hints.values()):
        if column is not None and column not in table.column_names:
            raise PoolError(f"文件中没有列“{column}”，现有：{'、'.join(table.column_names)}。")
    ids = table[identifier].cast(pa.string()) if identifier else pa.array([str(number) for number in range(1, table.num_rows + 1)])
    columns = {"record_id": ids, "text": table[address].cast(pa.string())}
    columns |= {name: table[column].cast(HINTS[name]) for name, column in hints.items() if column}
    return pa.table(columns)


def _read(path: Path) -> pa.Table:
    return pq.read_table(path) if path.suffix == ".parquet" else pyarrow.csv.read_csv(path)


def _write(results: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(results, path)
        return
    candidates = pa.array([str(entry) if entry else "" for entry in results["candidates"].to_pylist()])
    pyarrow.csv.write_csv(results.set_column(results.column_names.index("candidates"), "candidates", candidates), path)
