"""Register of data elements (数据元): what a kind of column means, wherever it appears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from schemas.codes import code_lists
from schemas.documents import Document, did_you_mean, entries

FOLDER = Path(__file__).parent
LogicalType = Literal["string", "date", "timestamp", "number", "integer", "boolean"]
Level = Literal["L1", "L2", "L3", "L4"]
Parser = Literal[
    "text", "name", "person_name", "address", "identifier", "plate", "citizen_number", "phone", "date", "datetime", "month", "decimal", "area",
    "capital", "ten_thousand", "percentage", "duration", "integer", "flag", "code",
]  # fmt: skip
Check = Literal[
    "citizen_number", "document_number", "uscc", "registration_number", "organisation_code", "phone", "past_date", "pattern",
    "range", "code",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """One data element.

    ``parser`` names how text becomes a value, ``check`` what the value must satisfy (None: nothing more). ``pattern`` is a
    regular expression for the whole value, ``minimum`` and ``maximum`` bounds of check "range", ``scale`` decimal places
    kept. ``code_list`` names a list; with ``sublevels`` a two-digit code of a listed one's class is good too.
    ``placeholders`` are the spellings that mean "no value". ``mask`` names an entry of ``masks`` or is None. ``forms`` maps the type of a
    document to the regular expression of its numbers.
    """

    name: str
    label: str
    logical_type: LogicalType
    parser: Parser
    check: Check | None
    code_list: str | None
    sublevels: bool
    level: Level
    mask: str | None
    standard: str
    pattern: str | None
    minimum: float | None
    maximum: float | None
    scale: int | None
    placeholders: tuple[str, ...]
    description: str
    forms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Mask:
    """One way to hide a value in a share: ``method`` with its settings, and ``examples`` of before and after.

    ``only``: columns of the same row and what must stand in them for the value to be hidden.
    """

    name: str
    label: str
    method: Literal["keep", "surname", "phone", "address_to_building", "year", "round", "small", "drop"]
    head: int
    tail: int
    digits: int
    only: Mapping[str, str]
    examples: Mapping[str, str]


@cache
def register() -> Mapping[str, Element]:
    """All data elements by name, from ``elements/*.yaml``. Raises ContractError."""
    common = _common_placeholders()
    elements: dict[str, Element] = {}
    for path in sorted((FOLDER / "elements").glob("*.yaml")):
        document = Document(path)
        for name, entry in entries(document).items():
            _check_entry(document, name, entry)
            if name in elements:
                document.fault((name,), f"数据元“{name}”已在别的文件登记", "请只登记一次")
            document.stop_if_faulty()
            elements[name] = _element(name, entry, common)
    return MappingProxyType(elements)


@cache
def masks() -> Mapping[str, Mask]:
    """All masks by name, from ``masks.yaml``."""
    return MappingProxyType(
        {
            name: Mask(
                name,
                str(entry["label"]),
                entry["method"],
                int(entry.get("head", 0)),
                int(entry.get("tail", 0)),
                int(entry.get("digits", 0)),
                MappingProxyType(dict(entry.get("only", {}))),
                MappingProxyType({str(before): str(after) for before, after in entry["examples"].items()}),
            )
            for name, entry in entries(Document(FOLDER / "masks.yaml")).items()
        }
    )


def _common_placeholders() -> tuple[str, ...]:
    return tuple(str(text) for text in Document(FOLDER / "placeholders.yaml").content["spellings"])


def _element(name: str, entry: Mapping[str, Any], common: tuple[str, ...]) -> Element:
    own = tuple(str(text) for text in entry.get("placeholders", ()))
    return Element(
        name=name,
        label=entry["label"],
        logical_type=entry["type"],
        parser=entry["parser"],
        check=entry.get("check"),
        code_list=entry.get("code_list"),
        sublevels=entry.get("sublevels", False),
        level=entry["level"],
        mask=entry.get("mask"),
        standard=entry.get("standard", ""),
        pattern=entry.get("pattern"),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        scale=entry.get("scale"),
        placeholders=() if entry.get("keeps_placeholders") else common + own,
        description=entry.get("description", ""),
        forms=MappingProxyType({str(code): str(form) for code, form in entry.get("forms", {}).items()}),
    )


def _check_entry(document: Document, name: str, entry: Mapping[str, Any]) -> None:
    known = {each.name for each in fields(Element)} - {"name", "logical_type"} | {"type", "keeps_placeholders"}
    for key in entry:
        if key not in known:
            document.fault((name, str(key)), f"数据元不认识“{key}”", did_you_mean(str(key), sorted(known)))
    closed: dict[str, tuple[str, ...]] = {
        "type": get_args(LogicalType),
        "parser": get_args(Parser),
        "check": get_args(Check),
        "level": get_args(Level),
        "mask": tuple(masks()),
        "code_list": tuple(code_lists()),
    }
    for key in ("label", "type", "parser", "level"):
        if key not in entry:
            document.fault((name,), f"数据元“{name}”缺少“{key}”", "请补上")
    for key, allowed in closed.items():
        if key in entry and entry[key] not in allowed:
            document.fault((name, key), f"“{key}”不能是“{entry[key]}”", did_you_mean(str(entry[key]), allowed))
