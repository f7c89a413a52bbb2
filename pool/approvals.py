"""What became of releases that needed a person's approval: asked for, approved, refused or superseded; added, never changed or removed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select

from pool.decisions import Read, Write
from pool.ledger_seals import seal
from pool.ledger_tables import UtcDateTime, metadata

ApprovalState = Literal["asked", "approved", "refused", "superseded"]


@dataclass(frozen=True, slots=True)
class Approval:
    """One step in the approval of a release: `person` took it, on the grounds of `reason`, by way of `channel`; `recorded_by` ran the software.

    `sheet` is the text of what the person is shown, and `sheet_sha256` its digest; the sheet names the SHA-256 of the report and of every table. Both
    stand again with a decision: they are what the person saw. A release that nobody decided on in the end is `superseded` by another.
    """

    release: int
    state: ApprovalState
    at: datetime
    person: str
    reason: str
    channel: str
    recorded_by: str
    sheet_sha256: str
    sheet: str


approval_table = Table(
    "release_approval",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("person", "reason", "channel", "recorded_by", "sheet_sha256", "sheet")),
)


class Approvals:
    """The steps in the ledger."""

    def __init__(self, write: Write, read: Read) -> None:
        self._write = write
        self._read = read

    def record(self, approval: Approval) -> None:
        """Note a step; one that stands already stays as it is."""
        is_it = (approval_table.c.release == approval.release) & (approval_table.c.state == approval.state)

        def work(connection: Connection) -> None:
            if not connection.execute(select(approval_table.c.release).where(is_it)).first():
                connection.execute(insert(approval_table), asdict(approval))
                seal(connection, approval_table, is_it)

        self._write(work)

    def of(self, release: int) -> dict[str, Approval]:
        """The steps of one release by state."""
        query = select(approval_table).where(approval_table.c.release == release)
        return {row.state: Approval(**row._mapping) for row in self._read(query)}

    def all(self) -> list[Approval]:
        """All steps in their order."""
        query = select(approval_table).order_by(approval_table.c.release, approval_table.c.at, approval_table.c.state)
        return [Approval(**row._mapping) for row in self._read(query)]

    def releases(self) -> Sequence[int]:
        """The numbers that were ever asked about: none is given to another release."""
        return [row.release for row in self._read(select(approval_table.c.release).distinct())]
