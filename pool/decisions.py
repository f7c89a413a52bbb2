"""Decisions of people in the ledger: added and undone, never changed or removed."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Column, Connection, Row, Select, Table, Text, insert, select
from sqlalchemy.exc import IntegrityError

from pool.errors import PoolBusy
from pool.ledger_seals import seal
from pool.ledger_tables import UtcDateTime, metadata

Result = TypeVar("Result")
Record = TypeVar("Record", bound=Any)


@dataclass(frozen=True, slots=True)
class ReviewUndo:
    """That a decision no longer holds: by whom, when and why."""

    decision: str
    undone_by: str
    reason: str
    undone_at: datetime
    recorded_by: str


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


class Read(Protocol):
    """One transaction that only reads."""

    def __call__(self, query: Select[Any]) -> Sequence[Row[Any]]: ...


class Decisions(Generic[Record]):
    """Decisions of one kind in the ledger: of those on one case at most one holds. What puts them out of force stands in one table for all kinds."""

    def __init__(self, kind: type[Record], table: Table, write: Write, read: Read) -> None:
        self._kind = kind
        self._table = table
        self._write = write
        self._read = read

    def record(self, decisions: Sequence[Record], replaced: Sequence[ReviewUndo] = ()) -> None:
        """Add decisions and undo those whose place they take: all or none; those that stand already are not added again.

        Raises PoolBusy when another has decided on one of these cases in the meantime.
        """

        def work(connection: Connection) -> None:
            for undo in replaced:
                _add_record(connection, undo_table, undo)
            for decision in decisions:
                _add_record(connection, self._table, decision)

        _guarded(self._write, work)

    def undo(self, undo: ReviewUndo) -> None:
        """Note that a decision no longer holds. Raises PoolBusy when another has undone it in the meantime."""
        self.record((), (undo,))

    def history(self) -> list[tuple[Record, ReviewUndo | None]]:
        """All decisions, oldest first, each with what undid it."""
        undone = {row.decision: ReviewUndo(**row._mapping) for row in self._read(select(undo_table))}
        rows = self._read(select(self._table).order_by(self._table.c.decided_at, self._table.c.decision))
        return [(self._kind(**row._mapping), undone.get(row.decision)) for row in rows]

    def in_force(self) -> list[Record]:
        """The decisions that hold, oldest first."""
        return [decision for decision, undo in self.history() if undo is None]


def _guarded(write: Write, work: Callable[[Connection], None]) -> None:
    """Write all or nothing. Raises PoolBusy when another has written the same in the meantime."""
    try:
        write(work)
    except IntegrityError:
        raise _busy() from None


def _add_record(connection: Connection, table: Table, record: Any) -> None:
    """Add a decision or undoing, unless it stands already; raises PoolBusy when another stands under its number."""
    present = connection.execute(select(table).where(table.c.decision == record.decision)).first()
    if present is None:
        connection.execute(insert(table), asdict(record))
        seal(connection, table, table.c.decision == record.decision)
    elif type(record)(**present._mapping) != record:
        raise _busy()


def _busy() -> PoolBusy:
    return PoolBusy("另有人刚刚对同样的案例作了决定或撤销。本次没有写入任何决定，请重试。")
