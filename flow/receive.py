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
from sources.archive import WITHIN, Member, is_archive, member_names, unpack
from sources.folder import Found, discover, period_of, recogniser
from sources.pull.files import markers_of, unsettled
from sources.readers import ReadError
from sources.secrets import Secrets, secret_of_environment

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


def receive(
    context: Context, folder: Path, *, contract: str | None = None, period: date | None = None, secrets: Secrets = secret_of_environment
) -> list[Delivery]:
    """Receive every export in a folder (of one contract, if given): raw bytes, receipt, entry in the ledger.

    period: what the deliveries are for, where the file name does not say; else the file's date. secrets: passwords of archives.
    The files of an archive are received as if they lay beside it. Files that no contract knows (of one contract: those in its own folder), and
    those that cannot be taken in whole, are recorded as problems. May be repeated: a known delivery is received once.
    """
    receiving = _Receiving(context, folder, contract, period, secrets)
    for found in discover(folder, context.contracts.values()):
        if found.contract_id is None and is_archive(found.path):
            receiving.take_archive(found)
        else:
            receiving.take(found, found.path)
    return receiving.deliveries


class _Receiving:
    """One look into a folder, and what was received of it."""

    def __init__(self, context: Context, folder: Path, contract: str | None, period: date | None, secrets: Secrets) -> None:
        self._context = context
        self._folder = folder
        self._contract = contract
        self._period = period
        self._secrets = secrets
        self._contract_of = recogniser(context.contracts.values())
        self._arrivals: dict[str, datetime] = {}
        self.deliveries: list[Delivery] = []

    def take(self, found: Found, bytes_at: Path, origin: str | None = None) -> None:
        """Receive a file, or record why not. found.path is where it was found, also in an archive."""
        context = self._context
        if found.contract_id is None:
            if _is_marker(context, found.path):
                return
            if self._is_asked_for(found.path.parent):
                self._report(found, UNKNOWN_FILE, "没有契约认得这个文件。请核对所在目录和文件名，或用契约登记这一来源。")
        elif self._contract in (None, found.contract_id):
            if reason := _unready(context, bytes_at, found.contract_id) if origin is None else "":
                self._report(found, WAITING_FILE, f"{reason}，这次先不收。")
                return
            try:
                covered = found.period or self._period or _file_date(context, bytes_at)
                arrival = self._arrivals.get(found.contract_id) or _arrival(context, found.contract_id)
                self._arrivals[found.contract_id] = arrival
                self.deliveries.append(receive_file(context, bytes_at, found.contract_id, covered, arrival=arrival, origin=origin))
            except PoolBusy:
                raise
            except (PoolError, OSError) as cause:
                self._report(found, NOT_RECEIVED, str(cause))

    def take_archive(self, found: Found) -> None:
        """Receive the files of an archive that contracts know, all or, where it cannot be unpacked, none."""
        try:
            if not self._concerns(found.path):
                return
            with self._context.pool.spill() as scratch:
                for member in unpack(found.path, scratch, archive_passwords(self._context, found.path, self._secrets)):
                    self.take(self._found_in(found, member), member.path, origin_in(found.path, member.name))
        except PoolBusy:
            raise
        except (ReadError, PoolError, OSError) as cause:
            if self._is_asked_for(found.path.parent):
                self._report(found, NOT_RECEIVED, str(cause).replace(str(found.path), found.path.name))

    def _concerns(self, archive: Path) -> bool:
        """Whether an archive may hold files of the one contract asked for."""
        if self._is_asked_for(archive.parent):
            return True
        names = member_names(archive)
        return any(is_archive(Path(name)) or self._known(archive, name) == self._contract for name in names)

    def _found_in(self, found: Found, member: Member) -> Found:
        period = period_of(Path(member.name).name) or found.period
        return Found(found.path.parent / f"{found.path.name}{WITHIN}{member.name}", self._known(found.path, member.name), period)

    def _known(self, archive: Path, name: str) -> str | None:
        """The contract of a member, as if it lay beside its archive with or without the folders it has in it."""
        beside = archive.parent.relative_to(self._folder)
        inner = name.rpartition(WITHIN)[2]
        return self._contract_of((beside / inner).as_posix()) or self._contract_of((beside / Path(inner).name).as_posix())

    def _is_asked_for(self, folder: Path) -> bool:
        """Whether problems of what lies in a folder are to be told: all of them, or those of one contract's own folder."""
        return self._contract is None or folder.parts[-2:] == tuple(self._contract.split("."))

    def _report(self, found: Found, kind: str, cause: str) -> None:
        name = found.path.relative_to(self._folder).as_posix()
        self._context.pool.ledger.record_problem(Problem(name, kind, f"{name}：{cause}", self._context.run, self._context.now))


def archive_passwords(context: Context, archive: Path, secrets: Secrets) -> list[str]:
    """The passwords of archives in a folder: those of the contract whose folder it is, else of all contracts."""
    own = context.contracts.get(".".join(archive.parent.parts[-2:]))
    contracts = [own] if own else context.contracts.values()
    names = dict.fromkeys(name for each in contracts for name in each.archive_passwords)
    return [password for name in names if (password := secrets(name))]


def origin_in(archive: Path, name: str) -> str:
    """How the receipt of a file names the archive it came in."""
    return f"{archive.parent.name}/{archive.name}{WITHIN}{name}"


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


def receive_file(
    context: Context, path: Path, contract_id: str, period: date, *, arrival: datetime | None = None, origin: str | None = None
) -> Delivery:
    """Receive one file as the delivery of a contract for a period.

    arrival: when it came, that of all files of one drop, default now. origin: where from, default the source it was pulled from, else its folder. Raises PoolError if the period lies more than a year ahead.
    """
    contract = context.contracts[contract_id]
    if period - context.local_date(context.now) > FARTHEST:
        raise PoolError(f"期次 {period} 在一年以后。请核对文件名里的日期；名称不含日期的，用 --period 指明期次。")
    covered = period.isoformat()
    if retired := _retired_batch(context, path, contract_id, covered):
        return Delivery(retired, contract_id, path, known=True)
    with context.pool.reading():
        return _receive(context, path, contract, covered, arrival or _arrival(context, contract_id), origin)


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


def _receive(context: Context, path: Path, contract: Contract, covered: str, arrival: datetime, origin: str | None) -> Delivery:
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
        origin=origin or _origin(context, contract, path, raw.hash),
        received_at=arrival,
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
    """Remove a delivery from the inbox whose raw file was redacted or retired: what must not be kept rests there no more than elsewhere.

    An archive goes as a whole: what contracts know of its files was received with it.
    """
    archive = Path(receipt.origin.partition(WITHIN)[0]).name if WITHIN in receipt.origin else ""
    for path in context.pool.paths.inbox.rglob("*"):
        if (path.name == receipt.file_name and path.is_file() and file_sha256(path) == receipt.sha256) or (
            path.name == archive and path.is_file() and _holds(context, path, receipt.sha256)
        ):
            path.unlink()


def _holds(context: Context, archive: Path, sha256: str) -> bool:
    with context.pool.spill() as scratch:
        try:
            members = unpack(archive, scratch, archive_passwords(context, archive, secret_of_environment))
        except ReadError:
            return False
        return any(file_sha256(each.path) == sha256 for each in members)


def _file_date(context: Context, path: Path) -> date:
    """The day the file was written; today, where its clock was ahead of ours."""
    return context.local_date(min(datetime.fromtimestamp(path.stat().st_mtime, UTC), context.now))
