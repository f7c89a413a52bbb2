"""Changes of what a value must be: the data element of a column, its bounds and its code list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.evolution.change import MUST_REPLAY, REPLAY, Change, Snapshot, breaking, compatible, differs, from_to, gone, quoted

SHOWN = 8
"""Codes of a list that are named."""
OTHER_READING = ("parser", "check", "pattern", "sublevels", "forms")
"""Fields of an element whose change nobody can call wider or narrower."""


def element_changes(title: str, column: Snapshot, old: Snapshot, new: Snapshot, before: str, after: str) -> Iterator[Change]:
    """Changes of one column's element and its code list; old and new: snapshots of the contract, before and after: names of elements."""
    was, is_now = old["elements"][before], new["elements"][after]
    if before != after:
        yield from _other_element(title, was, is_now)
    elif changed := [field for field in OTHER_READING if differs(was, is_now, field)]:
        what = f"数据元“{after}”的 {'、'.join(changed)} 变了"
        yield breaking(title, what, "同样的文字可能读成别的值，或从合格变为不合格", MUST_REPLAY)
    yield from _bounds(title, was, is_now)
    if differs(was, is_now, "scale"):
        wider = was["scale"] is not None and (is_now["scale"] is None or is_now["scale"] > was["scale"])
        what = f"小数位 {from_to(was, is_now, 'scale')}"
        yield compatible(title, what, "旧值都能用新精度表示", REPLAY) if wider else breaking(title, what, "旧值会被舍入", MUST_REPLAY)
    if more := gone(is_now["placeholders"], was["placeholders"]):
        make = breaking if column["required"] else compatible
        yield make(title, f"视为空值的写法增加{quoted(more)}", "这样写的今后为空" + ("，该行被隔离" if column["required"] else ""), REPLAY)
    if fewer := gone(was["placeholders"], is_now["placeholders"]):
        yield breaking(title, f"视为空值的写法减少{quoted(fewer)}", "这样写的今后作为值，不合格的被隔离或清空", MUST_REPLAY)
    if was["code_list"] and is_now["code_list"]:
        lists = old["codes"].get(was["code_list"], {}), new["codes"].get(is_now["code_list"], {})
        yield from _code_changes(title, str(is_now["code_list"]), *lists)


def _other_element(title: str, was: Snapshot, is_now: Snapshot) -> Iterator[Change]:
    what = f"数据元 {was['name']} → {is_now['name']}"
    if is_now["check"] is None and was["parser"] == is_now["parser"]:
        yield compatible(title, what, "今后不再核对取值", REPLAY)
    elif all(was.get(field) == is_now.get(field) for field in (*OTHER_READING, "code_list", "logical_type")):
        yield compatible(title, what, "读法和核对都一样")
    else:
        yield breaking(title, what, "同样的文字可能读成别的值，或从合格变为不合格", MUST_REPLAY)


def _bounds(title: str, was: Snapshot, is_now: Snapshot) -> Iterator[Change]:
    for field, label, sign in (("minimum", "下限", 1), ("maximum", "上限", -1)):
        if not differs(was, is_now, field):
            continue
        narrower = is_now[field] is not None and (was[field] is None or (is_now[field] - was[field]) * sign > 0)
        what = f"{label} {from_to(was, is_now, field)}"
        yield (
            breaking(title, what, "原来合格的值今后不合格", MUST_REPLAY)
            if narrower
            else compatible(title, what, "原来不合格的值今后合格", REPLAY)
        )


def _code_changes(title: str, name: str, was: Mapping[str, str], is_now: Mapping[str, str]) -> Iterator[Change]:
    """was, is_now: spelling to code."""
    if more := _named(gone(list(is_now), list(was))):
        yield compatible(title, f"代码表 {name} 增加{more}", "旧代码照样认得；今后这样写的采纳", REPLAY)
    if fewer := _named(gone(list(was), list(is_now))):
        yield breaking(title, f"代码表 {name} 减少{fewer}", "这样写的行今后不合格；已入池的值不在表中", "停用的代码请留在表中")
    if moved := _named([spelling for spelling, code in was.items() if is_now.get(spelling, code) != code]):
        yield breaking(title, f"代码表 {name} 中{moved}换了代码", "已入池的值还是旧代码", MUST_REPLAY)


def _named(spellings: list[str]) -> str:
    if not spellings:
        return ""
    return quoted(spellings[:SHOWN]) + (f"等 {len(spellings)} 种写法" if len(spellings) > SHOWN else "")
