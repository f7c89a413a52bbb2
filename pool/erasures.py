"""Erasures in the ledger: that they happened, and keyed digests by which what was erased is known should it come again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Integer, Table, Text, delete, insert, select, update

from pool.corrections import answer_table, item_table, standing_table
from pool.decisions import Read, Write, undo_table
from pool.ledger_seals import unseal
from pool.ledger_tables import UtcDateTime, metadata
from pool.pair_review import pair_decision_table
from pool.review import decision_table


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure, `number` counting from 1. `plan` is what is to be erased, sealed with the key of the pseudonyms; empty once it is done."""

    number: int
    reason: str
    actor: str
    started_at: datetime
    finished_at: datetime | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    plan: str = ""


@dataclass(frozen=True, slots=True)
class ErasedDigest:
    """The keyed digest of an identifier that must not come back; `bucket` are a few digits of another one, to look it up quickly."""

    digest: str
    bucket: str


erasure_table = Table(
    "erasure",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("counts", JSON, nullable=False),
    Column("plan", Text, nullable=False),
)

erased_digest_table = Table(
    "erased_digest",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("bucket", Text, nullable=False),
)


class Erasures:
    """Erasures begin with all that a kill must not lose in one transaction."""

    def __init__(self, write: Write, read: Read) -> None:
        self._write = write
        self._read = read

    def begin(
        self, reason: str, actor: str, now: datetime, plan: str, digests: Sequence[ErasedDigest], decisions: Sequence[str] = ()
    ) -> Erasure:
        """Note what is to be erased and what must not come back; decisions of people that tell of it go at once, with what undid them,
        and so do items and answers of corrections, and what is known to stand.
        """

        def work(connection: Connection) -> int:
            values = {"reason": reason, "actor": actor, "started_at": now, "counts": {}, "plan": plan}
            erasure = connection.execute(insert(erasure_table).values(values).returning(erasure_table.c.number)).scalar_one()
            add_digests(connection, digests)
            for table in (decision_table, pair_decision_table, undo_table, item_table, answer_table):
                [number] = table.primary_key.columns
                for decision in decisions:
                    unseal(connection, table, {number.name: decision})
                    connection.execute(delete(table).where(number == decision))
            connection.execute(delete(standing_table))
            return int(erasure)

        return Erasure(self._write(work), reason, actor, now, plan=plan)

    def finish(self, number: int, counts: Mapping[str, Any], now: datetime) -> None:
        """Note that an erasure is done, and forget what was to be erased."""
        values = {"finished_at": now, "counts": dict(counts), "plan": ""}
        self._write(lambda connection: connection.execute(update(erasure_table).where(erasure_table.c.number == number).values(values)))

    def all(self) -> list[Erasure]:
        """All erasures, oldest first."""
        return [Erasure(**row._mapping) for row in self._read(select(erasure_table).order_by(erasure_table.c.number))]

    def unfinished(self) -> list[Erasure]:
        """Erasures that began and were cut off, oldest first."""
        return [each for each in self.all() if each.finished_at is None]

    def digests(self) -> list[ErasedDigest]:
        """What must not come back, sorted."""
        return [ErasedDigest(**row._mapping) for row in self._read(select(erased_digest_table).order_by(erased_digest_table.c.digest))]

    def adopt(self, digests: Sequence[ErasedDigest]) -> None:
        """Take over what must not come back from another pool of the same key. May be repeated."""
        self._write(lambda connection: add_digests(connection, digests))


def add_digests(connection: Connection, digests: Sequence[ErasedDigest]) -> None:
    """Add those that do not stand already."""
    standing = set(connection.execute(select(erased_digest_table.c.digest)).scalars())
    rows = [{"digest": each.digest, "bucket": each.bucket} for each in {each.digest: each for each in digests}.values()]
    fresh = [row for row in rows if row["digest"] not in standing]
    if fresh:
        connection.execute(insert(erased_digest_table), fresh)
