"""What the rows of a dataset say about the pool, which of their texts are addresses and which columns positions, as a contract states it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, get_args

from schemas.documents import Document, Place, did_you_mean
from schemas.model import AddressUse, Constant, Contract, CoordinateSystem, CoordinateUse, Fact

FACT_KEYS = ("table", "as", "of", "columns")


def read_addresses(document: Document, entries: Any, place: Place) -> tuple[AddressUse, ...]:
    """The addresses of a row, from the custom property of that name."""
    known = [field.name for field in fields(AddressUse)]
    uses: list[AddressUse] = []
    for index, entry in enumerate(_list_of_mappings(document, place, entries)):
        for key in entry:
            if key not in known:
                document.fault((*place, index, key), f"地址说明不认识“{key}”", did_you_mean(str(key), known))
        if "text" not in entry:
            document.fault((*place, index), "地址说明缺少 text", "请写明地址原文所在的列")
            continue
        uses.append(AddressUse(**{key: str(value) for key, value in entry.items() if key in known}))
    return tuple(uses)


def read_coordinates(document: Document, entries: Any, place: Place) -> tuple[CoordinateUse, ...]:
    """The positions of a row that are not in CGCS2000, from the custom property of that name."""
    known = [field.name for field in fields(CoordinateUse)]
    uses: list[CoordinateUse] = []
    for index, entry in enumerate(_list_of_mappings(document, place, entries)):
        for key in entry:
            if key not in known:
                document.fault((*place, index, key), f"坐标说明不认识“{key}”", did_you_mean(str(key), known))
        if missing := [key for key in known if key not in entry]:
            document.fault((*place, index), f"坐标说明缺少 {'、'.join(missing)}", "请写经度列 lon、纬度列 lat 和坐标系 system")
        elif entry["system"] not in get_args(CoordinateSystem):
            systems = get_args(CoordinateSystem)
            document.fault((*place, index, "system"), f"不认识坐标系“{entry['system']}”", f"请写 {'、'.join(systems)}；CGCS2000 不必写")
        else:
            uses.append(CoordinateUse(str(entry["lon"]), str(entry["lat"]), entry["system"]))
    return tuple(uses)


def read_facts(document: Document, entries: Any, place: Place, pool: Mapping[str, Contract]) -> tuple[Fact, ...]:
    """What a row says about the pool; ``pool`` tells which keys are references."""
    facts: list[Fact] = []
    for index, entry in enumerate(_list_of_mappings(document, place, entries)):
        for key in entry:
            if key not in FACT_KEYS:
                document.fault((*place, index, key), f"事实不认识“{key}”", did_you_mean(str(key), FACT_KEYS))
        columns = entry.get("columns")
        if "table" not in entry or not isinstance(columns, Mapping):
            document.fault((*place, index), "事实缺少 table 或 columns", "请写明数据池的表和各列的来处")
            continue
        facts.append(_fact(document, (*place, index), entry, pool))
    return tuple(facts)


def _fact(document: Document, place: Place, entry: Mapping[str, Any], pool: Mapping[str, Contract]) -> Fact:
    table = pool.get(str(entry["table"]))
    pointing = {column.name.removesuffix("_id") for column in table.columns if column.references} if table else set()
    columns: dict[str, str | Constant] = {}
    for key, value in entry["columns"].items():
        if isinstance(value, Mapping):
            if set(value) != {"constant"}:
                document.fault((*place, "columns", key), "固定值的写法不对", "请写 {constant: 值}")
            columns[key] = Constant(value.get("constant", ""))
        else:
            columns[key] = str(value)
    references = {key: value for key, value in columns.items() if key in pointing and key != "address" and isinstance(value, str)}
    alias = str(entry["as"]) if "as" in entry else None
    return Fact(str(entry["table"]), alias, MappingProxyType(columns), MappingProxyType(references), _numbering(document, entry))


def _numbering(document: Document, entry: Mapping[str, Any]) -> str | None:
    """Id of the dataset whose numbers the fact uses: one of the same system is named without it."""
    if "of" not in entry:
        return None
    dataset = str(entry["of"])
    return dataset if "." in dataset else f"{str(document.content['id']).partition('.')[0]}.{dataset}"


def _list_of_mappings(document: Document, place: Place, entries: Any) -> list[Mapping[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries):
        return entries
    document.fault(place, "这里应是列表，每项是键值", "请以“- ”开头逐项书写")
    return []
