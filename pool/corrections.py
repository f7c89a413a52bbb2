"""What went back to the departments to be corrected, and what they answered: sheets, their items and answers; added, never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Column, Connection, Date, Integer, Table, Text, delete, insert, select
from sqlalchemy.exc import IntegrityError

from pool.decisions import Read, Write
from pool.errors import PoolBusy
from pool.ledger_seals import seal
from pool.ledger_tables import UtcDateTime, metadata

CorrectionKind = Literal["rejected", "conflict", "broken"]
CorrectionChoice = Literal["corrected", "kept", "explained"]
Record = TypeVar("Record", bound=Any)


@dataclass(frozen=True, slots=True)
class CorrectionSheet:
    """A workbook that went to a department; `receipt` names it, `items` counts what was asked in it for the first time, `due` is a day of the city."""

    receipt: str
    department: str
    release: int
    items: int
    due: date
    file: str
    issued_by: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """One thing to correct, `item` its number within the sheet `receipt`.

    identity: keyed digest of what it is about, the same whenever the same is found again. value: keyed digest of the value that was asked about.
    batch, sheet, row: where it stood first. No value of a person rests here.
    """

    item: str
    receipt: str
    identity: str
    kind: CorrectionKind
    contract: str
    batch: str
    sheet: str
    row: int
    column_name: str
    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class CorrectionAnswer:
    """What a department says of an item; `answer` is its number, of several the last one counts.

    `asked` is the keyed digest of the value they saw, `value` the corrected one, `reason` why the old one stays.
    """

    answer: str
    item: str
    asked: str
    choice: CorrectionChoice
    value: str
    reason: str
    note: str
    answered_by: str
    origin: str
    file_sha256: str
    taken_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault as it stood when it was last looked for: keyed digests of what it is about and of the value, and when the row came that has it."""

    identity: str
    value: str
    received_at: datetime


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


sheet_table = Table(
    "correction_sheet",
    metadata,
    _text("receipt", key=True),
    *(_text(name) for name in ("department", "file", "issued_by")),
    Column("release", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("due", Date, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
)

item_table = Table(
    "correction_item",
    metadata,
    _text("item", key=True),
    Column("identity", Text, nullable=False, unique=True),
    *(_text(name) for name in ("receipt", "kind", "contract", "batch", "sheet", "column_name", "rule", "value")),
    Column("row", Integer, nullable=False),
)

answer_table = Table(
    "correction_answer",
    metadata,
    _text("answer", key=True),
    *(
        _text(name)
        for name in ("item", "asked", "choice", "value", "reason", "note", "answered_by", "origin", "file_sha256", "recorded_by")
    ),
    Column("taken_at", UtcDateTime, nullable=False),
)


standing_table = Table(
    "correction_standing",
    metadata,
    _text("identity", key=True),
    _text("state"),
    _text("value"),
    Column("received_at", UtcDateTime),
)
"""What is derived from batches and release, so that it is not looked for anew each time; not sealed. The row without identity says for which state."""


class Corrections:
    """Sheets, items and answers in the ledger."""

    def __init__(self, write: Write, read: Read) -> None:
        self._write = write
        self._read = read

    def issue(self, sheet: CorrectionSheet, items: Sequence[CorrectionItem]) -> None:
        """Note a sheet with its items: all or nothing; one that stands already is not added again. Raises PoolBusy when another has just asked the same."""

        def work(connection: Connection) -> None:
            if not connection.execute(select(sheet_table.c.receipt).where(sheet_table.c.receipt == sheet.receipt)).first():
                connection.execute(insert(sheet_table), asdict(sheet))
                seal(connection, sheet_table, sheet_table.c.receipt == sheet.receipt)
                if items:
                    connection.execute(insert(item_table), [asdict(each) for each in items])
                    seal(connection, item_table, item_table.c.receipt == sheet.receipt)

        _guarded(self._write, work)

    def answer(self, answers: Sequence[CorrectionAnswer]) -> None:
        """Note answers, all or none; those that stand already are not added again. Raises PoolBusy when another has just answered the same."""

        def work(connection: Connection) -> None:
            for each in answers:
                is_it = answer_table.c.answer == each.answer
                present = connection.execute(select(answer_table).where(is_it)).first()
                if present is None:
                    connection.execute(insert(answer_table), asdict(each))
                    seal(connection, answer_table, is_it)
                elif CorrectionAnswer(**present._mapping) != each:
                    raise _busy()

        _guarded(self._write, work)

    def sheets(self) -> list[CorrectionSheet]:
        """All sheets, oldest first."""
        return self._all(CorrectionSheet, sheet_table, sheet_table.c.issued_at, sheet_table.c.receipt)

    def items(self) -> list[CorrectionItem]:
        """All items in the order of their numbers; those of erased persons are gone."""
        return self._all(CorrectionItem, item_table, item_table.c.item)

    def answers(self) -> list[CorrectionAnswer]:
        """All answers, oldest first."""
        return self._all(CorrectionAnswer, answer_table, answer_table.c.taken_at, answer_table.c.answer)

    def keep_standing(self, state: str, standing: Sequence[Standing]) -> None:
        """Keep what stands in a state of the pool, in place of what stood in another."""

        def work(connection: Connection) -> None:
            connection.execute(delete(standing_table))
            rows = [{"identity": "", "value": "", "received_at": None}, *map(asdict, standing)]
            connection.execute(insert(standing_table), [row | {"state": state} for row in rows])

        self._write(work)

    def standing(self, state: str) -> list[Standing] | None:
        """What stands in a state of the pool; None where that was not kept."""
        rows = self._read(select(standing_table).where(standing_table.c.state == state))
        return [Standing(row.identity, row.value, row.received_at) for row in rows if row.identity] if rows else None

    def _all(self, kind: type[Record], table: Table, *order: Column[Any]) -> list[Record]:
        return [kind(**row._mapping) for row in self._read(select(table).order_by(*order))]


def _guarded(write: Write, work: Any) -> None:
    try:
        write(work)
    except IntegrityError:
        raise _busy() from None


def _busy() -> PoolBusy:
    return PoolBusy("另有人刚刚发出或收回了同样的更正单。本次没有写入任何内容，请重试。")
