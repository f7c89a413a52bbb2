"""The tables of the ledger, for SQLite and PostgreSQL alike, and the records in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Dialect, Float, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

BatchStatus = Literal["received", "accepted", "blocked", "failed", "withdrawn"]
RunStatus = Literal["running", "succeeded", "blocked", "failed"]
RowOutcome = Literal["quarantined", "withdrawn", "superseded", "published", "merged"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a batch: received = accepted + quarantined."""

    received: int
    accepted: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery as the ledger sees it; `reason` says in Chinese why it is blocked, failed or was withdrawn by a person.

    `receipt_digest` is the digest of its receipt, by which `verify` finds an edited one.
    """

    batch: str
    contract: str
    system: str
    dataset: str
    period: str
    sha256: str
    received_at: datetime
    status: BatchStatus = "received"
    reason: str = ""
    counts: Counts | None = None
    changed_at: datetime | None = None
    receipt_digest: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the path, by whom and with which software."""

    run: str
    actor: str
    started_at: datetime
    software: str = ""
    status: RunStatus = "running"
    finished_at: datetime | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One verb of a run, for one batch or (`batch` empty) for all; `fault` is the kind and place of the error that ended it."""

    run: str
    stage: str
    batch: str
    started_at: datetime
    seconds: float | None = None
    status: RunStatus = "running"
    fault: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows of a batch had this outcome in a release, `reason` refining it."""

    batch: str
    outcome: RowOutcome
    rows: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """A check that may keep a batch or release back; `subject` is a batch or `release:<n>`."""

    run: str
    subject: str
    gate: str
    passed: bool
    at: datetime
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was published; which one counts now is said by releases/current."""

    release: int
    previous: int | None
    run: str
    actor: str
    published_at: datetime
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be received or read: `kind` is a short English code, `cause` the Chinese message."""

    file: str
    kind: str
    cause: str
    run: str
    at: datetime
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class LibraryEdit:
    """A person's change of the address library; `number` counts them in their order, 0 before it is recorded.

    kind: `add`, `retire`, `rename`, `alias`, or `undo` of an earlier one; `payload` says in full what is changed.
    """

    kind: str
    payload: Mapping[str, Any]
    actor: str
    why: str
    at: datetime
    number: int = 0


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: time zone required on the way in, UTC on the way out, also where the database knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instant without time zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


version_table = Table("ledger_version", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

batch_table = Table(
    "batch",
    metadata,
    _text("batch", key=True),
    _text("contract"),
    _text("system"),
    _text("dataset"),
    _text("period"),
    _text("sha256"),
    _instant("received_at"),
    _text("status"),
    _text("reason"),
    Column("rows_received", BigInteger),
    Column("rows_accepted", BigInteger),
    Column("rows_quarantined", BigInteger),
    _instant("changed_at"),
    _text("receipt_digest"),
)

run_table = Table(
    "run",
    metadata,
    _text("run", key=True),
    _text("actor"),
    _instant("started_at"),
    _text("software"),
    _text("status"),
    _instant("finished_at", nullable=True),
    Column("summary", JSON, nullable=False),
)

stage_table = Table(
    "stage",
    metadata,
    _text("run", key=True),
    _text("stage", key=True),
    _text("batch", key=True),
    _instant("started_at"),
    Column("seconds", Float),
    _text("status"),
    _text("fault"),
    Column("detail", JSON, nullable=False),
)

outcome_table = Table(
    "outcome",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    _text("batch", key=True),
    _text("outcome", key=True),
    _text("reason", key=True),
    Column("rows", BigInteger, nullable=False),
)

gate_table = Table(
    "gate",
    metadata,
    _text("run", key=True),
    _text("subject", key=True),
    _text("gate", key=True),
    Column("passed", Boolean, nullable=False),
    _instant("at"),
    _text("message"),
    Column("detail", JSON, nullable=False),
)

release_table = Table(
    "release",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("previous", Integer),
    _text("run"),
    _text("actor"),
    _instant("published_at"),
    _text("manifest_sha256"),
)

library_edit_table = Table(
    "library_edit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", Text, nullable=False, unique=True),
    _text("kind"),
    Column("payload", JSON, nullable=False),
    _text("actor"),
    _text("why"),
    _instant("at"),
)

audit_head_table = Table(
    "audit_head",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("digest"),
)

seal_table = Table("entry_seal", metadata, _text("table_name", key=True), _text("key", key=True), _text("digest"))

noted_file_table = Table("noted_file", metadata, _text("path", key=True), _text("sha256"))

problem_table = Table(
    "problem",
    metadata,
    _text("file", key=True),
    _text("sha256", key=True),
    _text("kind", key=True),
    _text("cause"),
    _text("run"),
    _instant("at"),
)
