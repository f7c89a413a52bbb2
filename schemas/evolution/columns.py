"""Changes of the columns of a contract: which there are, how exports call them, what must stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas.evolution.change import (
    MUST_REPLAY,
    REPLAY,
    Change,
    Snapshot,
    breaking,
    by_name,
    compatible,
    differs,
    from_to,
    gone,
    quoted,
)
from schemas.evolution.elements import element_changes

WIDENINGS = {
    ("integer", "number"),
    ("integer", "string"),
    ("number", "string"),
    ("date", "timestamp"),
    ("date", "string"),
    ("boolean", "string"),
}
"""From type to type where no value is lost."""
SENSITIVITY = ("L1", "L2", "L3", "L4")


def column_changes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Changes of columns between two snapshots of a contract."""
    before, after = by_name(old["columns"]), by_name(new["columns"])
    renamed = _renamed(before, after)
    for name, column in after.items():
        earlier = before.get(renamed.get(name, name))
        if earlier is None:
            yield from _added(column)
            continue
        if name in renamed:
            yield breaking(_title(column), f"字段名 {renamed[name]} → {name}", "已入池的批次里这一列还叫旧名，读作空值", MUST_REPLAY)
        yield from _changed(earlier, column)
        if earlier.get("element") and column.get("element"):
            yield from element_changes(_title(column), column, old, new, str(earlier["element"]), str(column["element"]))
    for name, column in before.items():
        if name not in after and name not in renamed.values():
            yield _removed(column)
    if differs(old, new, "key"):
        why = "一行凭主键认出：键变了，已入池的行与今后的行接不上，该更新、撤下的不会更新、撤下"
        yield breaking("主键", from_to(old, new, "key"), why, MUST_REPLAY)


def _renamed(before: Mapping[str, Snapshot], after: Mapping[str, Snapshot]) -> dict[str, str]:
    """New name to old name of columns that exports call the same."""
    free = {header: name for name, column in before.items() if name not in after for header in _headers(column)}
    found = {name: next((free[header] for header in _headers(column) if header in free), "") for name, column in after.items()}
    return {name: old for name, old in found.items() if old and name not in before}


def _added(column: Snapshot) -> Iterator[Change]:
    title = _title(column)
    if column["ignored"]:
        yield compatible(title, "新增，只认不收", "这一列不再报为未登记")
    elif column["required"]:
        yield breaking(title, "新增必填列", "没有这一列的旧文件会整批被拦下", "先设为可选，等来源都带上这一列再改为必填")
    else:
        remedy = "收到过的文件若已有这一列，可重放取回：datapool replay --dataset {id}"
        yield compatible(title, "新增可选列", "旧文件没有这一列，读作空值；已入池的批次也为空", remedy)


def _removed(column: Snapshot) -> Change:
    title = _title(column)
    if column["ignored"]:
        return compatible(title, "删去只认不收的列", "文件里再有这一列，报为未登记")
    return breaking(title, "删去", "文件里再有这一列也不收，数据池中由它来的值会变空", "改名的列请保留字段名，在 synonyms 中登记旧表头")


def _changed(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    title = _title(new)
    if lost := gone(_headers(old), _headers(new)):
        cause = "没有必填列，整批被拦下" if new["required"] else "这一列读作空值，不再报错"
        yield breaking(title, f"不再认得表头{quoted(lost)}", f"用这个表头的文件{cause}", "在 synonyms 中保留旧表头")
    if won := gone(_headers(new), _headers(old)):
        yield compatible(title, f"还认得表头{quoted(won)}", "旧表头照样认得" if not lost else "", REPLAY)
    if differs(old, new, "required"):
        if new["required"]:
            yield breaking(title, "可选 → 必填", "没有值的行今后被隔离，没有这一列的文件整批被拦下", "先请来源补齐")
        else:
            yield compatible(title, "必填 → 可选", "没有值的行今后采纳", REPLAY)
    if differs(old, new, "ignored"):
        yield _removed(new) if new["ignored"] else compatible(title, "原来只认不收，现在收", "已入池的批次没有这一列的值", REPLAY)
    if differs(old, new, "unique") and new["unique"]:
        yield breaking(title, "今后不得重复", "有重复值的批次会被拦下")
    yield from _type_change(title, old, new)
    yield from _privacy_changes(title, old, new)
    if differs(old, new, "references"):
        yield compatible(title, f"指向 {from_to(old, new, 'references')}", "")
    if differs(old, new, "description") or (differs(old, new, "label") and not differs(old, new, "physical_name")):
        yield compatible(title, "说明文字", "只影响显示")


def _type_change(title: str, old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if not differs(old, new, "logical_type"):
        return
    what = f"类型 {from_to(old, new, 'logical_type')}"
    if (old["logical_type"], new["logical_type"]) in WIDENINGS:
        yield compatible(title, what, "旧值都能用新类型表示", REPLAY)
    else:
        yield breaking(title, what, "已入池的批次里旧类型的值可能转换不了，转换不了就出不了新版本", MUST_REPLAY)


def _privacy_changes(title: str, old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if differs(old, new, "level"):
        if SENSITIVITY.index(new["level"]) < SENSITIVITY.index(old["level"]):
            yield breaking(title, f"敏感级别 {from_to(old, new, 'level')}", "读者可能看到更多", "请数据安全责任人确认")
        else:
            yield compatible(title, f"敏感级别 {from_to(old, new, 'level')}", "保护更严")
    if differs(old, new, "mask"):
        why = "读者看到的会变" if new["mask"] else "读者将看到原值"
        yield breaking(title, f"脱敏方式 {from_to(old, new, 'mask')}", why, "请数据安全责任人确认")


def _headers(column: Snapshot) -> list[str]:
    return [column["physical_name"], *column["synonyms"]]


def _title(column: Snapshot) -> str:
    return f"列“{column['physical_name']}”（{column['name']}）"
