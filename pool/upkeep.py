"""What the ledger knows of things that went, of rollbacks and of the space taken: added, never changed or removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Integer, Row, Select, Table, Text, insert, select

from pool.decisions import Write
from pool.ledger_tables import UtcDateTime, metadata

RetiredKind = Literal["release", "batch"]


@dataclass(frozen=True, slots=True)
class Retirement:
    """That a release or a batch is kept no longer: from this moment it counts as gone, whatever of its files is still there.

    `detail` holds what an auditor asks for later: of a release rows and content hashes of its tables, of both the bytes they took.
    """

    kind: RetiredKind
    object: str
    at: datetime
    actor: str
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rollback:
    """That another release was made current, when `newest` was the newest there was.

    `held` is the digest of what the next run would have published at that moment: it is not published before something changes. Empty where a
    person let it go on; then the releases are both the current one.
    """

    release_from: int
    release_to: int
    newest: int
    held: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class SpaceNote:
    """What took how many bytes at a moment, by part of the pool, and what was free."""

    at: datetime
    detail: Mapping[str, Any]


retirement_table = Table(
    "retirement",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("kind", "object")),
    Column("at", UtcDateTime, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("actor", "reason")),
    Column("detail", JSON, nullable=False),
)

rollback_table = Table(
    "rollback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    *(Column(name, Integer, nullable=False) for name in ("release_from", "release_to", "newest")),
    Column("held", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("actor", "reason")),
)

space_table = Table("space", metadata, Column("at", UtcDateTime, primary_key=True), Column("detail", JSON, nullable=False))


class Upkeep:
    """Retirements, rollbacks and notes of the space in the ledger."""

    def __init__(self, write: Write, read: Callable[[Select[Any]], Sequence[Row[Any]]]) -> None:
        self._write = write
        self._read = read

    def retire(self, retirement: Retirement) -> None:
        """Note that something is kept no longer; noted twice, the first note stands."""
        if retirement.object not in self.retired(retirement.kind):
            self._write(lambda connection: connection.execute(insert(retirement_table), asdict(retirement)))

    def retired(self, kind: RetiredKind) -> dict[str, Retirement]:
        """What is kept no longer, by release number or batch."""
        rows = self._read(select(retirement_table).where(retirement_table.c.kind == kind).order_by(retirement_table.c.at))
        return {row.object: Retirement(**row._mapping) for row in rows}

    def retired_releases(self) -> set[int]:
        """The numbers of the releases that are kept no longer."""
        return {int(number) for number in self.retired("release")}

    def record_rollback(self, rollback: Rollback) -> None:
        """Note a rollback."""
        self._write(lambda connection: connection.execute(insert(rollback_table), asdict(rollback)))

    def rollbacks(self) -> list[Rollback]:
        """All rollbacks, oldest first."""
        table = rollback_table.c
        columns = [column for column in table if column.name != "number"]
        return [Rollback(**row._mapping) for row in self._read(select(*columns).order_by(table.number))]

    def note_space(self, note: SpaceNote) -> None:
        """Keep a measurement."""
        self._write(lambda connection: connection.execute(insert(space_table), asdict(note)))

    def space_notes(self) -> list[SpaceNote]:
        """All measurements, oldest first."""
        return [SpaceNote(**row._mapping) for row in self._read(select(space_table).order_by(space_table.c.at))]
