"""Receipts: one file per delivery, saying what arrived, from where and when."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pool.errors import PoolError
from pool.files import canonical_json, check_name, write_file

PERIOD = re.compile(r"\d{4}(-\d{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Redaction:
    """A raw file was replaced by its `rows` as text, without what may not rest here."""

    reason: str
    actor: str
    at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery: `period` is the date, month or year the data are for (ISO), `sha256` and `size` those of the bytes received.

    After a redaction `replacement` is the SHA-256 of the Parquet file that took the place of those bytes, else empty.
    """

    batch: str
    system: str
    dataset: str
    contract: str
    period: str
    file_name: str
    size: int
    sha256: str
    origin: str
    received_at: datetime
    redactions: tuple[Redaction, ...] = ()
    replacement: str = ""

    def digest(self) -> str:
        """SHA-256 of what was delivered; a redaction does not change it."""
        return hashlib.sha256(canonical_json(_as_json(replace(self, redactions=(), replacement="")))).hexdigest()


class Redactions(Protocol):
    """What the receipts ask the raw store about a file, by its original hash."""

    def redactions(self, sha256: str) -> tuple[Redaction, ...]: ...

    def replacement(self, sha256: str) -> str: ...


def batch_id(contract: str, period: str, sha256: str) -> str:
    """The batch of these bytes for this period: contract, period and 12 digits of a hash of all three.

    The same bytes for the same period are the same batch, for a new period a new one.
    Raises PoolError when `period` is not an ISO date, month or year.
    """
    if not PERIOD.fullmatch(period):
        raise PoolError(f"期次 {period!r} 无效：应为年、年-月或年-月-日，例如 2025、2025-06、2025-06-30。")
    digest = hashlib.sha256(f"{contract}\n{period}\n{sha256}".encode()).hexdigest()[:12]
    return check_name(f"{contract}-{period}-{digest}")


class Receipts:
    """The receipts, one JSON file a batch."""

    def __init__(self, folder: Path, parts: Path, raw: Redactions) -> None:
        self._folder = folder
        self._parts = parts
        self._raw = raw

    def write(self, receipt: Receipt) -> Receipt:
        """Keep a receipt and return the one that stands: a delivery that has one already keeps it."""
        if self.exists(receipt.batch):
            return self.read(receipt.batch)
        receipt = self._as_redacted(receipt)
        self._store(receipt)
        return receipt

    def exists(self, batch: str) -> bool:
        """Whether the delivery has a receipt."""
        return self.path(batch).is_file()

    def read(self, batch: str) -> Receipt:
        """The receipt of a batch; raises PoolError when there is none or it cannot be read."""
        path = self.path(batch)
        try:
            return _receipt_from(json.loads(path.read_bytes()))
        except FileNotFoundError:
            raise PoolError(f"没有批次 {batch} 的回执：{path} 不存在。请检查批次号。") from None
        except (ValueError, TypeError, KeyError) as cause:
            raise PoolError(f"回执 {path} 已损坏：{cause}。请从备份恢复该文件，再运行 datapool verify。") from None

    def batches(self) -> list[str]:
        """The batches that have a receipt, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def all(self) -> Iterator[Receipt]:
        """Every receipt, sorted by batch."""
        return (self.read(batch) for batch in self.batches())

    def renew_redactions(self, sha256: str) -> None:
        """Bring the redactions of a raw file into each receipt that names it."""
        for receipt in self.all():
            if receipt.sha256 == sha256 and receipt != self._as_redacted(receipt):
                self._store(self._as_redacted(receipt))

    def _as_redacted(self, receipt: Receipt) -> Receipt:
        sha256 = receipt.sha256
        return replace(receipt, redactions=self._raw.redactions(sha256), replacement=self._raw.replacement(sha256))

    def path(self, batch: str) -> Path:
        """Where the receipt of a batch rests."""
        return self._folder / f"{check_name(batch)}.json"

    def _store(self, receipt: Receipt) -> None:
        write_file(self._parts, self.path(receipt.batch), canonical_json(_as_json(receipt)))


def _as_json(receipt: Receipt) -> dict[str, Any]:
    redactions = [redaction_as_json(entry) for entry in receipt.redactions]
    return asdict(receipt) | {"received_at": receipt.received_at.isoformat(), "redactions": redactions}


def _receipt_from(record: dict[str, Any]) -> Receipt:
    received_at = datetime.fromisoformat(record["received_at"])
    redactions = tuple(redaction_from(entry) for entry in record["redactions"])
    return Receipt(**(record | {"received_at": received_at, "redactions": redactions}))


def redaction_as_json(redaction: Redaction) -> dict[str, Any]:
    """The JSON form of a redaction."""
    return asdict(redaction) | {"at": redaction.at.isoformat()}


def redaction_from(record: dict[str, Any]) -> Redaction:
    """The redaction of a JSON form."""
    return Redaction(**(record | {"at": datetime.fromisoformat(record["at"])}))
