"""Decisions of people on address texts, in the ledger: added and undone, never changed or removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import JSON, Column, Connection, Row, Select, Table, Text, insert, select
from sqlalchemy.exc import IntegrityError

from pool.errors import PoolBusy
from pool.ledger_tables import UtcDateTime, metadata

ReviewChoice = Literal["address", "safe_answer", "not_in_library", "undecidable"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What somebody decided on an address text.

    `case_id` is the digest of `text`, `decision` the case with a running number. `address_id` and `full_text` name the address that is right:
    the one chosen, or the safe answer; empty where the choice names none. `hints` are the other columns of the matcher's input that the
    case was shown with, `candidates` (`{"address_id", "full_text"}`) what it offered, `basis` their digest. `origin` says where it was written down.
    """

    decision: str
    case_id: str
    text: str
    choice: ReviewChoice
    address_id: str
    full_text: str
    basis: str
    library: str
    rules: str
    decided_by: str
    reason: str
    decided_at: datetime
    recorded_by: str
    origin: str = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    candidates: Sequence[Mapping[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReviewUndo:
    """That a decision no longer holds: by whom, when and why."""

    decision: str
    undone_by: str
    reason: str
    undone_at: datetime
    recorded_by: str


_TEXTS = (
    "case_id",
    "text",
    "choice",
    "address_id",
    "full_text",
    "basis",
    "library",
    "rules",
    "decided_by",
    "reason",
    "recorded_by",
    "origin",
)

decision_table = Table(
    "review_decision",
    metadata,
    Column("decision", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in _TEXTS),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("hints", JSON, nullable=False),
    Column("candidates", JSON, nullable=False),
)

undo_table = Table(
    "review_undo",
    metadata,
    Column("decision", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("undone_by", "reason", "recorded_by")),
    Column("undone_at", UtcDateTime, nullable=False),
)


class Write(Protocol):
    """One transaction that may write."""

    def __call__(self, work: Callable[[Connection], Result]) -> Result: ...


class ReviewDecisions:
    """The decisions in the ledger; of those on one text at most one holds."""

    def __init__(self, write: Write, read: Callable[[Select[Any]], Sequence[Row[Any]]]) -> None:
        self._write = write
        self._read = read

    def record(self, decisions: Sequence[ReviewDecision], replaced: Sequence[ReviewUndo] = ()) -> None:
        """Add decisions and undo those whose place they take: all or none; those that stand already are not added again.

        Raises PoolBusy when another has decided on one of these texts in the meantime.
        """

        def work(connection: Connection) -> None:
            for undo in replaced:
                add_record(connection, undo_table, undo)
            for decision in decisions:
                add_record(connection, decision_table, decision)

        guarded(self._write, work)

    def undo(self, undo: ReviewUndo) -> None:
        """Note that a decision no longer holds. Raises PoolBusy when another has undone it in the meantime."""
        self.record((), (undo,))

    def history(self) -> list[tuple[ReviewDecision, ReviewUndo | None]]:
        """All decisions, oldest first, each with what undid it."""
        undone = {row.decision: ReviewUndo(**row._mapping) for row in self._read(select(undo_table))}
        rows = self._read(select(decision_table).order_by(decision_table.c.decided_at, decision_table.c.decision))
        return [(ReviewDecision(**row._mapping), undone.get(row.decision)) for row in rows]

    def in_force(self) -> list[ReviewDecision]:
        """The decisions that hold, oldest first."""
        return [decision for decision, undo in self.history() if undo is None]


def guarded(write: Write, work: Callable[[Connection], None]) -> None:
    """Write all or nothing. Raises PoolBusy when another has written the same in the meantime."""
    try:
        write(work)
    except IntegrityError:
        raise _busy() from None


def add_record(connection: Connection, table: Table, record: Any) -> None:
    """Add a decision or undoing, unless it stands already; raises PoolBusy when another stands under its number."""
    present = connection.execute(select(table).where(table.c.decision == record.decision)).first()
    if present is None:
        connection.execute(insert(table), asdict(record))
    elif type(record)(**present._mapping) != record:
        raise _busy()


def _busy() -> PoolBusy:
    return PoolBusy("另有人刚刚对同样的案例作了决定或撤销。本次没有写入任何决定，请重试。")
