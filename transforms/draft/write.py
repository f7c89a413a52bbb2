"""The draft as YAML with a comment for every column, in the style of the contracts that people write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from schemas.register import masks
from transforms.draft.draft import NAMELESS_REASON, Draft
from transforms.draft.plan import DraftColumn, DraftFact, DraftRule
from transforms.mask import half_hidden

PLAIN = re.compile(r"[\w（）一-鿿/%°㎡.-]+")
SHOWN_VALUES = 12
SHOWN_EXAMPLES = 2
SHOWN_FROM = 5
"""A value of fewer rows is not shown: it may be one person's."""

FEW, MANY = 30, 50
"""At most so many different values in at least so many rows may be a code list."""

LINE = 118
TO_CONFIRM = "待确认"


@dataclass(frozen=True, slots=True)
class About:
    """What the head of the contract says: ids, names, where its files lie and how they are laid out."""

    system: str
    dataset: str
    name: str
    department: str
    file_name: str
    suffix: str
    format: str
    encoding: str
    title_rows: int
    header_rows: int
    sheet: str | None
    notes: tuple[str, ...]


def contract_text(draft: Draft, about: About) -> str:
    """The contract in YAML."""
    return "\n".join([*_head(draft, about), *_properties(draft), *_quality(draft), *_own(draft, about), *_foot(draft)]) + "\n"


def _head(draft: Draft, about: About) -> Iterator[str]:
    doubts = sum(1 for column in draft.columns if column.doubts and not column.refused)
    yield f"# 起草自 {about.file_name}（{draft.rows:,} 行）。逐列核对，标“{TO_CONFIRM}”的 {doubts} 列先看；改好后把 status 改为 active。"
    yield from (f"# {TO_CONFIRM}：{note}" for note in about.notes)
    yield "apiVersion: v3.2.0"
    yield "kind: DataContract"
    yield f"id: {about.system}.{about.dataset}"
    yield f"name: {_scalar(about.name)}"
    yield "version: 1.0.0"
    yield "status: draft"
    steward = f"steward-{about.system.replace('_', '-')}"
    yield f"team: {{name: {_scalar(about.department)}, members: [{{username: {steward}, role: steward}}]}}"
    yield "servers:"
    encoding = f", encoding: {about.encoding}" if about.format in ("csv", "tsv", "jsonl") else ""
    path = f"{about.system}/{about.dataset}/*{about.suffix}"
    yield f'  - {{server: inbox, type: local, path: "{path}", format: {about.format}{encoding}}}'
    yield "schema:"
    yield f"  - name: {about.dataset}"
    yield f"    physicalName: {_scalar(about.name)}"
    yield "    properties:"


def _properties(draft: Draft) -> Iterator[str]:
    for column in draft.columns:
        yield f"      # {_comment(column)}"
        if listed := _values(column):
            yield f"      # {listed}"
        yield f"      - {_property(column)}"


def _property(column: DraftColumn) -> str:
    parts = [f"name: {column.name}", f"physicalName: {_scalar(column.header)}"]
    if column.header.isascii() and not column.meaning.text.isascii():
        parts.append(f"businessName: {_scalar(column.meaning.text)}")
    if column.refused:
        return f"{{{', '.join(parts)}, logicalType: string, customProperties: [{{property: ignore, value: true}}]}}"
    parts.append(f"logicalType: {column.element.logical_type}")
    if column.required:
        parts.append("required: true")
    if column.key_position:
        parts.append(f"primaryKey: true, primaryKeyPosition: {column.key_position}")
    return f"{{{', '.join(parts)}, customProperties: [{{property: element, value: {column.element_name}}}]}}"


def _comment(column: DraftColumn) -> str:
    content = column.content
    counted = f"填写 {_percent(content.filled, content.rows)}，{content.distinct:,} 种取值" if content.distinct else "全空"
    if column.refused == NAMELESS_REASON:
        return f"不采集：{column.refused}。{counted}"
    if column.refused:
        return f"拒收：{column.refused}。取值不显示，也不保留"
    mask = f"，脱敏：{masks()[column.element.mask].label}" if column.element.mask else ""
    said = f"{counted}{_examples(column)}。{column.element.label}（{column.basis}，{column.element.level}{mask}）"
    return said + "".join(f"；{TO_CONFIRM}：{doubt}" for doubt in column.doubts)


