"""Receive: exports become raw bytes with a receipt; what is not an export of ours is reported, not lost."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from glob import escape
from pathlib import Path

from flow.context import Context
from flow.library import CHANGES
from pool import Batch, PoolBusy, PoolError, Problem, Receipt, batch_id
from pool.files import file_sha256
from schemas.contract import Contract
from sources.folder import Found, discover
from sources.pull.files import markers_of, unsettled

UNKNOWN_FILE = "unknown_file"
NOT_RECEIVED = "not_received"
WAITING_FILE = "waiting_file"
"""Not known to be whole yet; it is looked at again by the next run."""
DAMAGED_FILE = "damaged_file"
"""Received, but no more whole when it was to be read."""
FARTHEST = timedelta(days=366)
"""A period farther ahead is a slip of the pen, and would make the pool's day a day to come."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that was received; `known` when the same bytes for the same period had come before."""

    batch: str
    contract: str
    file: Path
    known: bool


def receive(context: Context, folder: Path, *, contract: str | None = None, period: date | None = None) -> list[Delivery]:
    """Receive every export in a folder (of one contract, if given): raw bytes, receipt, entry in the ledger.

    period: what the deliveries are for, where the file name does not say; else the file's date.
    Files that no contract knows (of one contract: those in its own folder), and those that cannot be taken in whole, are recorded as
    problems. May be repeated: a known delivery is received once.
    """
    deliveries = []
    arrivals: dict[str, datetime] = {}
    for found in discover(folder, context.contracts.values()):
        if found.contract_id is None:
            if _is_marker(context, found.path):
                continue
            if contract is None or found.path.parent.parts[-2:] == tuple(contract.split(".")):
                _report(context, folder, found, UNKNOWN_FILE, "没有契约认得这个文件。请核对所在目录和文件名，或用契约登记这一来源。")
        elif contract in (None, found.contract_id):
            if reason := _unready(context, found.path, found.contract_id):
                _report(context, folder, found, WAITING_FILE, f"{reason}，这次先不收。")
                continue
            try:
                covered = found.period or period or _file_date(context, found.path)
                arrival = arrivals.get(found.contract_id) or _arrival(context, found.contract_id)
                arrivals[found.contract_id] = arrival
                deliveries.append(receive_file(context, found.path, found.contract_id, covered, arrival=arrival))
            except PoolBusy:
                raise
            except (PoolError, OSError) as cause:
                _report(context, folder, found, NOT_RECEIVED, str(cause))
    return deliveries


def _unready(context: Context, path: Path, contract_id: str) -> str:
    """Why a file does not count as whole yet by its contract; empty when it does."""
    whole = context.contracts[contract_id].completeness
    if whole.marker and not any(Path(marker).is_file() for marker in markers_of(str(path), whole.marker)):
        return f"还没有完成标志 {path.name}{whole.marker}"
    return unsettled(path.name, path.stat().st_mtime, whole, context.now.timestamp())


def _is_marker(context: Context, path: Path) -> bool:
    """Whether a file only says that another one beside it is complete."""
    if path.suffix not in {each.completeness.marker for each in context.contracts.values()} - {""}:
        return False
    return path.with_suffix("").exists() or any(beside != path for beside in path.parent.glob(f"{escape(path.stem)}.*"))


def waiting_batches(context: Context, contract: str | None = None) -> list[str]:
    """Batches received and not yet checked, also those a killed run left behind, as they arrived; not those of contracts that are no more.

    Changes of the address library come last: they are held against the whole of it.
    """
    entries = [
        entry
        for entry in context.pool.ledger.batches(status="received")
        if entry.contract in context.contracts and contract in (None, entry.contract)
    ]
    entries.sort(key=lambda entry: (entry.contract in CHANGES, entry.contract, entry.received_at, entry.batch))
    return [entry.batch for entry in entries]


def receive_file(context: Context, path: Path, contract_id: str, period: date, *, arrival: datetime | None = None) -> Delivery:
    """Receive one file as the delivery of a contract for a period.

    arrival: when it came, that of all files of one drop, default now. Raises PoolError if the period lies more than a year ahead.
    """
    contract = context.contracts[contract_id]
    if period - context.local_date(context.now) > FARTHEST:
        raise PoolError(f"期次 {period} 在一年以后。请核对文件名里的日期；名称不含日期的，用 --period 指明期次。")
    covered = period.isoformat()
    if retired := _retired_batch(context, path, contract_id, covered):
        return Delivery(retired, contract_id, path, known=True)
    with context.pool.reading():
        return _receive(context, path, contract, covered, arrival)


