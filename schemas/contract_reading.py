"""From a document that follows the standard to a Contract; what cannot be read is noted as a fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from schemas.contract_facts import read_addresses, read_coordinates, read_facts
from schemas.contract_pull import SERVER_PROPERTIES, is_inbox, read_completeness, read_pulls
from schemas.documents import Document, Place, did_you_mean
from schemas.drift import DriftLimits, read_drift
from schemas.duration import Duration
from schemas.model import Column, Contract, Delivery, Rule, Severity
from schemas.register import Element, Level, masks, register

OWN_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "contract": ("delivery", "authorityRank", "retention", "versions", "drift", "approval"),
    "schema": ("titleRows", "headerRows", "sheet", "rowPath", "addresses", "coordinates", "facts"),
    "property": ("element", "mask", "ignore"),
    **SERVER_PROPERTIES,
}
FORMATS = ("csv", "tsv", "xlsx", "xls", "dbf", "json", "jsonl", "xml", "parquet")
PLAIN_ELEMENTS = {
    "string": "text",
    "date": "date",
    "timestamp": "datetime",
    "number": "decimal",
    "integer": "integer",
    "boolean": "flag",
}
STRING_LITERAL = re.compile(r"'(?:[^']|'')*'")
COLUMN_WORD = re.compile(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()")
Own = Mapping[str, tuple[Any, Place]]


def read_contract(document: Document, pool: Mapping[str, Contract]) -> Contract:
    """The contract in the document; ``pool`` tells which keys of a fact are references. Faults are noted in the document."""
    content = document.content
    system, _, dataset = str(content["id"]).partition(".")
    table = _only_table(document)
    own = _own_properties(document, (), content, "contract")
    table_own = _own_properties(document, ("schema", 0), table, "schema")
    servers = [(server, _server_properties(document, index, server)) for index, server in enumerate(content.get("servers", []))]
    inbox = [(index, server) for index, (server, _) in enumerate(servers) if is_inbox(server)]
    columns = _columns(document, table.get("properties", []))
    return Contract(
        id=str(content["id"]),
        system=system,
        dataset=dataset,
        name=str(content.get("name", dataset)),
        version=str(content["version"]),
        department=str(_team(content).get("name", "")),
        table_label=str(table.get("physicalName", content.get("name", dataset))),
        description=str(table.get("description") or content.get("description", {}).get("purpose", "")),
        path_patterns=tuple(str(server["path"]) for _, server in inbox),
        formats=_formats(document, inbox),
        encoding=str(inbox[0][1].get("encoding", "utf-8")) if inbox else "",
        title_rows=_whole_number(document, table_own, "titleRows", 0),
        header_rows=_whole_number(document, table_own, "headerRows", 1),
        sheet=str(table_own["sheet"][0]) if "sheet" in table_own else None,
        row_path=str(table_own.get("rowPath", ("", ()))[0]),
        delivery=_one_of(document, own, "delivery", get_args(Delivery), "full"),
        columns=columns,
        rules=_rules(document, table.get("quality", [])),
        addresses=read_addresses(document, *table_own.get("addresses", ([], ()))),
        facts=read_facts(document, *table_own.get("facts", ([], ())), pool),
        frequency_days=_service_level(document, "frequency", {"d": 1, "h": 1 / 24}, 1),
        latency_hours=_service_level(document, "latency", {"h": 1, "d": 24}, 36),
        authority_rank=_whole_number(document, own, "authorityRank", 0) if "authorityRank" in own else None,
        retention=_duration(document, own, "retention"),
        key=_key(columns),
        versions=own.get("versions", (False, ()))[0] is True,
        archive_passwords=_archive_passwords(found for _, found in servers),
        coordinates=read_coordinates(document, *table_own.get("coordinates", ([], ()))),
        drift=_drift(document, own, columns),
        completeness=read_completeness(document, servers),
        pulls=read_pulls(document, servers),
        approval=_flag(document, own, "approval"),
    )


def _team(content: Mapping[str, Any]) -> Mapping[str, Any]:
    team = content.get("team", {})
    return team if isinstance(team, Mapping) else {}


def _only_table(document: Document) -> Mapping[str, Any]:
    tables = document.content.get("schema", [])
    if len(tables) != 1:
        document.fault(("schema",), f"schema 下应恰有一张表，现有 {len(tables)} 张", "请每个数据集写一个文件")
    return tables[0] if tables else {}


def _own_properties(document: Document, place: Place, part: Mapping[str, Any], kind: str) -> Own:
    """Our custom properties of one part, each with its place; an unknown, misplaced or repeated one is a fault."""
    found: dict[str, tuple[Any, Place]] = {}
    for index, entry in enumerate(part.get("customProperties", [])):
        here = (*place, "customProperties", index)
        name = str(entry.get("property"))
        if name not in OWN_PROPERTIES[kind]:
            document.fault(here, f"自定义属性“{name}”不能用在这里", _right_place(name, kind))
        elif name in found:
            document.fault(here, f"自定义属性“{name}”写了两次", "请只留一处")
        found[name] = (entry.get("value"), (*here, "value"))
    return found


def _right_place(name: str, kind: str) -> str:
    places = {"contract": "文件顶层", "schema": " schema 的表", "property": "列"}
    for other, place in places.items():
        if name in OWN_PROPERTIES[other]:
            return f"请移到{place}的 customProperties 下"
    return did_you_mean(name, OWN_PROPERTIES[kind])


def _whole_number(document: Document, own: Own, name: str, default: int) -> int:
    value, place = own.get(name, (default, ()))
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        document.fault(place, f"“{name}”的值“{value}”应是不小于 0 的整数", "请改写")
        return default
    return value


def _flag(document: Document, own: Own, name: str) -> bool:
    value, place = own.get(name, (False, ()))
    if not isinstance(value, bool):
        document.fault(place, f"“{name}”的值“{value}”应是 true 或 false", "请改写，不加引号")
    return value is True


def _duration(document: Document, own: Own, name: str) -> Duration | None:
    if name not in own:
        return None
    value, place = own[name]
    try:
        return Duration.parse(str(value))
    except ValueError:
        document.fault(place, f"“{name}”的值“{value}”应是 ISO 8601 的时长", "例如 P3Y（三年）、P18M（十八个月）、P90D（九十天）")
        return None


def _drift(document: Document, own: Own, columns: Sequence[Column]) -> DriftLimits:
    kept = frozenset(column.name for column in columns if not column.ignored)
    return read_drift(document, *own["drift"], kept) if "drift" in own else DriftLimits()


def _one_of(document: Document, own: Own, name: str, allowed: Sequence[str], default: str) -> Any:
    value, place = own.get(name, (default, ()))
    if value not in allowed:
        document.fault(place, f"“{name}”不能是“{value}”", did_you_mean(str(value), allowed))
    return value


def _server_properties(document: Document, index: int, server: Mapping[str, Any]) -> Own:
    kind = str(server["type"])
    return _own_properties(document, ("servers", index), server, kind) if kind in SERVER_PROPERTIES else {}


def _formats(document: Document, inbox: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[str, ...]:
    """The format of each path pattern."""
    values = [str(server["format"]) for _, server in inbox]
    for (index, _), value in zip(inbox, values, strict=True):
        if value not in FORMATS:
            document.fault(("servers", index, "format"), f"“format”不能是“{value}”", did_you_mean(value, FORMATS))
    return tuple(values)


def _archive_passwords(servers: Iterable[Own]) -> tuple[str, ...]:
    """The connections that hold the passwords of archives; the passwords themselves stand in no contract."""
    return tuple(dict.fromkeys(str(own["archivePassword"][0]) for own in servers if "archivePassword" in own))


def _service_level(document: Document, name: str, units: Mapping[str, float], default: float) -> float:
    for index, entry in enumerate(document.content.get("slaProperties", [])):
        if entry.get("property") == name:
            factor = units.get(str(entry.get("unit")))
            value = entry.get("value")
            if factor is None or isinstance(value, bool) or not isinstance(value, int | float):
                cause = f"“{name}”应写成数值和单位（{'、'.join(units)}）"
                document.fault(
                    (
                        "slaProperties",
                        index,
                    ),
                    cause,
                    "例如 {property: frequency, value: 1, unit: d}",
                )
                return default
            return float(value * factor)
    return default


def _columns(document: Document, entries: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(_column(document, ("schema", 0, "properties", index), entry) for index, entry in enumerate(entries))


def _column(document: Document, place: Place, entry: Mapping[str, Any]) -> Column:
    own = _own_properties(document, place, entry, "property")
    ignored = own.get("ignore", (False, place))[0] is True
    logical_type = entry.get("logicalType", "string")
    element = None if ignored else _element(document, place, own, logical_type)
    physical_name = str(entry.get("physicalName", entry["name"]))
    return Column(
        name=str(entry["name"]),
        physical_name=physical_name,
        label=str(entry.get("businessName") or _label(physical_name, element)),
        synonyms=tuple(str(synonym["synonym"]) for synonym in entry.get("synonyms", [])),
        logical_type=logical_type,
        required=bool(entry.get("required", False)),
        unique=bool(entry.get("unique", False)),
        primary_key_position=_key_position(document, place, entry),
        element=element,
        mask=_mask(document, own, element),
        level=_level(document, place, entry, element),
        ignored=ignored,
        references=_references(entry),
        description=str(entry.get("description", "")),
    )


def _label(physical_name: str, element: Element | None) -> str:
    if element is None or not physical_name.isascii() or element.name in PLAIN_ELEMENTS.values():
        return physical_name
    return element.label


def _element(document: Document, place: Place, own: Own, logical_type: str) -> Element | None:
    if logical_type not in PLAIN_ELEMENTS:
        document.fault((*place, "logicalType"), f"不支持的类型“{logical_type}”", did_you_mean(logical_type, [*PLAIN_ELEMENTS]))
        return None
    name, where = own.get("element", (PLAIN_ELEMENTS[logical_type], place))
    element = register().get(str(name))
    if element is None:
        document.fault(where, f"没有登记数据元“{name}”", did_you_mean(str(name), [*register()]))
    elif element.logical_type != logical_type:
        cause = f"数据元“{name}”的类型是 {element.logical_type}，这里写的是 {logical_type}"
        document.fault((*place, "logicalType"), cause, f"请写 logicalType: {element.logical_type}，或换一个数据元")
    return element


def _mask(document: Document, own: Own, element: Element | None) -> str | None:
    if "mask" not in own:
        return element.mask if element else None
    name, place = own["mask"]
    if name not in masks():
        document.fault(place, f"没有脱敏方式“{name}”", did_you_mean(str(name), [*masks()]))
    return str(name)


def _level(document: Document, place: Place, entry: Mapping[str, Any], element: Element | None) -> Level:
    level: Level = entry.get("classification") or (element.level if element else "L4")
    if level not in get_args(Level):
        document.fault((*place, "classification"), f"敏感级别不能是“{level}”", "请写 L1、L2、L3 或 L4")
    return level


def _key_position(document: Document, place: Place, entry: Mapping[str, Any]) -> int | None:
    if not entry.get("primaryKey", False):
        return None
    position = entry.get("primaryKeyPosition")
    if not isinstance(position, int) or position < 1:
        document.fault(place, "主键列没有 primaryKeyPosition", "请从 1 起写明它在主键中的位置")
        return 1
    return position


def _references(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    for relationship in entry.get("relationships", []):
        table, _, column = str(relationship["to"]).partition(".")
        return table, column
    return None


def _key(columns: Sequence[Column]) -> tuple[str, ...]:
    keyed = [(column.primary_key_position, column.name) for column in columns if column.primary_key_position is not None]
    return tuple(name for _, name in sorted(keyed))


def _rules(document: Document, entries: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for index, entry in enumerate(entries):
        place = ("schema", 0, "quality", index)
        sql = entry.get("implementation")
        if entry.get("type") != "custom" or entry.get("engine") != "datapool" or not isinstance(sql, str):
            cure = "请写 type: custom、engine: datapool 和 implementation"
            document.fault(place, "规则不是数据池能执行的形式", cure)
            continue
        if entry.get("severity") not in get_args(Severity):
            document.fault(place, f"规则的 severity 不能是“{entry.get('severity')}”", "请写 reject（隔离该行）、warn 或 block（阻断批次）")
        if not entry.get("name") or not entry.get("description"):
            document.fault(place, "规则缺少 name 或 description", "请写英文名和中文说明，说明会显示给用户")
        rules.append(
            Rule(
                name=str(entry.get("name")),
                description=str(entry.get("description")),
                dimension=str(entry.get("dimension", "consistency")),
                severity=entry.get("severity", "warn"),
                sql=sql,
                columns=tuple(dict.fromkeys(COLUMN_WORD.findall(STRING_LITERAL.sub("", sql)))),
            )
        )
    return tuple(rules)
