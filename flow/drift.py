"""Drift of a batch: held against the usual of the last accepted ones, told, and, where a person says so, taken for the new usual."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import batch_profile
from flow.library import CHANGES
from flow.read import Export
from pool import Batch, DriftAcceptance, DriftNote, PoolError, Receipt
from schemas.contract import Contract
from schemas.drift import drift_facts
from sources.folder import part_of
from transforms.drift.anomaly import Anomaly
from transforms.drift.columns import column_anomalies
from transforms.drift.compare import anomalies
from transforms.drift.delivery import SHAPE, UNKNOWN, Delivery
from transforms.drift.shape import ColumnShape, cells_shape

ANOMALIES, DELIVERY, USUAL = "anomalies", "delivery", "usual"
"""In the profile: what is not as usual; in its shape: whether the file is full or incremental, the batches it was compared with."""
MOST_REASONS = 3


def shape_of_file(
    connection: DuckDBPyConnection, export: Export, contract: Contract, refused: Mapping[int, str], columns: Mapping[str, ColumnShape]
) -> dict[str, Any]:
    """What the profile keeps of a file to compare later ones with; columns that are refused are left out."""
    conformity = export.conformity
    places = [place for place in range(len(conformity.header)) if place not in refused]
    names = {place: conformity.mapping.get(place, "") for place in places}
    # Where not one header is known the first row is no header, and what stands there may be of a person.
    unknown = {header: export.cells(place) for place, header in conformity.unknown.items() if place in names and conformity.mapping}
    return {
        DELIVERY: contract.delivery,
        "order": list(names.values()),
        "headers": {name: conformity.header[place] for place, name in names.items() if name},
        "columns": {name: shape.to_dict() for name, shape in columns.items()},
        UNKNOWN: {header: shape.to_dict() for header, shape in cells_shape(connection, unknown).items()},
    }


def drift_of(context: Context, receipt: Receipt, contract: Contract, export: Export, profile: Mapping[str, Any]) -> list[Anomaly]:
    """What is not as usual in a batch that is being judged, the gravest first. Changes of the library have no usual."""
    if contract.id in CHANGES:
        return []
    earlier = [Delivery.from_profile(batch_profile(context, batch)) for batch in profile[SHAPE][USUAL]]
    now, where = Delivery.from_profile(profile), _where(receipt, export)
    found = column_anomalies(export.conformity, now, earlier, contract, where)
    found += anomalies(now, earlier, contract, where)
    order = ("block", "warn", "note")
    return sorted(found, key=lambda each: order.index(each.severity))


def usual_batches(context: Context, receipt: Receipt, contract: Contract) -> list[str]:
    """The batches that make up the usual for a delivery, oldest first.

    Those that arrived before it, count, are as it is full or incremental and the same part of an export, from the last one on that a person took for the new usual.
    """
    accepted = context.pool.ledger.drift.acceptances()
    entries = context.pool.ledger.batches(contract=contract.id, status="accepted")
    earlier = sorted((entry for entry in entries if _moment(entry) < (receipt.received_at, receipt.batch)), key=_moment, reverse=True)
    part, found = part_of(receipt.file_name), list[str]()
    for entry in earlier:
        if len(found) == drift_facts().history:
            break
        if not context.pool.batches.is_sealed(entry.batch) or part_of(context.pool.receipts.read(entry.batch).file_name) != part:
            continue
        if batch_profile(context, entry.batch).get(SHAPE, {}).get(DELIVERY) == contract.delivery:
            found.append(entry.batch)
            if entry.batch in accepted:
                break
    return found[::-1]


def period_of(receipt: Receipt) -> date:
    """The day a delivery speaks of."""
    return date.fromisoformat(receipt.period)


def blocking(context: Context, receipt: Receipt, found: Sequence[Anomaly]) -> list[str]:
    """Why what is not as usual keeps a batch out, with what to do; nothing where a person accepted it, or its columns are missing anyway."""
    # That a required column is missing, without any limit to it, is told by the gate already.
    grave = [each for each in found if each.severity == "block" and (each.kind != "missing_column" or each.limit is not None)]
    if not grave or receipt.batch in context.pool.ledger.drift.acceptances():
        return []
    told = [f"{_without_file(each.message, receipt)}。{each.cure}" for each in grave[:MOST_REASONS]]
    if len(grave) > MOST_REASONS:
        told.append(f"另有 {len(grave) - MOST_REASONS} 项异常，见质量报告")
    return [*told, f'与部门核实无误后，可接受为新的常态：datapool replay {receipt.batch} --accept-drift "原因"']


def note_drift(context: Context, batch: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Tell the ledger what is not as usual in a batch."""
    notes = [
        DriftNote(
            batch=batch,
            number=number,
            kind=each["kind"],
            column_name=each["column"],
            severity=each["severity"],
            message=each["message"],
            cure=each["cure"],
            usual=each["usual"],
            now=each["now"],
            change=each["change"],
            change_limit=each["limit"],
        )
        for number, each in enumerate(found, start=1)
    ]
    context.pool.ledger.drift.record(batch, notes)


def accept_drift(context: Context, batch: str, reason: str) -> None:
    """Note that what is unusual in a batch is right and the new usual of its dataset, before it is replayed.

    Raises PoolError when the batch is unknown, has nothing unusual, or no reason is given.
    """
    if not reason.strip():
        raise PoolError('请写明为何接受，例如 --accept-drift "民政局已核实：低保标准调整"。')
    if context.pool.ledger.batch(batch) is None:
        raise PoolError(f"没有批次 {batch}。批次号见 datapool status。")
    notes = [note for note in context.pool.ledger.drift.notes([batch]) if note.severity != "note"]
    if not notes:
        raise PoolError(f"批次 {batch} 没有与以往不同的地方，不必接受；要重放请不带 --accept-drift。")
    details = {"reason": reason, "run": context.run, "anomalies": [f"{note.kind} {note.column_name}".strip() for note in notes]}
    context.pool.audit.append("drift.accept", batch, context.actor, "accepted", context.now, details)
    context.pool.ledger.drift.accept([DriftAcceptance(batch, context.actor, reason, context.now, context.run)])


def _where(receipt: Receipt, export: Export) -> str:
    sheets = "”“".join(export.sheets)
    return f"{receipt.file_name}（工作表“{sheets}”）" if sheets else receipt.file_name


def _without_file(message: str, receipt: Receipt) -> str:
    return message.removeprefix(receipt.file_name).removeprefix("：")


def _moment(entry: Batch) -> tuple[object, str]:
    return entry.received_at, entry.batch
