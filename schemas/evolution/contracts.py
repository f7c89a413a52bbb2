"""Changes of a contract as a whole: its files, its rules, what its rows mean, its version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.duration import Duration
from schemas.evolution.change import MUST_REPLAY, REPLAY, Change, Snapshot, breaking, by_name, compatible, differs, from_to, gone, quoted
from schemas.evolution.columns import column_changes

MUST_CONFIRM = "请数据安全责任人确认"
SEVERITIES = ("warn", "reject", "block")
LAYOUT = {"formats": "格式", "title_rows": "标题行数", "header_rows": "表头行数", "sheet": "工作表", "row_path": "记录路径"}
DESCRIBED = {"name": "名称", "department": "部门", "table_label": "表名", "description": "说明"}
TIMELY = {"frequency_days": "报送频率（天）", "latency_hours": "允许延迟（小时）"}


def contract_changes(old: Snapshot, new: Snapshot) -> list[Change]:
    """All changes between two snapshots of contracts, the incompatible ones first; none where only the version differs."""
    found = [
        *_identity(old, new),
        *_files(old, new),
        *column_changes(old, new),
        *_rules(old, new),
        *_meaning(old, new),
        *_service(old, new),
    ]
    if found and not differs(old, new, "version"):
        advised = next_version(str(new["version"]), found)
        found.append(compatible("版本号", f"仍是 {new['version']}", "内容变了，版本号没有变", f"请写 {advised}"))
    found = [replace(each, remedy=each.remedy.format(id=new["id"])) for each in found]
    return sorted(found, key=lambda change: change.is_compatible)


def next_version(version: str, changes: Sequence[Change]) -> str:
    """The version after these changes by semantic versioning."""
    numbers = [int(part) if part.isdecimal() else 0 for part in version.split(".")]
    major, minor = [*numbers, 0][:2]
    return f"{major}.{minor + 1}.0" if all(change.is_compatible for change in changes) else f"{major + 1}.0.0"


def _identity(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if differs(old, new, "id"):
        yield breaking("编号", from_to(old, new, "id"), "是另一个数据集：已入池的批次不再计入", "改名请保留原编号")
    for field, label in DESCRIBED.items():
        if differs(old, new, field):
            yield compatible(label, from_to(old, new, field), "只影响显示")


def _files(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    if lost := gone(old["path_patterns"], new["path_patterns"]):
        yield breaking("文件位置", f"不再认得{quoted(lost)}", "放在那里的文件今后报为未识别", "请保留旧位置")
    if won := gone(new["path_patterns"], old["path_patterns"]):
        yield compatible("文件位置", f"还认得{quoted(won)}", "旧位置照样认得" if not lost else "")
    if differs(old, new, "encoding"):
        if new["encoding"] == "auto":
            yield compatible("编码", from_to(old, new, "encoding"), "各种编码都认得")
        else:
            yield breaking("编码", from_to(old, new, "encoding"), "旧编码的文件读不出，重放也读不出", "编码不一时请写 auto")
    for field, label in LAYOUT.items():
        if differs(old, new, field) and not (field == "formats" and set(old[field]) <= set(new[field])):
            yield breaking(
                label, from_to(old, new, field), "照旧样式的文件读不对，重放也读不对", "旧样式的文件请另立数据集，或请部门重新导出"
            )
    if differs(old, new, "delivery"):
        why = {
            "full": "没有列在最新一份里的记录都会撤下，包括以前增量报送的",
            "incremental": "没有列在最新一份里的记录不再撤下",
        }[new["delivery"]]
        yield breaking("报送方式", from_to(old, new, "delivery"), why, "下一次运行对全部批次生效，请先与部门核实")


def _rules(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    before, after = by_name(old["rules"]), by_name(new["rules"])
    for name, rule in after.items():
        title = f"规则“{rule['description']}”（{name}）"
        earlier = before.get(name)
        if earlier is None:
            yield _stricter(title, "新增", rule) if rule["severity"] != "warn" else compatible(title, "新增，只提示", "不影响采纳")
            continue
        if differs(earlier, rule, "severity"):
            is_stricter = SEVERITIES.index(rule["severity"]) > SEVERITIES.index(earlier["severity"])
            what = from_to(earlier, rule, "severity")
            yield _stricter(title, what, rule) if is_stricter else compatible(title, what, "比原来宽", REPLAY)
        if differs(earlier, rule, "sql"):
            what = "条件变了"
            yield _stricter(title, what, rule) if rule["severity"] != "warn" else compatible(title, what, "只提示，不影响采纳")
    for name in gone(list(before), list(after)):
        remedy = REPLAY if before[name]["severity"] != "warn" else ""
        yield compatible(f"规则“{before[name]['description']}”（{name}）", "删去", "比原来宽", remedy)


def _stricter(title: str, what: str, rule: Snapshot) -> Change:
    why = "不符合的批次今后整批被拦下" if rule["severity"] == "block" else "不符合的行今后被隔离，已入池的行不变"
    return breaking(title, what, why, "先写 warn 看有多少行，再改；要对已收到的文件生效：datapool replay --dataset {id}")


def _meaning(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """What the rows say about the pool: it is read at every run, from all batches."""
    before, after = _statements(old), _statements(new)
    if lost := sorted(before - after):
        yield breaking("数据池", f"不再填{quoted(lost)}", "由这一来源来的值从下一版起没有了", "确认其他来源能补上")
    if won := sorted(after - before):
        yield compatible("数据池", f"还填{quoted(won)}", "下一次运行对全部批次生效，不必重放")
    if differs(old, new, "addresses"):
        yield compatible("地址", "地址列或其线索变了", "下一次运行按新的线索重新匹配，匹配结果可能变", "运行后请看质量报告中的匹配率")
    if differs(old, new, "coordinates"):
        yield breaking("坐标", "坐标系的说明变了", "同样的数字今后是另一处地方，相差数百米", MUST_REPLAY)
    if differs(old, new, "authority_rank"):
        yield compatible("权威次序", from_to(old, new, "authority_rank"), "采用的值可能变")


def _statements(content: Snapshot) -> set[str]:
    values = {f"{fact['table']}.{column} ← {_source(value)}" for fact in content["facts"] for column, value in fact["columns"].items()}
    return values | {f"{fact['table']} ← {fact['of']} 的编号" for fact in content["facts"] if fact.get("of")}


def _source(value: object) -> str:
    return f"“{value['value']}”" if isinstance(value, dict) else str(value)


def _service(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    for field, label in TIMELY.items():
        if differs(old, new, field):
            yield compatible(label, from_to(old, new, field), "只影响逾期提醒")
    if differs(old, new, "drift"):
        yield compatible("漂移限值", "变了", "对今后检查的批次生效；已判定的不变", REPLAY)
    if differs(old, new, "retention"):
        was, is_now = (Duration(**each["retention"]) if each["retention"] else None for each in (old, new))
        is_shorter = is_now is not None and (was is None or is_now.in_days < was.in_days)
        what = f"{was or '一直保留'} → {is_now or '一直保留'}"
        yield breaking("留存期限", what, "更早的批次会被清退", MUST_CONFIRM) if is_shorter else compatible("留存期限", what, "留得更久")
