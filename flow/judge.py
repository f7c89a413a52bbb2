"""How one batch is judged: rows that keep the contract are standardised and accepted, the others go to quarantine, a gate guards the whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from expectations.gates import Limits, batch_gate
from expectations.suites import suite_for
from expectations.validation import ValidationResult, extend_validation, validate
from flow.context import Context
from flow.delivered import ACCEPTED, CONTRACT, DIGESTS, QUARANTINE, REDACTIONS, UNCHANGED, UNREADABLE_ROW, batch_profile, file_key
from flow.drift import ANOMALIES, USUAL, blocking, drift_of, note_drift, period_of, shape_of_file, usual_batches
from flow.erase.kept_out import kept_out
from flow.known import Base, base_for, way_of_judging
from flow.library import CHANGES
from flow.read import Export, open_raw, rows_without
from flow.receive import DAMAGED_FILE, clear_inbox
from flow.workspace import sql_path, workspace
from pool import AlreadySealed, BatchStatus, Counts, Gate, Problem, Receipt
from pool.machine import fault_of
from pool.paths import PROFILE
from schemas.contract import Contract
from schemas.refused import UNDECLARED_PHONES
from schemas.snapshot import snapshot
from sources.readers import ReadError, RowFault
from transforms.check import Checked, Objections, check_rows
from transforms.check_profile import Profile
from transforms.drift.delivery import SHAPE
from transforms.erase import CAUSE, ERASED

REASONS_SHOWN = 3
UNREADABLE_FILE = "unreadable_file"
COMPRESSION = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480"
"""A group waits in memory until it is whole; if it does not fit there with the rows it is made of, that costs the engine eight times the work."""
DATASET_SECONDS = 3600.0
"""How long a worker waits for another that judges a batch of the same dataset."""
REFUSED, SHORTENED = "拒收列：", "残疾证号只留前 18 位："


def judge(context: Context, batch: str, objections: Objections | None = None) -> BatchStatus:
    """Read, check and standardise one batch; returns its status: accepted, blocked, failed (the file cannot be read) or still received
    (its raw file is damaged or lost: it waits until that is restored or delivered again).

    objections: what else speaks against single rows. Leaves batches/<batch>/ with accepted.parquet, unchanged.parquet (rows that an earlier batch
    holds), quarantine.parquet, profile.json, validation.json and contract.json, by which it was judged. May be repeated: a batch that was judged
    keeps its status until it is replayed. Batches of one dataset wait for one another: the later may take over rows of the earlier.
    """
    receipt = context.pool.receipts.read(batch)
    with context.pool.dataset_lock(receipt.contract, DATASET_SECONDS, holder=context.run):
        entry = context.pool.ledger.batch(batch)
        return entry.status if entry is not None and entry.status != "received" else _judge(context, receipt, objections)


def _judge(context: Context, receipt: Receipt, objections: Objections | None) -> BatchStatus:
    batch = receipt.batch
    try:
        if not context.pool.batches.is_sealed(batch):
            if not context.pool.raw.is_whole(receipt.sha256, receipt.replacement):
                return _leave_waiting(context, receipt)
            _build(context, receipt, context.contracts[receipt.contract], objections)
    except ReadError as error:
        if fault := fault_of(error):
            raise fault from None  # no batch is to blame for it: it stays as it is, for the next run
        return _fail(context, receipt, str(error).replace(str(error.file), receipt.file_name))
    except AlreadySealed:
        pass  # another worker finished the same batch: its result is ours
    except duckdb.Error as error:
        if fault_of(error):
            raise
        # The text of the error may quote cells.
        cause = f"{receipt.file_name}：检查时出错（{type(error).__name__}）。请核对契约中的规则，改正后运行 datapool replay {batch}。"
        return _fail(context, receipt, cause)
    return _settle(context, receipt)


def _build(context: Context, receipt: Receipt, contract: Contract, objections: Objections | None) -> None:
    way = way_of_judging(contract)
    base, usual = base_for(context, receipt, contract, way), usual_batches(context, receipt, contract)
    with context.pool.batches.building(receipt.batch) as folder:
        raw = open_raw(context, receipt, contract)
        export = Export(kept_out(context, raw, contract), contract)
        profile = _check_rows(context, receipt, contract, export, raw.cut, folder, objections, base)
        profile["blocks"] = [*export.conformity.blocks, *profile["blocks"]]
        profile[SHAPE][USUAL] = usual
        anomalies = drift_of(context, receipt, contract, export, profile)
        profile[ANOMALIES] = [each.to_dict() for each in anomalies]
        with context.stage("check.expectations", receipt.batch):
            validation = _validate(folder, contract, profile)
        profile["expectations"] = _expectations(validation)
        profile["gate"] = _gate(context, contract, export, profile, validation, blocking(context, receipt, anomalies))
        redactions = len(context.pool.raw.redactions(receipt.sha256))
        _write_json(folder / PROFILE, profile | {"way": way, REDACTIONS: redactions})
        _write_json(folder / "validation.json", validation.raw if validation else {})
        (folder / CONTRACT).write_text(json.dumps(snapshot(contract), ensure_ascii=False) + "\n", encoding="utf-8")


def _check_rows(
    context: Context,
    receipt: Receipt,
    contract: Contract,
    export: Export,
    shortened: Mapping[str, int],
    folder: Path,
    objections: Objections | None,
    base: Base | None,
) -> dict[str, Any]:
    """Divide the rows into accepted and quarantined, and see to it that what is refused rests nowhere; returns the profile.

    shortened: how many certificates were cut short by header, known when the export has been read.
    """
    with workspace(context.pool) as connection:
        try:
            checked = check_rows(
                connection,
                export.reader(),
                contract,
                load_date=context.local_date(receipt.received_at),
                objections=objections,
                known=base.known if base else None,
                period=period_of(receipt),
            )
        except duckdb.Error as cause:
            if export.machine_fault is not None:
                raise export.machine_fault from cause
            _redact(context, receipt, contract, export, export.refused(None), shortened)
            # An error of the reader comes out of the engine as its own, with nothing but the text left.
            if export.error is None:
                raise
            raise export.error from cause
        refused = export.refused(None if export.conformity.blocks else checked.profile.refused)
        faults = export.faults(withheld=bool(refused or shortened or export.cuts.cells)) if not export.conformity.blocks else []
        taken_over = _write_rows(connection, checked, file_key(receipt.sha256), faults, folder)
        shape = shape_of_file(connection, export, contract, refused, checked.shapes)
    drift = _drift(context, receipt, export, refused, shortened)
    _redact(context, receipt, contract, export, refused, shortened)
    return _with_faults(checked.profile, faults) | {
        "drift": drift,
        "taken_over": taken_over,
        SHAPE: shape,
        "beside": [asdict(each) for each in export.asides],
    }


def _write_rows(connection: DuckDBPyConnection, checked: Checked, key: str, faults: list[RowFault], folder: Path) -> dict[str, int]:
    """Write the rows; returns how many of them each earlier batch holds."""
    checked.accepted.create_view("accepted", replace=True)
    checked.quarantined.create_view("quarantined", replace=True)
    connection.execute(f"COPY (SELECT '{key}' AS file_key, * FROM accepted) TO {sql_path(folder / ACCEPTED)} ({COMPRESSION})")
    _write_quarantine(connection, key, faults, folder)
    checked.digests.create_view("digests", replace=True)
    connection.execute(f"COPY digests TO {sql_path(folder / DIGESTS)} ({COMPRESSION})")
    if checked.unchanged is None:
        return {}
    checked.unchanged.create_view("taken_over", replace=True)
    counted = connection.execute("SELECT holder, count(*) FROM taken_over GROUP BY ALL ORDER BY ALL").fetchall()
    if counted:
        connection.execute(f"COPY taken_over TO {sql_path(folder / UNCHANGED)} ({COMPRESSION})")
    return dict(counted)


def _validate(folder: Path, contract: Contract, profile: Mapping[str, Any]) -> ValidationResult | None:
    """What Great Expectations says of the accepted rows; those that were taken over it was asked about before."""
    accepted, suite = profile["rows"]["accepted"], suite_for(contract)
    taken_over = sum(profile["taken_over"].values())
    if not accepted:
        return None
    validation = validate(folder / ACCEPTED, suite) if accepted > taken_over else None
    if not taken_over:
        return validation
    broken = {count["rule"]: count["rows"] for count in profile["warnings"] if not count["column"]}
    return extend_validation(suite, validation, accepted, broken)


def _drift(context: Context, receipt: Receipt, export: Export, refused: Mapping[int, str], shortened: Mapping[str, int]) -> dict[str, Any]:
    """How the file as received differs from the contract; what an earlier check took out of it included."""
    parts = [part for each in context.pool.raw.redactions(receipt.sha256) for part in each.reason.split("；")]
    taken_out = {part.removeprefix(kind): "已从原始文件中去除" for kind in (REFUSED, SHORTENED) for part in parts if part.startswith(kind)}
    told = export.conformity.told
    now = {told[place]: f"{reason}，{export.filled(place):,} 个值" for place, reason in refused.items()}
    unknown = [header for header in export.conformity.unknown.values() if header not in now]
    return export.conformity.to_dict() | {"unknown": unknown, "refused": taken_out | now, "shortened": dict(shortened)}


def _redact(
    context: Context, receipt: Receipt, contract: Contract, export: Export, refused: Mapping[int, str], shortened: Mapping[str, int]
) -> None:
    """A raw file with refused columns, certificates of disability or rows of erased persons is replaced by its rows without them."""
    gone = {place: reason for place, reason in refused.items() if reason != UNDECLARED_PHONES}
    if not gone and not shortened and not export.cuts.cells:
        return
    told = export.conformity.told
    columns = "、".join(f"{told[place]}（{reason}，{export.filled(place):,} 个值）" for place, reason in sorted(gone.items()))
    numbers = "、".join(f"{header}（{count:,} 个值）" for header, count in sorted(shortened.items()))
    reasons = [REFUSED + columns, SHORTENED + numbers, export.cuts.reason()]
    said = "；".join(reason for reason, holds in zip(reasons, (gone, shortened, export.cuts.cells), strict=True) if holds)
    rows = kept_out(context, open_raw(context, receipt, contract), contract)
    context.pool.redact(receipt.sha256, rows_without(rows, gone), reason=said, actor=context.actor, now=context.now)
    clear_inbox(context, receipt)


def _write_quarantine(connection: DuckDBPyConnection, key: str, faults: list[RowFault], folder: Path) -> None:
    connection.register(
        "unreadable",
        pa.table(
            {
                "sheet": pa.array([fault.sheet for fault in faults], pa.string()),
                "row": pa.array([fault.row for fault in faults], pa.int64()),
                "message": pa.array([fault.cause for fault in faults], pa.string()),
                "original": pa.array([fault.text for fault in faults], pa.string()),
            }
        ),
    )
    connection.execute(f"""
        COPY (
            SELECT '{key}' AS file_key, * FROM quarantined
            UNION ALL BY NAME
            SELECT '{key}' AS file_key, sheet, row, [{{'column': '', 'rule': if(message = '{CAUSE}', '{ERASED}', '{UNREADABLE_ROW}'), 'message': message}}] AS reasons, original FROM unreadable
            ORDER BY sheet, row
        ) TO {sql_path(folder / QUARANTINE)} ({COMPRESSION})""")


def _with_faults(profile: Profile, faults: list[RowFault]) -> dict[str, Any]:
    """The profile with the rows that the reader could not take apart, and those of erased persons."""
    content = profile.to_dict()
    content["rows"]["received"] += len(faults)
    content["rows"]["quarantined"] += len(faults)
    erased = sum(fault.cause == CAUSE for fault in faults)
    messages = {UNREADABLE_ROW: "行无法读取（字段数不符等）", ERASED: CAUSE}
    for rule, rows in ((UNREADABLE_ROW, len(faults) - erased), (ERASED, erased)):
        if rows:
            content["reasons"] = [*content["reasons"], {"column": "", "rule": rule, "message": messages[rule], "rows": rows}]
    return content


def _expectations(validation: ValidationResult | None) -> dict[str, Any]:
    if validation is None:
        return {"met": 0, "total": 0, "unmet": []}
    return {"met": validation.met, "total": len(validation.results), "unmet": [asdict(result) for result in validation.unmet]}


def _gate(
    context: Context,
    contract: Contract,
    export: Export,
    profile: Mapping[str, Any],
    validation: ValidationResult | None,
    drift: Sequence[str],
) -> dict[str, Any]:
    by_header = {column.physical_name: column.name for column in contract.columns}
    missing = [by_header[header] for header in (*export.conformity.missing_required, *export.conformity.missing_optional)]
    # Changes of the library are few and each stands for itself: the good ones need not wait for the others.
    quarantined_share = 1.0 if contract.id in CHANGES else context.city.limits["quarantined_share"]
    limits = Limits(quarantined_share, context.city.limits["drop_share"])
    faulty = [each for each in profile["reasons"] if each["rule"] != ERASED]
    erased = sum(each["rows"] for each in profile["reasons"]) - sum(each["rows"] for each in faulty)
    rows = profile["rows"]
    judged = {"received": rows["received"] - erased, "accepted": rows["accepted"], "quarantined": rows["quarantined"] - erased}
    told = {"missing": missing, "anomalies": len(profile[ANOMALIES]), "compared": len(profile[SHAPE][USUAL]), "drift": drift}
    result = batch_gate(contract, judged | told, validation, limits)
    reasons = [*profile["blocks"], *drift] if profile["blocks"] else list(result.blocked_by)
    if reasons and faulty:
        reasons.append("主要隔离原因：" + "、".join(f"{each['message']} {each['rows']:,} 行" for each in faulty[:REASONS_SHOWN]))
    return {"passed": result.passed and not reasons, "blocked_by": reasons, "details": list(result.details)}


def _settle(context: Context, receipt: Receipt) -> BatchStatus:
    """Tell the ledger what the finished batch folder says."""
    profile = batch_profile(context, receipt.batch)
    gate, rows = profile["gate"], profile["rows"]
    status: BatchStatus = "accepted" if gate["passed"] else "blocked"
    reason = "；".join(gate["blocked_by"])
    counts = Counts(rows["received"], rows["accepted"], rows["quarantined"])
    context.pool.ledger.record_gate(
        Gate(context.run, receipt.batch, "batch", gate["passed"], context.now, reason, {"details": gate["details"]})
    )
    note_drift(context, receipt.batch, profile.get(ANOMALIES, []))
    context.pool.note_folder(context.pool.batches, receipt.batch)
    context.pool.ledger.set_batch_status(receipt.batch, status, now=context.now, reason=reason, counts=counts)
    return status


def _leave_waiting(context: Context, receipt: Receipt) -> BatchStatus:
    cause = (
        f"{receipt.file_name}：收到之后，数据池里存放的原始文件 {receipt.sha256} 已被改动、损坏或丢失，没有读入任何一行。"
        "请从备份恢复它，或把同一个文件再放进收件目录，然后重新运行；并检查磁盘。"
    )
    context.pool.ledger.record_problem(Problem(receipt.file_name, DAMAGED_FILE, cause, context.run, context.now, receipt.sha256))
    return "received"


def _fail(context: Context, receipt: Receipt, cause: str) -> BatchStatus:
    context.pool.ledger.set_batch_status(receipt.batch, "failed", now=context.now, reason=cause)
    context.pool.ledger.record_problem(Problem(receipt.file_name, UNREADABLE_FILE, cause, context.run, context.now, receipt.sha256))
    return "failed"


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
