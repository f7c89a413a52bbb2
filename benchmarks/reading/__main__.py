"""`python -m benchmarks.reading`: what reading and checking cost beside pyarrow and calamine, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import typer
import xlsxwriter

from benchmarks.reading.ways import WAYS
from samples.generate import generate
from samples.identifiers import citizen_numbers
from schemas.contract import Contract, source_contracts

ROOT = Path(__file__).parents[2]
DATASET = "public_security.resident_population"
DAY = date(2025, 12, 31)
NUMBER = "citizen_number"
ADDRESSES = ("registered_address_text", "actual_address_text")
CODES = ("household_number", "registered_address_source_id", "actual_address_source_id", "registered_plate_code", "actual_plate_code")
PHONE = "phone"
FIRST_ROWS = 500
ROWS_OF_A_BLOCK = 50_000
MOST_OF_CSV, MOST_OF_WORKBOOK, MOST_MEBIBYTES = 2.5, 2, 600
"""The goals: times of the library's own read, mebibytes."""
LABELS = {
    "pyarrow_csv": "pyarrow 自己读 CSV",
    "our_csv": "本项目读 CSV",
    "our_csv_checked": "本项目读并检查 CSV",
    "our_csv_written": "本项目读、检查并写出批次的 Parquet",
    "calamine_xlsx": "python-calamine 自己读工作簿",
    "our_xlsx": "本项目读工作簿",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way of reading took: rows, processor seconds and mebibytes at most, its own children included."""

    rows: int
    seconds: float
    mebibytes: float


def main(
    rows: Annotated[int, typer.Option(help="CSV 的行数")] = 1_000_000,
    workbook_rows: Annotated[int, typer.Option(help="工作簿的行数")] = 200_000,
    times: Annotated[int, typer.Option(help="每种方法各跑几遍，取最少的")] = 3,
    report: Annotated[Path | None, typer.Option(help="把结果写成这个 Markdown 文件")] = None,
) -> None:
    """读取和检查的开销：与 pyarrow、python-calamine 自己读同一个文件相比，同一次测得。"""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        typer.echo("准备数据……", err=True)
        table = _table(folder, max(rows, workbook_rows))
        files = {"csv": folder / "户籍人口_20251231.csv", "xlsx": folder / "户籍人口_20251231.xlsx"}
        _write_csv(table.slice(0, rows), files["csv"])
        _write_workbook(table.slice(0, workbook_rows), files["xlsx"])
        first = {kind: folder / f"first.{kind}" for kind in files}
        _write_csv(table.slice(0, FIRST_ROWS), first["csv"])
        _write_workbook(table.slice(0, FIRST_ROWS), first["xlsx"])
        sizes = {kind: path.stat().st_size >> 20 for kind, path in files.items()}
        costs = {}
        for way in WAYS:
            kind = "xlsx" if "xlsx" in way else "csv"
            costs[way] = min((_measured(way, files[kind], first[kind]) for _ in range(times)), key=lambda cost: cost.seconds)
            typer.echo(f"{way}: {costs[way].seconds:.2f} CPU 秒，内存峰值 {costs[way].mebibytes:.0f} MB", err=True)
    text = _page(costs, table.num_columns, sizes)
    typer.echo(text)
    if report:
        report.write_text(text, encoding="utf-8")


def _table(folder: Path, rows: int) -> pa.Table:
    """Rows as the sample city has them, faults included, repeated with numbers, keys and addresses of their own."""
    generate(ROOT / "cities" / "330381", folder / "exports", folder / "truth", 3000, 7, DAY, lambda _said: None)
    contract = source_contracts()[DATASET]
    [path] = sorted((folder / "exports" / contract.system / contract.dataset).iterdir())
    options = pa.csv.ReadOptions(encoding=contract.encoding, skip_rows=contract.title_rows)
    head = pa.csv.read_csv(path, options)
    texts = {name: pa.string() for name in head.column_names}
    sample = pa.csv.read_csv(path, options, convert_options=pa.csv.ConvertOptions(column_types=texts, strings_can_be_null=False))
    return pa.concat_tables([_repeat(sample, contract, turn) for turn in range(rows // sample.num_rows + 1)]).slice(0, rows)


def _repeat(sample: pa.Table, contract: Contract, turn: int) -> pa.Table:
    """The sample as if of another county: sound citizen numbers keep birth and sequence and get a division of their own, others stay as they are."""

    def changed(table: pa.Table, name: str, pattern: str, replacement: str) -> pa.Table:
        header = contract.column(name).physical_name
        column = pc.replace_substring_regex(table[header], pattern, replacement)
        return table.set_column(table.schema.get_field_index(header), header, column)

    header = contract.column(NUMBER).physical_name
    number = sample[header]
    full = pc.fill_null(pc.match_substring_regex(number, "^[1-9][0-9]{16}[0-9X]$"), False)
    body = np.array(pc.if_else(full, number, "330381190001010010").to_pylist())
    parts = [np.array([int(text[start:end]) for text in body.tolist()], np.int64) for start, end in ((0, 6), (6, 14), (14, 17))]
    sound = pc.and_(full, pc.equal(number, pa.array(citizen_numbers(*parts), pa.string())))
    numbers = pa.array(citizen_numbers(np.full(len(body), 330000 + turn), *parts[1:]), pa.string())
    table = sample.set_column(sample.schema.get_field_index(header), header, pc.if_else(sound, numbers, number))
    for name in ADDRESSES:
        table = changed(table, name, "([号村])$", f"\\1{turn}室")
    for name in CODES:
        table = changed(table, name, "[0-9]{3}([0-9]{3})$", f"{turn % 1000:03}\\1")
    return changed(table, PHONE, "^(1[0-9]{4})[0-9]{3}", f"\\1{turn % 1000:03}")


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        for start in range(0, table.num_rows, ROWS_OF_A_BLOCK):
            sink = pa.BufferOutputStream()
            options = pa.csv.WriteOptions(include_header=start == 0, quoting_style="needed")
            pa.csv.write_csv(table.slice(start, ROWS_OF_A_BLOCK), sink, options)
            file.write(sink.getvalue().to_pybytes().decode().encode("gb18030"))


def _write_workbook(table: pa.Table, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, table.column_names)
        for start in range(0, table.num_rows, ROWS_OF_A_BLOCK):
            block = table.slice(start, ROWS_OF_A_BLOCK)
            for line, row in enumerate(zip(*(column.to_pylist() for column in block.columns), strict=True), start + 1):
                for place, text in enumerate(row):
                    sheet.write_string(line, place, text)


def _measured(way: str, path: Path, first: Path) -> Cost:
    command = [sys.executable, "-m", "benchmarks.reading.ways", way, str(path), str(first)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    found = json.loads(done.stdout)
    return Cost(found["rows"], found["seconds"], found["mebibytes"])


def _page(costs: Mapping[str, Cost], columns: int, sizes: Mapping[str, int]) -> str:
    lines = [
        "# 读取与检查的开销",
        "",
        f"样例的户籍人口（错误照留），{columns} 列，每人的证件号码、户号、地址、电话各不相同；CSV 为 GB18030，{sizes['csv']} MB；工作簿 {sizes['xlsx']} MB。",
        "每种方法在自己的进程里跑，取几遍中处理器时间最少的，所有线程和子进程都算。先读一个几百行的小文件，所以启动、导入、读契约等每个进程只做一次的事不算；",
        "内存是进程的峰值，工作簿另有读取进程，取两者中大的。",
        "",
        "“检查”是路径上的全部：逐列转换类型、统一写法、代码表、校验码、主键重复、契约的规则、拒收内容，把行分为接收和隔离（附原因和原文），并统计。",
        "DuckDB 也用单线程，内存上限 150 MB。写出是另外把接收的行、隔离的行和摘要写成 zstd 压缩的 Parquet。pyarrow 自己读是单线程流式、同一编码、全部为文本、允许单元格内换行。",
        "",
        "| 方法 | 行数 | CPU 秒 | 与库自己读相比 | 内存峰值 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for way, cost in costs.items():
        ratio = cost.seconds / costs["calamine_xlsx" if "xlsx" in way else "pyarrow_csv"].seconds
        lines.append(f"| {LABELS[way]} | {cost.rows:,} | {cost.seconds:.2f} | {ratio:.2f} 倍 | {cost.mebibytes:.0f} MB |")
    lines += ["", "目标：", "", *(f"- {goal}：{'达到' if met else '没有达到'}。" for goal, met in _goals(costs).items())]
    return "\n".join([*lines, "", "重新测量：`.venv/bin/python -m benchmarks.reading --report docs/benchmarks/reading.md`。", ""])


def _goals(costs: Mapping[str, Cost]) -> Mapping[str, bool]:
    """What reading shall cost, and whether it does."""
    checked, workbook = costs["our_csv_checked"], costs["our_xlsx"]
    return {
        f"读并检查 CSV 不超过 pyarrow 自己读的 {MOST_OF_CSV} 倍": checked.seconds <= MOST_OF_CSV * costs["pyarrow_csv"].seconds,
        f"读并检查 CSV 的内存峰值低于 {MOST_MEBIBYTES} MB": checked.mebibytes < MOST_MEBIBYTES,
        f"读工作簿不超过 python-calamine 自己读的 {MOST_OF_WORKBOOK} 倍": workbook.seconds
        <= MOST_OF_WORKBOOK * costs["calamine_xlsx"].seconds,
    }


if __name__ == "__main__":
    typer.run(main)
