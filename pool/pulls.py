"""What the ledger knows of pulls: each file that was fetched, and how the last contact with each source went."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, Row, Select, Table, Text, delete, insert, select

from pool.decisions import Write
from pool.ledger_tables import UtcDateTime, metadata


@dataclass(frozen=True, slots=True)
class PulledFile:
    """A file that was fetched for a dataset into the inbox; it counts as taken once a batch has its SHA-256.

    `object` is the path or address at the source and `version` what it was like there, `source` both in words for the receipt. `rows` is None where they were
    not counted; `reached` is the watermark and what else the next pull goes on from.
    """

    contract: str
    server: str
    object: str
    version: str
    source: str
    file_name: str
    sha256: str
    size: int
    rows: int | None
    reached: Mapping[str, Any]
    at: datetime
    run: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How the last pull from a source went: `fault` says in Chinese why not, empty when all is well."""

    contract: str
    server: str
    at: datetime
    run: str
    fault: str


pull_table = Table(
    "pull",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    *(Column(name, Text, nullable=False) for name in ("contract", "server", "object", "version", "source", "file_name", "sha256")),
    Column("size", BigInteger, nullable=False),
    Column("rows", BigInteger),
    Column("reached", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("run", Text, nullable=False),
)

contact_table = Table(
    "pull_contact",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("contract", "server")),
    Column("at", UtcDateTime, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("run", "fault")),
)


class Pulls:
    """Fetched files, added and never changed, and contacts, of which the last one stands."""

    def __init__(self, write: Write, read: Callable[[Select[Any]], Sequence[Row[Any]]]) -> None:
        self._write = write
        self._read = read

    def record(self, pulled: PulledFile) -> None:
        """Note a file before it appears in the inbox."""
        self._write(lambda connection: connection.execute(insert(pull_table), asdict(pulled)))

    def of(self, contract: str, server: str | None = None) -> list[PulledFile]:
        """What was fetched for a dataset, from one source or all, oldest first."""
        table = pull_table.c
        columns = [column for column in table if column.name != "number"]
        query = select(*columns).where(table.contract == contract).order_by(table.number)
        rows = self._read(query if server is None else query.where(table.server == server))
        return [PulledFile(**row._mapping) for row in rows]

    def note_contact(self, contact: Contact) -> None:
        """Say how a pull went."""
        table = contact_table.c
        is_it = (table.contract == contact.contract) & (table.server == contact.server)

        def work(connection: Any) -> None:
            connection.execute(delete(contact_table).where(is_it))
            connection.execute(insert(contact_table), asdict(contact))

        self._write(work)

    def contacts(self) -> list[Contact]:
        """The last contact with each source."""
        return [
            Contact(**row._mapping) for row in self._read(select(contact_table).order_by(contact_table.c.contract, contact_table.c.server))
        ]
