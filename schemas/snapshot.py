"""A contract as plain data, with all it means at this moment: elements in full, code lists with their spellings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from schemas.codes import code_lists
from schemas.contract import Contract


def snapshot(contract: Contract) -> dict[str, Any]:
    """The contract for JSON: its fields, columns with the name of their element, `elements` by name, `codes`: list name to spelling to code."""
    elements = {column.element.name: column.element for column in contract.columns if column.element}
    lists = sorted({element.code_list for element in elements.values() if element.code_list})
    content: dict[str, Any] = _plain(contract)
    for on_the_way in ("completeness", "pulls", "approval"):  # how files come, and who lets them pass, says nothing of what they mean
        del content[on_the_way]
    for column in content["columns"]:
        column["element"] = column["element"] and column["element"]["name"]
    codes = {name: dict(sorted(code_lists()[name].spellings.items())) for name in lists}
    return {**content, "elements": _plain(dict(sorted(elements.items()))), "codes": codes}


def snapshot_digest(content: Mapping[str, Any]) -> str:
    """Digest of a snapshot, equal for contracts that mean the same."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
