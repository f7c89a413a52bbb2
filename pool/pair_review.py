"""Decisions of people on two entities that may be one, in the ledger: added and undone, never changed or removed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, Row, Select, Table, Text, select

from pool.ledger_tables import UtcDateTime, metadata
from pool.review import ReviewUndo, Write, add_record, guarded, undo_table

PairChoice = Literal["same", "different", "undecidable"]


@dataclass(frozen=True, slots=True)
class PairDecision:
    """What somebody decided on two records of a pool table, `person` or `organisation`.

    `left_id` < `right_id` are the ids the two had when they were asked about; the case is the digest of table and ids, the decision the case with a
    running number. `rule` is what spoke for their being one, `basis` the digest of what was known of both. `origin` says where it was written down.
    """

    decision: str
    case_id: str
    table_name: str
    left_id: str
    right_id: str
    choice: PairChoice
    rule: str
    basis: str
    decided_by: str
    reason: str
    decided_at: datetime
    recorded_by: str
    origin: str = ""


_TEXTS = ("case_id", "table_name", "left_id", "right_id", "choice", "rule", "basis", "decided_by", "reason", "recorded_by", "origin")

pair_decision_table = Table(
    "pair_decision",
    metadata,
    Column("decision", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in _TEXTS),
    Column("decided_at", UtcDateTime, nullable=False),
)


class PairDecisions:
    """The decisions in the ledger; of those on one pair at most one holds. What puts them out of force stands beside that of address texts."""

    def __init__(self, write: Write, read: Callable[[Select[Any]], Sequence[Row[Any]]]) -> None:
        self._write = write
        self._read = read

    def record(self, decisions: Sequence[PairDecision], replaced: Sequence[ReviewUndo] = ()) -> None:
        """Add decisions and undo those whose place they take: all or none; those that stand already are not added again.

        Raises PoolBusy when another has decided on one of these pairs in the meantime.
        """

        def work(connection: Connection) -> None:
            for undo in replaced:
                add_record(connection, undo_table, undo)
            for decision in decisions:
                add_record(connection, pair_decision_table, decision)

        guarded(self._write, work)

    def undo(self, undo: ReviewUndo) -> None:
        """Note that a decision no longer holds. Raises PoolBusy when another has undone it in the meantime."""
        self.record((), (undo,))

    def history(self) -> list[tuple[PairDecision, ReviewUndo | None]]:
        """All decisions, oldest first, each with what undid it."""
        undone = {row.decision: ReviewUndo(**row._mapping) for row in self._read(select(undo_table))}
        table = pair_decision_table
        rows = self._read(select(table).order_by(table.c.decided_at, table.c.decision))
        return [(PairDecision(**row._mapping), undone.get(row.decision)) for row in rows]

    def in_force(self) -> list[PairDecision]:
        """The decisions that hold, oldest first."""
        return [decision for decision, undo in self.history() if undo is None]