def _examples(column: DraftColumn) -> str:
    if column.element.mask and masks()[column.element.mask].method == "drop":
        return ""
    is_open = column.element.level in ("L1", "L2") and column.element.logical_type != "string" and not column.doubts
    texts = [text if is_open else half_hidden(text) for text, _ in column.content.usual]
    shown = [text for text in texts if text.strip("*")][:SHOWN_EXAMPLES]
    return f"，如 {'、'.join(_one_line(text) for text in shown)}" if shown else ""


def _values(column: DraftColumn) -> str | None:
    """Of a column that may hold codes no list is known for: its frequent values."""
    content = column.content
    some = 1 < content.distinct <= FEW and content.filled >= MANY
    word = column.meaning.word
    known = word is not None and not word.generic
    if column.refused or column.element_name != "text" or known or not some or content.persons >= 0.3 or content.length > 20:
        return None
    shown = [f"{_one_line(text)}（{times:,}）" for text, times in content.usual[:SHOWN_VALUES] if times >= SHOWN_FROM]
    rest = content.distinct - len(shown)
    more = f" 等 {content.distinct} 种" if rest > 0 else ""
    advice = f"若是代码，可登记为代码表 schemas/codes/{column.name}.csv，再在 schemas/elements/codes.yaml 加数据元"
    return f"取值：{'、'.join(shown)}{more}。{advice}" if shown else None


def _quality(draft: Draft) -> Iterator[str]:
    if draft.rules:
        yield "    quality:"
    for rule in draft.rules:
        yield f"      # {rule.checked:,} 行可比，{_broken(rule)}"
        yield f"      - {{type: custom, engine: datapool, name: {rule.name}, dimension: consistency, severity: {rule.severity},"
        yield f'         description: {_scalar(rule.description)}, implementation: "{rule.sql}"}}'


def _broken(rule: DraftRule) -> str:
    return f"{rule.broken:,} 行不符" if rule.broken else "都符合"


def _own(draft: Draft, about: About) -> Iterator[str]:
    yield "    customProperties:"
    if about.title_rows:
        yield f"      - {{property: titleRows, value: {about.title_rows}}}"
    if about.header_rows != 1:
        yield f"      - {{property: headerRows, value: {about.header_rows}}}"
    if about.sheet:
        yield f"      - {{property: sheet, value: {_scalar(about.sheet)}}}"
    if draft.addresses:
        yield "      - property: addresses"
        yield "        value:"
        yield from (f"          - {{{', '.join(f'{key}: {name}' for key, name in use.items())}}}" for use in draft.addresses)
    yield f"      # {TO_CONFIRM}：这一行讲了数据池的哪些事，第一个事实是主体；表和列见 docs/data-dictionary.md"
    yield "      - property: facts"
    yield "        value:"
    for fact in draft.facts:
        yield from _fact(fact)


def _fact(fact: DraftFact) -> Iterator[str]:
    if fact.doubt:
        yield f"          # {TO_CONFIRM}：{fact.doubt}"
    yield f"          - table: {fact.table}"
    if fact.alias:
        yield f"            as: {fact.alias}"
    line = "            columns: {"
    parts = [f"{key}: {_value(value)}" for key, value in fact.columns.items()]
    for place, part in enumerate(parts):
        ending = ", " if place < len(parts) - 1 else "}"
        if len(line) + len(part) + 1 > LINE:
            yield line.rstrip()
            line = "              "
        line += part + ending
    yield line


def _value(value: str | Mapping[str, str]) -> str:
    return value if isinstance(value, str) else f"{{constant: {value['constant']}}}"


def _foot(draft: Draft) -> Iterator[str]:
    dated = any(column.element_name in ("month", "date") for column in draft.key)
    yield f"# {TO_CONFIRM}：多久报一次（frequency），允许晚多久（latency），每次是全量（full）还是增量（incremental）"
    yield "slaProperties: [{property: frequency, value: 1, unit: d}, {property: latency, value: 36, unit: h}]"
    yield "customProperties:"
    yield f"  - {{property: delivery, value: {'incremental' if dated else 'full'}}}"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}".replace(".0%", "%") if whole else "0%"


def _one_line(text: str) -> str:
    short = text if len(text) <= 24 else text[:11] + "…" + text[-2:]
    return re.sub(r"\s+", " ", short)


def _scalar(text: str) -> str:
    """A text as a YAML scalar inside a flow mapping, quoted where it must be."""
    return text if PLAIN.fullmatch(text) and yaml.safe_load(text) == text else json.dumps(text, ensure_ascii=False)
