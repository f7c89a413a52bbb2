"""datapool match: addresses of a file, or one text explained."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import typer

from address_matching import AddressIndex, Scope, build_index, complete_library, explain, match as match_records
from cli.console import Home, context_of, output, tell
from flow.reference import current_library
from pool import PoolError
from schemas.city import city_of_environment

HINTS = {"as_of": pa.date32(), "division_code": pa.string()}
ENCODINGS = ("utf-8", "gb18030")
STATUSES = {"matched": "已匹配", "review": "待确认", "unmatched": "未匹配"}


def match(
    records: Annotated[Path | None, typer.Option(help="要匹配的文件（CSV 或 Parquet）", exists=True)] = None,
    address_column: Annotated[str | None, typer.Option(help="地址所在的列")] = None,
    id_column: Annotated[str | None, typer.Option(help="编号所在的列（默认行号）")] = None,
    date_column: Annotated[str | None, typer.Option(help="地址登记日期所在的列（YYYY-MM-DD）")] = None,
    division_column: Annotated[str | None, typer.Option(help="行政区划代码所在的列")] = None,
    library: Annotated[Path | None, typer.Option(help="标准地址库文件（CSV 或 Parquet，默认用数据池的库）", exists=True)] = None,
    aliases: Annotated[Path | None, typer.Option(help="别名文件（CSV 或 Parquet）", exists=True)] = None,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="结果文件（.csv 或 .parquet）")] = None,
    explain_text: Annotated[str | None, typer.Option("--explain", help="解释一条地址的匹配过程")] = None,
    home: Home = None,
) -> None:
    """把地址对到统一标准地址；也可用 --explain 看一条地址为何这样匹配。

    例：datapool match --explain "瑞安市莘塍镇莘塍东街88号"
    """
    if explain_text is None and (records is None or address_column is None or out is None):
        raise PoolError("请用 --records、--address-column 和 -o 指明输入、地址列和输出，或用 --explain 解释一条地址。")
    index = _index(home, library, aliases)
    if explain_text is not None:
        output.print(explain(index, explain_text))
    elif records is not None and address_column is not None and out is not None:
        inputs = _records(_read(records), address_column, id_column, {"as_of": date_column, "division_code": division_column})
        results = match_records(index, inputs)
        _write(results, out)
        counted = Counter(results.filter(pc.equal(results["part"], 1))["status"].to_pylist())
        tell("完成", f"{'，'.join(f'{label} {counted[status]:,}' for status, label in STATUSES.items())}；结果在 {out}", "green")


def _index(home: Path | None, library: Path | None, aliases: Path | None) -> AddressIndex:
    if library is None:
        return current_library(context_of(home)).index()
    scope = Scope(**city_of_environment().scope)
    return build_index(complete_library(_read(library)), _read(aliases) if aliases else None, scope=scope)


def _records(table: pa.Table, address: str, identifier: str | None, hints: dict[str, str | None]) -> pa.Table:
    for column in (address, identifier, *hints.values()):
        if column is not None and column not in table.column_names:
            raise PoolError(f"文件中没有列“{column}”，现有：{'、'.join(table.column_names)}。")
    ids = table[identifier].cast(pa.string()) if identifier else pa.array([str(number) for number in range(1, table.num_rows + 1)])
    columns = {"record_id": ids, "text": table[address].cast(pa.string())}
    for name, column in hints.items():
        if column is not None:
            columns[name] = _cast(table, column, HINTS[name])
    return pa.table(columns)


def _cast(table: pa.Table, column: str, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return table[column].cast(kind)
    except pa.ArrowInvalid as cause:
        raise PoolError(f"列“{column}”中有值读不成{'日期（应为 YYYY-MM-DD）' if kind == pa.date32() else '文字'}：{cause}。") from None


def _read(path: Path) -> pa.Table:
    """A table from a file; all columns of a CSV file as text, so that no identifier loses its zeros."""
    try:
        return pq.read_table(path) if path.suffix == ".parquet" else _read_csv(path)
    except pa.ArrowException as cause:
        raise PoolError(f"文件 {path} 读不了：{cause}。应为 Parquet，或 UTF-8、GB18030 编码、首行为表头的 CSV。") from None


def _read_csv(path: Path) -> pa.Table:
    encoding = next((each for each in ENCODINGS if _decodes(path, each)), ENCODINGS[0])
    options = pyarrow.csv.ReadOptions(encoding=encoding)
    with pyarrow.csv.open_csv(path, read_options=options) as reader:
        text = dict.fromkeys(reader.schema.names, pa.string())
    conversion = pyarrow.csv.ConvertOptions(column_types=text, null_values=[""], strings_can_be_null=True)
    return pyarrow.csv.read_csv(path, read_options=options, convert_options=conversion)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding) as text:
            return all(True for _ in text)
    except UnicodeDecodeError:
        return False


def _write(results: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(results, path)
        return
    candidates = pa.array([json.dumps(each, ensure_ascii=False) if each else "" for each in results["candidates"].to_pylist()])
    pyarrow.csv.write_csv(results.set_column(results.column_names.index("candidates"), "candidates", candidates), path)
