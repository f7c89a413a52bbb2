"""The sheet on which a person decides whether a release may be published: what is new, what the gate read, what changed, and the digests of it all."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.parquet as pq

from flow.build import Build
from flow.context import Context
from flow.quality import RULES_FILE, SCORES_FILE, pool_score, read_scores, release_scores
from flow.report import FIGURES, PAGE
from pool.files import file_sha256

RULES_SHOWN = 10


def approval_sheet(context: Context, build: Build, batches: Sequence[str]) -> str:
    """The sheet as Markdown in Chinese; it holds counts, names of datasets, files and rules, and no value of a person.

    batches: those for whose sake approval is needed.
    """
    return "\n".join(
        [*_head(context, build), *_batches(context, batches), *_gate(build), *_rules(build), *_tables(context, build), *_digests(build)]
    )


def _head(context: Context, build: Build) -> Iterator[str]:
    release, inputs = build.release, build.facts["inputs"]
    before = "没有（首次发布）" if release.previous is None else f"发布 {release.previous}"
    yield from (f"# 发布 {release.number} 等待批准", "")
    yield f"- 生成：{context.local_time(context.now):%Y-%m-%d %H:%M}，运行 {context.run}，由 {context.actor}"
    yield f"- 上一版：{before}，在批准以前保持不变"
    yield f"- 质量评分：{_score(context, build)}"
    yield f"- 软件 {inputs['software']}，地址库 {inputs['library']}，匹配规则 {inputs['rules']}"
    yield ""


def _score(context: Context, build: Build) -> str:
    now = pool_score(read_scores(build.release.quality / SCORES_FILE))
    before = pool_score(release_scores(context, build.release.previous)) if build.release.previous is not None else None
    said = f"{now[0]:.1f}（{now[1]}）" if now else "没有可评的"
    return f"{said}，上一版 {before[0]:.1f}（{before[1]}）" if before else said


def _batches(context: Context, batches: Sequence[str]) -> Iterator[str]:
    yield from ("## 为何要批准", "", "这些数据集的契约写明，新的批次须经批准才发布：", "")
    yield from _table_of(("数据集", "文件", "期次", "接收", "采纳", "隔离", "批次"), 3, 6)
    for batch in batches:
        receipt, entry = context.pool.receipts.read(batch), context.pool.ledger.batch(batch)
        counts = entry.counts if entry else None
        rows = (counts.received, counts.accepted, counts.quarantined) if counts else ("", "", "")
        yield _row(context.contracts[receipt.contract].name, receipt.file_name, receipt.period, *rows, f"`{batch}`")
    yield ""


def _gate(build: Build) -> Iterator[str]:
    yield from ("## 发布关卡（已通过）", "")
    yield from (f"- {detail}" for detail in build.facts["gate"])
    yield ""


def _rules(build: Build) -> Iterator[str]:
    """The rules that could not be checked, then those that most records break."""
    found = [row for row in pq.read_table(build.release.quality / RULES_FILE).to_pylist() if row["outcome"] != "met"]
    found.sort(key=lambda row: (row["broken"] is not None, -(row["broken"] or 0), row["rule"]))
    if not found:
        return
    more = f"（{len(found)} 条，列出 {RULES_SHOWN} 条，其余见质量报告）" if len(found) > RULES_SHOWN else ""
    yield from (f"## 有不符的质量规则{more}", "", *_table_of(("规则", "查过", "不符"), 1, 3))
    for row in found[:RULES_SHOWN]:
        yield _row(row["sentence"], row["checked"], "未能检查" if row["broken"] is None else row["broken"])
    yield ""


def _tables(context: Context, build: Build) -> Iterator[str]:
    previous = build.release.previous
    before = context.pool.releases.manifest(previous)["tables"] if previous is not None else {}
    changes = _changes(build)
    yield from ("## 记录", "", *_table_of(("表", "这一版", "上一版", "新增", "消失", "内容改变"), 1, 6))
    for name, facts in build.facts["tables"].items():
        if context.tables[name].system == "pool" and not context.tables[name].is_history:
            changed = (changes.get(f"changes/{name}/{kind}", "") for kind in ("added", "removed", "changed"))
            yield _row(context.tables[name].name, facts["rows"], before.get(name, {}).get("rows", ""), *changed)
    yield ""


def _changes(build: Build) -> dict[str, int]:
    return {each["name"]: each["rows"] for each in json.loads((build.release.report / FIGURES).read_bytes())}


def _digests(build: Build) -> Iterator[str]:
    yield from ("## 摘要", "", "所见即所批：批准只对下面这些内容有效。", "", *_table_of(("内容", "网页的 SHA-256，表的内容摘要"), 2, 2))
    yield _row(f"质量报告 report/{PAGE}", f"`{file_sha256(build.release.report / PAGE)}`")
    for name, facts in build.facts["tables"].items():
        yield _row(name, f"`{facts['content_hash']}`")
    yield ""


def _table_of(headings: Sequence[str], numbers_from: int, numbers_to: int) -> Iterator[str]:
    yield _row(*headings)
    yield _row(*("---:" if numbers_from <= place < numbers_to else "---" for place in range(len(headings))))


def _row(*cells: Any) -> str:
    return f"| {' | '.join(f'{cell:,}' if isinstance(cell, int) else str(cell).replace('|', '/') for cell in cells)} |"
