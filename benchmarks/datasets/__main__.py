"""`python -m benchmarks.datasets`: what every dataset becomes in the current release of a home: rows, pool tables, addresses found."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from flow.context import Context, open_context
from flow.summary import summarise

HEAD = """# 每个数据集变成什么

样例 {persons} 跑一遍（`make run`）之后，每个数据集的行去了数据池的哪些表、地址匹配到多少。重算：

```sh
.venv/bin/python -m benchmarks.datasets --home var --document docs/benchmarks/datasets.md
```

- **接收 / 采纳 / 隔离**：样例里故意放了错的行，隔离的都有原因。
- **数据池的表**：由这个数据集的行得来的记录数（一条记录由几个数据集得来的，各计一次；不含版本和履历表）。
- **地址**：这个数据集的地址文本数；**匹配**：对到标准地址的份额，**到门牌**：对到门牌、楼幢或户室的份额；其余为待确认和未匹配。

| 部门 | 数据集 | 接收 | 采纳 | 隔离 | 数据池的表 | 地址 | 匹配 | 到门牌 |
| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |
"""
HOUSE_OR_FINER = ("house", "building", "unit", "room")


def main(
    home: Annotated[Path, typer.Option(help="数据目录")] = Path("var"),
    write_to: Annotated[Path | None, typer.Option("--document", help="把结果写成文档")] = None,
) -> None:
    """数据集 × 数据池的表：记录数和地址匹配率。"""
    context = open_context(home, existing=True)
    summary = summarise(context)
    persons = next(rows for name, _label, rows in summary.entities if name == "person")
    page = HEAD.format(persons=f"{persons:,} 人") + "".join(f"| {' | '.join(line)} |\n" for line in _lines(context))
    typer.echo(page)
    if write_to:
        write_to.write_text(page, encoding="utf-8")


def _lines(context: Context) -> Iterator[tuple[str, ...]]:
    summary = summarise(context)
    fed = _tables_fed(context)
    for source in summary.sources:
        tables = "、".join(f"{context.tables[name].name} {rows:,}" for name, rows in fed[source.contract].items())
        yield (
            source.department,
            source.name,
            *(f"{rows:,}" for rows in (source.received, source.accepted, source.quarantined)),
            tables,
            *_addresses(summary.addresses.get(source.name, {})),
        )


def _tables_fed(context: Context) -> Mapping[str, Mapping[str, int]]:
    """Dataset to pool table to the records that rows of the dataset went into, the largest table first."""
    release = context.pool.releases.current()
    assert release is not None
    lineage, outcomes = (context.pool.releases.folder(release) / "pool" / f"{name}.parquet" for name in ("lineage", "row_outcome"))
    counted = duckdb.execute(
        f"""SELECT batch, table_name, count(DISTINCT key) AS records
            FROM '{lineage}' JOIN (SELECT DISTINCT batch, file_key FROM '{outcomes}') USING (file_key)
            GROUP BY ALL ORDER BY records DESC, table_name"""
    ).fetchall()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for batch, table, records in counted:
        entry = context.pool.ledger.batch(batch)
        if entry and not table.endswith(("_version", "_history")):
            found[entry.contract][table] = found[entry.contract].get(table, 0) + records
    return found


def _addresses(levels: Mapping[str, int]) -> tuple[str, str, str]:
    total = sum(levels.values())
    if not total:
        return "", "", ""
    matched = total - levels.get("review", 0) - levels.get("unmatched", 0)
    return f"{total:,}", f"{matched / total:.1%}", f"{sum(levels.get(level, 0) for level in HOUSE_OR_FINER) / total:.1%}"


if __name__ == "__main__":
    typer.run(main)
