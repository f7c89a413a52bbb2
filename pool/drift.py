"""What was found unusual in batches, and what people took for the new usual, as it stands in the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Float, Integer, Table, Text, delete, insert, select

from pool.decisions import Read, Write
from pool.ledger_seals import seal
from pool.ledger_tables import UtcDateTime, metadata


@dataclass(frozen=True, slots=True)
class DriftNote:
    """One thing in a batch that is not as usual; `number` counts them. `severity`: note, warn or block; `change` and `limit` are shares, None where nothing is measured."""

    batch: str
    number: int
    kind: str
    column_name: str
    severity: str
    message: str
    cure: str
    usual: str
    now: str
    change: float | None
    change_limit: float | None


@dataclass(frozen=True, slots=True)
class DriftAcceptance:
    """That somebody holds what is unusual in a batch for right: it is the new usual of its dataset."""

    batch: str
    accepted_by: str
    reason: str
    accepted_at: datetime
    run: str


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


note_table = Table(
    "drift_note",
    metadata,
    _text("batch", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(_text(name) for name in ("kind", "column_name", "severity", "message", "cure", "usual", "now")),
    Column("change", Float),
    Column("change_limit", Float),
)

acceptance_table = Table(
    "drift_acceptance",
    metadata,
    _text("batch", key=True),
    *(_text(name) for name in ("accepted_by", "reason", "run")),
    Column("accepted_at", UtcDateTime, nullable=False),
)


class DriftLedger:
    """Notes of the last judgement of each batch, and acceptances, which stay."""

    def __init__(self, write: Write, read: Read) -> None:
        self._write = write
        self._read = read

    def record(self, batch: str, notes: Sequence[DriftNote]) -> None:
        """Note what is unusual in a batch, in the place of what was noted before."""

        def work(connection: Connection) -> None:
            connection.execute(delete(note_table).where(note_table.c.batch == batch))
            if notes:
                connection.execute(insert(note_table), [asdict(note) for note in notes])

        self._write(work)

    def notes(self, batches: Iterable[str]) -> list[DriftNote]:
        """What is unusual in some batches, in their order of names."""
        query = select(note_table).where(note_table.c.batch.in_(list(batches))).order_by(note_table.c.batch, note_table.c.number)
        return [DriftNote(**row._mapping) for row in self._read(query)]

    def accept(self, acceptances: Iterable[DriftAcceptance]) -> None:
        """Note acceptances; of a batch that has one already the new one takes its place."""

        def work(connection: Connection) -> None:
            for each in acceptances:
                is_it = acceptance_table.c.batch == each.batch
                connection.execute(delete(acceptance_table).where(is_it))
                connection.execute(insert(acceptance_table), asdict(each))
                seal(connection, acceptance_table, is_it)

        self._write(work)

    def acceptances(self) -> dict[str, DriftAcceptance]:
        """All acceptances by batch."""
        return {row.batch: DriftAcceptance(**row._mapping) for row in self._read(select(acceptance_table))}