def _retired_batch(context: Context, path: Path, contract_id: str, covered: str) -> str | None:
    """The batch that a file once was, if it is kept no longer; then it is not kept in the inbox either."""
    known = context.pool.ledger.upkeep.retired("batch")
    if not any(batch.startswith(f"{contract_id}-{covered}-") for batch in known):
        return None
    batch = batch_id(contract_id, covered, file_sha256(path))
    if batch not in known:
        return None
    clear_inbox(context, context.pool.receipts.read(batch))
    return batch


def _receive(context: Context, path: Path, contract: Contract, covered: str, arrival: datetime | None) -> Delivery:
    raw = context.pool.raw.store(path)
    receipt = Receipt(
        batch=batch_id(contract.id, covered, raw.hash),
        system=contract.system,
        dataset=contract.dataset,
        contract=contract.id,
        period=covered,
        file_name=path.name,
        size=raw.size,
        sha256=raw.hash,
        origin=_origin(context, contract, path, raw.hash),
        received_at=arrival or _arrival(context, contract.id),
    )
    with context.pool.receiving_lock(receipt.batch):
        return _note_delivery(context, path, receipt)


def _origin(context: Context, contract: Contract, path: Path, sha256: str) -> str:
    """Where a file came from: the source it was pulled from, else the folder it was dropped into."""
    fetched = context.pool.ledger.pulls.of(contract.id) if contract.pulls else []
    pulled = [each for each in fetched if (each.file_name, each.sha256) == (path.name, sha256)]
    return pulled[-1].source if pulled else path.parent.name


def _note_delivery(context: Context, path: Path, receipt: Receipt) -> Delivery:
    """Write the receipt of a stored file and make it known, unless it is."""
    batch = receipt.batch
    entry = context.pool.ledger.batch(batch)
    was_killed = entry is None and context.pool.receipts.exists(batch)
    receipt = context.pool.receipts.write(receipt)
    if receipt.redactions:
        clear_inbox(context, receipt)
    if entry is not None:
        if entry.status == "received" and not context.pool.raw.is_whole(receipt.sha256, receipt.replacement):
            context.pool.raw.mend(path, receipt.sha256)
        return Delivery(batch, receipt.contract, path, known=True)
    note = context.pool.audit.append_once if was_killed else context.pool.audit.append
    note("receive", batch, context.actor, "received", context.now, {"file": path.name, "run": context.run, "receipt": receipt.digest()})
    context.pool.ledger.record_batch(
        Batch(
            batch=batch,
            contract=receipt.contract,
            system=receipt.system,
            dataset=receipt.dataset,
            period=receipt.period,
            sha256=receipt.sha256,
            received_at=receipt.received_at,
            receipt_digest=receipt.digest(),
        )
    )
    return Delivery(batch, receipt.contract, path, known=False)


def _arrival(context: Context, contract: str) -> datetime:
    """Now; where the clock was set back since the last delivery of a dataset, right after that one: what comes later counts as later."""
    latest = max((entry.received_at for entry in context.pool.ledger.batches(contract=contract)), default=context.now)
    return context.now if latest <= context.now else latest + timedelta(microseconds=1)


def clear_inbox(context: Context, receipt: Receipt) -> None:
    """Remove a delivery from the inbox whose raw file was redacted or retired: what must not be kept rests there no more than elsewhere."""
    for path in context.pool.paths.inbox.rglob("*"):
        if path.name == receipt.file_name and path.is_file() and file_sha256(path) == receipt.sha256:
            path.unlink()


def _file_date(context: Context, path: Path) -> date:
    """The day the file was written; today, where its clock was ahead of ours."""
    return context.local_date(min(datetime.fromtimestamp(path.stat().st_mtime, UTC), context.now))


def _report(context: Context, folder: Path, found: Found, kind: str, cause: str) -> None:
    name = found.path.relative_to(folder).as_posix()
    context.pool.ledger.record_problem(Problem(name, kind, f"{name}：{cause}", context.run, context.now))
