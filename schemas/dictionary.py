"""The data dictionary as Markdown, made from the contracts: ``python -m schemas.dictionary > docs/data-dictionary.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from schemas.codes import CodeList, code_lists
from schemas.contract import Column, Contract, pool_contracts, source_contracts
from schemas.register import masks

TYPE_NAMES: Mapping[str, str] = {
    "string": "文本",
    "date": "日期",
    "timestamp": "日期时间",
    "number": "数值",
    "integer": "整数",
    "boolean": "是否",
}
INTRODUCTION = """# 数据字典

本页由数据合同生成，请勿手改：改 `schemas/` 下的合同，再运行 `python -m schemas.dictionary > docs/data-dictionary.md`。

敏感级别：{levels}。脱敏一栏写明分析用户看到的样子，空白表示原样提供；“不提供”的列不在共享库中。
"""


def dictionary() -> str:
    """The whole dictionary: pool tables, source datasets, code lists."""
    levels = "，".join(f"{code} {name}" for code, name in code_lists()["sensitivity_level"].names.items())
    parts = [INTRODUCTION.format(levels=levels), "## 数据池的表\n"]
    parts += [table_section(contract) for contract in pool_contracts().values()]
    parts.append("## 来源数据集\n")
    parts += [table_section(contract) for contract in source_contracts().values()]
    parts.append("## 代码表\n")
    parts += [_code_section(codes) for codes in code_lists().values()]
    return "\n".join(parts)


def table_section(contract: Contract) -> str:
    """Markdown of one table: a heading, what it is, and one row a column."""
    is_source = contract.is_source
    headings = ["列名", "中文名", *(["表头"] if is_source else []), "类型", "必填", "数据元", "级别", "脱敏", "代码表"]
    rows = [_column_row(contract, column, is_source) for column in contract.columns]
    facts = _source_facts(contract) if is_source else ""
    description = f"{contract.description}。" if contract.description else ""
    title = f"### {contract.name} `{contract.id.removeprefix('pool.')}`\n"
    rules = "".join(f"- {rule.description}（{_severity(rule.severity)}）\n" for rule in contract.rules)
    return "\n".join([title, f"{description}{facts}\n", _table(headings, rows), *([f"规则：\n\n{rules}"] if rules else [])])


def _column_row(contract: Contract, column: Column, is_source: bool) -> list[str]:
    element = column.element
    required = "主键" if column.name in contract.key else "是" if column.required else ""
    points_at = f"，指向 {column.references[0]}" if column.references else ""
    return [
        f"`{column.name}`",
        column.label + points_at,
        *(["、".join((column.physical_name, *column.synonyms))] if is_source else []),
        TYPE_NAMES[column.logical_type],
        required,
        element.label if element else "不收",
        column.level if element else "",
        masks()[column.mask].label if column.mask else "",
        f"[{element.code_list}](#{element.code_list})" if element and element.code_list else "",
    ]


def _source_facts(contract: Contract) -> str:
    delivery = {"full": "每次全量", "incremental": "每次增量"}[contract.delivery]
    patterns = "、".join(f"`{pattern}`" for pattern in contract.path_patterns)
    formats = "、".join(dict.fromkeys(contract.formats))
    encoding = "" if contract.format == "xlsx" else "，编码自动识别" if contract.encoding == "auto" else f"，{contract.encoding}"
    often = f"约每 {contract.frequency_days:g} 天一次" if contract.frequency_days else "不定期"
    kept = f"留存 {contract.retention}" if contract.retention else "一直保留"
    asked = "，新的批次须经批准才发布" if contract.approval else ""
    return f"{contract.department}提供，{delivery}，{often}，{kept}{asked}；文件 {patterns}（{formats}{encoding}）。"


def _severity(severity: str) -> str:
    return {"reject": "不符合的行隔离", "warn": "提醒", "block": "不符合则整批阻断"}[severity]


def _code_section(codes: CodeList) -> str:
    standard = f"（{codes.standard}）" if codes.standard else ""
    names = "；".join(f"{code} {name}" for code, name in codes.names.items())
    return f'<a id="{codes.name}"></a>\n\n### {codes.label} `{codes.name}`{standard}\n\n{names}\n'


def _table(headings: list[str], rows: Iterable[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(dictionary())
