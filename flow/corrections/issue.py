"""Sheets go out: what a department was not asked before, under a new receipt number."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flow.context import Context
from flow.corrections.fault import Fault
from flow.corrections.state import UNANSWERED, asked, keep_standing, standing_faults
from flow.corrections.workbook import write_workbook
from flow.private_file import new_private_file
from pool import CorrectionItem, CorrectionSheet, PoolError

ISSUE = "corrections.issue"
"""Action in the audit log."""
MOST_ITEMS = 100_000
MOST_BROKEN = 2_000
"""So many rows that break one quality rule a sheet asks about for the first time: behind more there is one cause, which a few show as well."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet that went out: its workbook, how many items are asked for the first time, how many again, and how many wait for the next sheet."""

    sheet: CorrectionSheet
    path: Path
    new: int
    again: int
    later: int


def department_of(context: Context, name: str) -> str:
    """A department by its Chinese name or by one of its systems. Raises PoolError for one that there is not."""
    departments = {contract.department for contract in context.contracts.values()}
    named = {contract.system: contract.department for contract in context.contracts.values()}
    if name not in departments and name not in named:
        known = "、".join(f"{system}（{department}）" for system, department in sorted(named.items()))
        raise PoolError(f"没有部门“{name}”。有的是：{known}。")
    return named.get(name, name)


def issue(context: Context, folder: Path, *, department: str | None = None, days: int | None = None, again: bool = False) -> list[Issued]:
    """Write a workbook for each department (or one) that has something to correct which it was not asked before, and note sheet and items in ledger and audit log.

    days: until when an answer is due, by default as the city says. again: what was asked before and is not answered is in the workbook, too,
    under its old numbers. Raises PoolError where there is no release, a workbook would be too long or exists already.
    """
    release = context.pool.releases.current()
    if release is None:
        raise PoolError("还没有发布，没有可更正的内容。请先 datapool run。")
    standing = standing_faults(context)
    before = {each.item.identity: each for each in asked(context, standing)}
    numbers = {identity: each.item.item for identity, each in before.items()}
    faults: dict[str, list[Fault]] = defaultdict(list)
    broken: Counter[tuple[str, str]] = Counter()
    later: Counter[str] = Counter()
    for fault in standing:
        name, is_new = fault.found.department, fault.identity not in before
        if department not in (None, name) or not (is_new or (again and before[fault.identity].state in UNANSWERED)):
            continue
        if is_new and fault.found.kind == "broken":
            broken[name, fault.found.rule] += 1
            if broken[name, fault.found.rule] > MOST_BROKEN:
                later[name] += 1
                continue
        faults[name].append(fault)
    issued = [_issue(context, folder, release, name, found, numbers, days, later[name]) for name, found in sorted(faults.items())]
    keep_standing(context, standing)
    return issued


def _issue(
    context: Context,
    folder: Path,
    release: int,
    department: str,
    faults: Sequence[Fault],
    numbers: dict[str, str],
    days: int | None,
    later: int,
) -> Issued:
    if len(faults) > MOST_ITEMS:
        raise PoolError(f"{department}有 {len(faults):,} 项，一张更正单最多 {MOST_ITEMS:,} 项。请先请该部门整批更正后重新报送。")
    receipt = _next_receipt(context)
    new = [fault for fault in faults if fault.identity not in numbers]
    named = {fault.identity: f"{receipt}-{place:04}" for place, fault in enumerate(new, start=1)}
    due = context.local_date(context.now) + timedelta(days=days or context.city.correction_days)
    path = folder / f"更正单_{department}_{receipt}.xlsx"
    sheet = CorrectionSheet(receipt, department, release, len(new), due, path.name, context.actor, context.now)
    about = (
        f"回执号 {receipt}，发布 {release}，{context.local_time(context.now):%Y-%m-%d %H:%M} 由 {context.actor} 发出，"
        f"新增 {len(new):,} 项，以前发出、仍未更正 {len(faults) - len(new):,} 项。"
        + (f"另有 {later:,} 项与其中某条规则的同类，留待下一张。" if later else "")
    )
    rows = [((numbers | named)[fault.identity], fault) for fault in faults]
    folder.mkdir(parents=True, exist_ok=True)
    with new_private_file(path):
        details = {"department": department, "release": release, "due": due.isoformat(), "new": len(new), "again": len(faults) - len(new)}
        context.pool.audit.append(ISSUE, receipt, context.actor, "started", context.now, details)
        names = {name: contract.name for name, contract in context.contracts.items()}
        write_workbook(path, rows, names, title=f"{department}更正单 {receipt}", about=about, due=due)
        context.pool.ledger.corrections.issue(sheet, [_item(named[fault.identity], receipt, fault) for fault in new])
    return Issued(sheet, path, len(new), len(faults) - len(new), later)


def _next_receipt(context: Context) -> str:
    """`GZ`, the day, and the number of the sheet within it."""
    day = f"GZ{context.local_date(context.now):%Y%m%d}-"
    numbers = [int(sheet.receipt.removeprefix(day)) for sheet in context.pool.ledger.corrections.sheets() if sheet.receipt.startswith(day)]
    return f"{day}{max(numbers, default=0) + 1:02}"


def _item(number: str, receipt: str, fault: Fault) -> CorrectionItem:
    found = fault.found
    return CorrectionItem(
        item=number,
        receipt=receipt,
        identity=fault.identity,
        kind=found.kind,
        contract=found.contract,
        batch=found.batch,
        sheet=found.sheet,
        row=found.row,
        column_name=found.column,
        rule=found.rule,
        value=fault.value,
    )
