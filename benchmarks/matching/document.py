"""The published page: tables of a run in Markdown, beside the plots."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.matching.chance import words
from benchmarks.matching.results import OURS, Result

TARGETS: tuple[tuple[str, str, str, Callable[[float], bool]], ...] = (
    ("f1", "F1", "≥ 99.0%", lambda value: value >= 0.99),
    ("precision", "准确率", "≥ 99.8%", lambda value: value >= 0.998),
    ("recall", "召回率", "≥ 98.2%", lambda value: value >= 0.982),
    ("false_match_rate", "无解查询误匹配", "≤ 0.3%", lambda value: value <= 0.003),
    ("hard_recall", "难例召回率", "≥ 85%", lambda value: value >= 0.85),
    ("review_rate", "非歧义查询送审率", "≤ 1.5%", lambda value: value <= 0.015),
    ("ambiguous_listed", "歧义查询送审且列全", "≥ 95%", lambda value: value >= 0.95),
)


def page(results: Sequence[Result], about: dict[str, Any]) -> str:
    """The whole page in Chinese."""
    return (
        "\n\n".join(
            [
                "# 地址匹配：准确率与速度",
                _introduction(about),
                "## 与同类工具对比",
                *(_comparison(results, rows, about) for rows in sorted({result.rows for result in results})),
                "![速度与 F1](matching-speed.svg)",
                _peers_note(about),
                "## 本项目",
                _targets(results),
                _index(results),
                "## 按类别",
                *_groups(results),
                "![各类变异的召回率](matching-noise.svg)",
                "## 分数可信吗",
                "本项目给出的 `score` 是“这个地址和级别正确”的概率。下图把匹配结果按分数分段，比较平均分数和实际正确的比例。",
                "![可靠性曲线](matching-reliability.svg)",
                _reliability(results),
                "## 怎样重做",
                _how(),
            ]
        )
        + "\n"
    )


def percent(value: float) -> str:
    """A share as text, a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{value:.1%}" if value in (0, 1) else f"{value:.2%}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _introduction(about: dict[str, Any]) -> str:
    return (
        f"地址库和查询全部由程序生成（没有真实的人），以瑞安市 23 个镇街、515 个村社区为骨架，细到户室；随机种子 {about['seed']}。"
        f"每个库 {about['queries']:,} 条互不相同的查询，仿四个来源系统的写法：60% 基本规范，30% 有一两处变异，10% 难；"
        "其中 8.5% 在库中没有正确答案，1.5% 确有歧义。变异恰好写成另一个真实地址的不计入。\n\n"
        "命中：状态为 `matched`，且地址和级别都正确。准确率 = 命中 ÷ 全部 `matched`；召回率 = 命中 ÷ 有正确答案的查询。"
        f"速度是每秒处理的互不相同的地址数，{about['workers']} 个进程（线程），机器：{about['machine']}。{about['day']} 测。"
    )


def _comparison(results: Sequence[Result], rows: int, about: dict[str, Any]) -> str:
    head = ("", "F1", "准确率", "召回率", "无解误匹配", "认错邻号", "地址/秒", "内存峰值", "查询数")
    here = [result for result in results if result.rows == rows]
    body = [
        (
            f"**{result.title}**" if result.name == OURS else result.title,
            percent(result.figures["f1"]),
            percent(result.figures["precision"]),
            percent(result.figures["recall"]),
            percent(result.figures["false_match_rate"]),
            f"{result.figures['siblings']:.0f}",
            f"{result.speed['addresses_per_second']:,.0f}",
            f"{result.speed['peak_mb']:,.0f} MB",
            f"{result.speed['measured_queries']:,}",
        )
        for result in here
    ]
    return f"### 地址库 {rows:,} 行\n\n{_table(head, body)}"


def _peers_note(about: dict[str, Any]) -> str:
    return (
        "各工具在自己的环境里（版本固定在 `benchmarks/matching/requirements/`）按其文档推荐的方式使用，门槛值在另一个种子的数据上按 F1 选取；"
        "慢的工具只跑一部分查询，见“查询数”。内存是全部进程之和（本项目：匹配期间；各工作进程共享的索引按进程重复计入，且含读入的地址库和查询）。"
    )


def _ours(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.name == OURS]


def _targets(results: Sequence[Result]) -> str:
    found = _ours(results)
    body = [
        (label, target, *(percent(result.figures[key]) + ("" if reached(result.figures[key]) else " ✗") for result in found))
        for key, label, target, reached in TARGETS
    ]
    body.append(("认错邻号（1203/1204室、558/585号、东路/西路）", "0", *(f"{result.figures['siblings']:.0f}" for result in found)))
    return _table(("", "目标", *(f"{result.rows:,} 行" for result in found)), body)


def _index(results: Sequence[Result]) -> str:
    found = _ours(results)
    measures: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
        ("匹配，地址/秒", lambda speed: f"{speed['addresses_per_second']:,.0f}"),
        ("建索引，行/秒", lambda speed: f"{speed['build_rows_per_second']:,.0f}"),
        ("索引，MB/百万行", lambda speed: f"{speed['index_bytes_per_million'] / 1e6:,.0f}"),
        ("打开索引，秒", lambda speed: f"{speed['open_seconds']:.3f}"),
    )
    body = [(label, *(show(result.speed) for result in found)) for label, show in measures]
    return _table(("", *(f"{result.rows:,} 行" for result in found)), body)


def _groups(results: Sequence[Result]) -> list[str]:
    labels = words("labels")
    found = _ours(results)
    parts = []
    for name, title in (("hardness", "难度"), ("style", "来源"), ("level", "级别"), ("noise", "变异")):
        keys = list(dict.fromkeys(entry[name] for result in found for entry in result.groups[name]))
        cells = {(result.rows, entry[name]): entry for result in found for entry in result.groups[name]}
        if name == "noise":
            keys.sort(key=lambda key: _recall(cells.get((found[-1].rows, key))))
        body = [(labels[name].get(key, key), *(part for result in found for part in _cell(cells.get((result.rows, key))))) for key in keys]
        head = (title, *(text for result in found for text in (f"{result.rows:,} 行：条数", "召回率", "错", "送审")))
        parts.append(_table(head, body))
    return parts


def _recall(entry: dict[str, Any] | None) -> float:
    return 2.0 if entry is None or math.isnan(entry["recall"]) else float(entry["recall"])


def _cell(entry: dict[str, Any] | None) -> tuple[str, str, str, str]:
    if entry is None:
        return "0", "–", "–", "–"
    return f"{entry['queries']:,}", percent(entry["recall"]), f"{entry['wrong']:,}", f"{entry['review']:,}"


def _reliability(results: Sequence[Result]) -> str:
    parts = []
    for result in _ours(results):
        body = [
            (f"{band['from']:.2f}–{band['to']:.2f}", f"{band['results']:,}", f"{band['score']:.4f}", f"{band['right']:.4f}")
            for band in result.calibration
        ]
        parts.append(f"地址库 {result.rows:,} 行：\n\n" + _table(("分数", "结果数", "平均分数", "实际正确"), body))
    return "\n\n".join(parts)


def _how() -> str:
    return (
        "```\nmake benchmark                                            全部重做（首次要准备各工具的环境，数小时）\n"
        ".venv/bin/python -m benchmarks.matching --only ours       只跑本项目，几分钟\n"
        ".venv/bin/python -m benchmarks.matching --help            其他选项\n```\n\n"
        "数据按大小、种子和生成程序的版本缓存在 `var/benchmarks/matching`，同样的参数得到同样的数据。"
    )
