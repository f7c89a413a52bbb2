"""Open Data Contract Standard v3.2.0: does a document follow its JSON schema, and if not, where and why, in Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

import jsonschema_rs

from schemas.documents import Document, Place, did_you_mean

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

TYPE_NAMES = {
    "string": "文本",
    "integer": "整数",
    "number": "数值",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "键值",
    "null": "空",
}
OWN_KEYS = (
    "element", "mask", "ignore", "titleRows", "headerRows", "sheet", "addresses", "facts", "delivery", "authorityRank", "retention", "versions",
    "approval",
)  # fmt: skip
"""What stands in customProperties: written as a key of its own it would say nothing."""

UNKNOWN_KEYS = ("additionalProperties", "unevaluatedProperties")


class _Validator(Protocol):
    def iter_errors(self, instance: object) -> Iterable[ValidationError]: ...


def note_faults(document: Document) -> None:
    """Note everything in the document that breaks the standard, each at its line."""
    _note_missing_types(document)
    if document.faults or _is_faultless(document.content):
        return
    errors = [leaf for error in _validator().iter_errors(document.content) for leaf in _leaves(error)]
    seen: set[tuple[Place, str]] = set()
    for error in errors:
        place = tuple(error.absolute_path)
        if error.validator in UNKNOWN_KEYS and _explained_below(place, errors):
            continue
        alone = len({other.message for other in errors if tuple(other.absolute_path) == place}) == 1
        for where, cause, cure in _explained(error, place, alone):
            if (where, cause) not in seen:
                seen.add((where, cause))
                document.fault(where, cause, cure)


@cache
def _schema() -> dict[str, Any]:
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _is_faultless(content: object) -> bool:
    """The answer of a validator in machine code, which takes a four-hundredth of the time; where something is wrong the other one explains it better."""
    try:
        json.dumps(content, allow_nan=False)
    except (TypeError, ValueError):  # a value that JSON has no word for, such as a date, which would pass as a text
        return False
    return _quick_validator().is_valid(content)


@cache
def _quick_validator() -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(_schema())


@cache
def _validator() -> _Validator:
    from jsonschema import Draft201909Validator

    return Draft201909Validator(_schema())


@cache
def _known_keys() -> tuple[str, ...]:
    """Every key the standard knows anywhere: the pool a misspelt key is compared with."""
    found: set[str] = set()
    stack: list[Any] = [_schema()]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            properties = part.get("properties")
            found.update(properties if isinstance(properties, dict) else ())
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)
    return tuple(sorted(found))


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The error itself, or, where alternatives failed, the errors of the alternative that came nearest."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for child in error.context:
        branches.setdefault(child.schema_path[0], []).append(child)
    nearest = min(branches.values(), key=len)
    for child in nearest:
        yield from _leaves(child)


def _explained_below(place: Place, errors: Iterable[ValidationError]) -> bool:
    """A key whose own value is at fault counts as "unknown" for the validator; the deeper error says it better."""
    return any(len(error.absolute_path) > len(place) and tuple(error.absolute_path)[: len(place)] == place for error in errors)


def _note_missing_types(document: Document) -> None:
    """A column without logicalType: the standard allows it in words that its schema then explains badly."""
    for number, table in enumerate(_mappings(document.content.get("schema"))):
        for index, entry in enumerate(_mappings(table.get("properties"))):
            if "name" in entry and "logicalType" not in entry:
                document.fault(
                    ("schema", number, "properties", index), f"列“{entry['name']}”没有 logicalType", "请写明类型，如 logicalType: string"
                )


def _mappings(part: Any) -> list[dict[str, Any]]:
    return [entry for entry in part if isinstance(entry, dict)] if isinstance(part, list) else []


def _explained(error: ValidationError, place: Place, alone: bool) -> Iterator[tuple[Place, str, str]]:
    value: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator in UNKNOWN_KEYS:
        yield from (_unknown_key(place, key) for key in _unknown_keys(error) if alone or key not in _known_keys())
    elif error.validator == "required":
        for key in (key for key in wanted if key not in value):
            yield place, f"缺少“{key}”", "请补上"
    elif error.validator == "type":
        names = "或".join(TYPE_NAMES[name] for name in (wanted if isinstance(wanted, list) else [wanted]))
        yield place, f"“{_last(place)}”的值“{value}”应是{names}", "请改写，版本号一类的文本要加引号"
    elif error.validator == "enum":
        yield place, f"“{_last(place)}”不能是“{value}”", did_you_mean(str(value), [str(one) for one in wanted])
    else:
        yield place, f"“{_last(place)}”不符合标准（{error.message}）", "请对照 Open Data Contract Standard v3.2.0"


def _unknown_keys(error: ValidationError) -> list[str]:
    allowed = set(error.schema.get("properties", ())) if isinstance(error.schema, dict) else set()
    quoted = {part for index, part in enumerate(error.message.split("'")) if index % 2}
    instance: Any = error.instance
    return [key for key in instance if key not in allowed and key in quoted]


def _unknown_key(place: Place, key: str) -> tuple[Place, str, str]:
    if key in OWN_KEYS:
        cure = f"请写在 customProperties 里：customProperties: [{{property: {key}, value: …}}]"
        return (*place, key), f"“{key}”是自定义属性，不能直接写成键", cure
    if key in _known_keys():
        return (*place, key), f"键“{key}”不能写在这里", "请移到它该在的地方，或删去"
    if "：" in key:
        return (*place, key), f"“{key}”里的冒号是全角的", "请改用半角冒号，后面空一格"
    near = get_close_matches(key, _known_keys(), n=2)
    return (*place, key), f"不认识的键“{key}”", did_you_mean(key, near)


def _last(place: Place) -> str:
    names = [str(step) for step in place if isinstance(step, str)]
    return names[-1] if names else "文件"
