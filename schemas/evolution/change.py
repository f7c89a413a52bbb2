"""One change of a contract, and what is said of changes of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Snapshot = Mapping[str, Any]
"""A contract or a part of it as schemas.snapshot gives it; a field that the older one does not have counts as unchanged."""

REPLAY = "要让收到过的文件也照新契约处理：datapool replay --dataset {id}"
MUST_REPLAY = "更新后须重放：datapool replay --dataset {id}"


@dataclass(frozen=True, slots=True)
class Change:
    """What it is about, what is different, whether it is compatible, why, and what to do (empty: nothing); all in Chinese.

    Compatible: old files are taken as before, batches that count stay right, nobody reads less or more than before.
    """

    subject: str
    what: str
    is_compatible: bool
    why: str
    remedy: str = ""


def compatible(subject: str, what: str, why: str, remedy: str = "") -> Change:
    return Change(subject, what, True, why, remedy)


def breaking(subject: str, what: str, why: str, remedy: str = "") -> Change:
    return Change(subject, what, False, why, remedy)


def differs(old: Snapshot, new: Snapshot, field: str) -> bool:
    """Whether both know a field and say different things."""
    return field in old and field in new and old[field] != new[field]


def gone(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """What the older list has alone."""
    return [each for each in old if each not in new]


def by_name(entries: Sequence[Snapshot]) -> dict[str, Snapshot]:
    return {entry["name"]: entry for entry in entries}


def from_to(old: Snapshot, new: Snapshot, field: str) -> str:
    return f"{shown(old[field])} → {shown(new[field])}"


def shown(value: object) -> str:
    if value is None or value == "" or value == []:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(str(each) for each in value) if isinstance(value, list) else str(value)


def quoted(names: Sequence[str]) -> str:
    return f"“{'”“'.join(names)}”"
