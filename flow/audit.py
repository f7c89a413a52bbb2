"""The audit log as people read it: a table with filters, and the digest of a day to print and sign."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flow.context import Context
from pool import PoolError
from pool.audit import AuditRecord
from pool.audit_days import DIGEST, AuditDays, DayDigest
from schemas.codes import code_list

RESULTS = {
    "started": "开始",
    "done": "完成",
    "succeeded": "成功",
    "failed": "失败",
    "blocked": "拦下",
    "shown": "已显示",
    "recorded": "已记录",
    "withdrawn": "已撤回",
    "accepted": "已接受",
    "whole": "完好",
    "faulty": "有问题",
    "changed": "有变化",
    "first": "首次记录",
    "made": "已作",
}
"""Results in Chinese, for those who read the log as a table."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records are asked for: by a part of the name of who did it or of the object, by action (`release` is `release.publish`, too), by days."""

    who: str = ""
    action: str = ""
    object: str = ""
    since: date | None = None
    until: date | None = None


def audit_records(context: Context, asked: Asked) -> Iterator[AuditRecord]:
    """The records asked for, oldest first."""
    for record in context.pool.audit.records():
        day = context.local_date(datetime.fromisoformat(record.at))
        if (
            asked.who in record.actor
            and asked.object in record.object
            and (not asked.action or record.action == asked.action or record.action.startswith(f"{asked.action}."))
            and (asked.since is None or day >= asked.since)
            and (asked.until is None or day <= asked.until)
        ):
            yield record


def action_label(action: str) -> str:
    """An action in Chinese; itself where it has no name."""
    return code_list("audit_action").get(action, action)


def day_digest(context: Context, day: date | None) -> tuple[DayDigest, bool]:
    """The digest of a day (default: yesterday on the city's clock), and whether the day is over: then the log keeps it, once.

    Raises PoolError for a day that has not begun, and where the log is not whole.
    """
    today = context.local_date(context.now)
    day = day or today - timedelta(days=1)
    if day > today:
        raise PoolError(f"{day} 还没有到，没有日摘要。")
    digest = _days(context).digest(day)
    if day < today:
        _keep(context, digest)
    return digest, day < today


def digest_days(context: Context) -> list[DayDigest]:
    """Keep a digest of every day that is over, has records and no digest yet; returns those. Raises PoolError where the log is not whole."""
    kept = {record.object for record in context.pool.audit.records(DIGEST)}
    today = context.local_date(context.now)
    missing = [each for each in _days(context).with_records() if each.day < today and each.day.isoformat() not in kept]
    for each in missing:
        _keep(context, each)
    return missing


def _days(context: Context) -> AuditDays:
    if faults := context.pool.audit.verify({"台账": context.pool.ledger.audit_head()}):
        raise PoolError(f"审计日志不完整，不能作日摘要：{faults[0]}请运行 datapool verify。")
    return AuditDays(context.pool.audit.records(), context.city.time_zone)


def _keep(context: Context, digest: DayDigest) -> None:
    details = digest.details(context.city.time_zone.key)
    context.pool.audit.append_once(DIGEST, digest.day.isoformat(), context.actor, "made", context.now, details)
