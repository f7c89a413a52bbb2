"""The ledger: which files count, what ran, what became of each row. SQLite by default, PostgreSQL in production."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from pool.approvals import Approvals, approval_table
from pool.audit import AuditHead
from pool.corrections import Corrections, answer_table, item_table, sheet_table
from pool.decisions import Decisions, undo_table
from pool.drift import DriftLedger, acceptance_table
from pool.erasures import Erasures
from pool.errors import PoolBusy, PoolError
from pool.ledger_engine import OPENING_SECONDS, first_line, make_engine, transact
from pool.ledger_seals import broken_seals, note_file, noted_files, seal, seal_what_is_there
from pool.ledger_tables import (
    Batch,
    BatchStatus,
    Counts,
    Gate,
    LibraryEdit,
    Outcome,
    Problem,
    Release,
    RowOutcome,
    Run,
    RunStatus,
    Stage,
    audit_head_table,
    batch_table,
    gate_table,
    library_edit_table,
    metadata,
    outcome_table,
    problem_table,
    release_table,
    run_table,
    stage_table,
    version_table,
)
from pool.ledger_texts import replace_texts
from pool.pair_review import PairDecision, pair_decision_table
from pool.pulls import Pulls
from pool.review import ReviewDecision, decision_table
from pool.stage_cost import StageNote, cpu_seconds, peak_mebibytes, place_of
from pool.upkeep import Upkeep, retirement_table

LEDGER_VERSION = 1
# Any fixed number: PostgreSQL's advisory lock for creating the tables.
SCHEMA_LOCK = 330381
SEALED = (
    batch_table,
    gate_table,
    decision_table,
    pair_decision_table,
    undo_table,
    library_edit_table,
    acceptance_table,
    approval_table,
    sheet_table,
    item_table,
    answer_table,
)
"""Tables whose entries nothing else tells."""

Result = TypeVar("Result")
Record = TypeVar("Record")


class Ledger:
    """Every method is one transaction and may be repeated: the same record written twice stands once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading_engine = engine.execution_options(ledger_reads=True)
        self.review = Decisions(ReviewDecision, decision_table, self._write, self._read)
        self.upkeep = Upkeep(self._write, self._read)
        self.pairs = Decisions(PairDecision, pair_decision_table, self._write, self._read)
        self.erasures = Erasures(self._write, self._read)
        self.drift = DriftLedger(self._write, self._read)
        self.pulls = Pulls(self._write, self._read)
        self.approvals = Approvals(self._write, self._read)
        self.corrections = Corrections(self._write, self._read)

    @classmethod
    def open(cls, url: str | None, file: Path) -> "Ledger":
        """Open the ledger at a database URL, by default the SQLite file; makes missing tables.

        Raises PoolError when it cannot be reached or was made by a later version of the software.
        """
        ledger = cls(make_engine(url or f"sqlite:///{file}"))
        try:
            # Who only reads need not wait for those who write.
            if not transact(ledger._reading_engine, _is_made, patience=OPENING_SECONDS):
                transact(ledger._engine, _create_tables, patience=OPENING_SECONDS)
        except DBAPIError as cause:
            raise PoolError(f"台账数据库无法打开：{first_line(cause)}。请检查它的地址、权限，以及服务是否已启动。") from cause
        except PoolBusy as cause:
            raise PoolBusy(f"台账数据库无法打开：{cause}请核对它的地址。") from cause
        return ledger

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        return transact(self._engine, work)

    def _read(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return transact(self._reading_engine, lambda connection: connection.execute(query).all())

    def record_batch(self, batch: Batch) -> None:
        """Note a delivery; one that stands already keeps its status."""
        row = asdict(replace(batch, changed_at=batch.changed_at or batch.received_at))
        del row["counts"]

        def work(connection: Connection) -> None:
            if not connection.execute(select(batch_table).where(batch_table.c.batch == batch.batch)).first():
                _upsert(connection, batch_table, [row | _counts_row(batch.counts)], overwrite=False)
                seal(connection, batch_table, batch_table.c.batch == batch.batch)

        self._write(work)

    def set_batch_status(self, batch: str, status: BatchStatus, *, now: datetime, reason: str = "", counts: Counts | None = None) -> None:
        """Say what became of a batch; `counts` of None keeps those known. Raises PoolError when the batch is unknown."""
        values: dict[str, Any] = {"status": status, "reason": reason, "changed_at": now}
        if counts is not None:
            values |= _counts_row(counts)
        is_it = batch_table.c.batch == batch

        def work(connection: Connection) -> int:
            found = connection.execute(update(batch_table).where(is_it).values(values)).rowcount
            seal(connection, batch_table, is_it)
            return found

        if self._write(work) == 0:
            raise PoolError(f"台账中没有批次 {batch}。请检查批次号，或重新接收该文件。")

    def batch(self, batch: str) -> Batch | None:
        """One batch, retired or not, or None when it is unknown."""
        rows = self._read(select(batch_table).where(batch_table.c.batch == batch))
        return _batch_from(rows[0]) if rows else None

    def batches(
        self, *, contract: str | None = None, dataset: str | None = None, status: BatchStatus | None = None, retired: bool = False
    ) -> list[Batch]:
        """Batches by contract, period and time of receipt, oldest first; those that are kept no longer only if asked for."""
        table = batch_table.c
        query = select(batch_table).order_by(table.contract, table.period, table.received_at, table.batch)
        if not retired:
            query = query.where(table.batch.not_in(select(retirement_table.c.object).where(retirement_table.c.kind == "batch")))
        for column, value in ((table.contract, contract), (table.dataset, dataset), (table.status, status)):
            if value is not None:
                query = query.where(column == value)
        return [_batch_from(row) for row in self._read(query)]

    def start_run(self, run: Run) -> None:
        """Note that a run began; the same run started again is running again."""
        self._write(lambda connection: _upsert(connection, run_table, [asdict(run)]))

    def finish_run(self, run: str, status: RunStatus, *, now: datetime, summary: Mapping[str, Any] | None = None) -> None:
        """Note how a run ended; raises PoolError when it never started."""
        values = {"status": status, "finished_at": now, "summary": dict(summary or {})}
        statement = update(run_table).where(run_table.c.run == run).values(values)
        if self._write(lambda connection: connection.execute(statement).rowcount) == 0:
            raise PoolError(f"台账中没有运行 {run}。")

    def runs(self, *, limit: int | None = None) -> list[Run]:
        """Runs, newest first."""
        query = select(run_table).order_by(run_table.c.started_at.desc(), run_table.c.run.desc()).limit(limit)
        return _records(Run, self._read(query))

    @contextmanager
    def stage(self, run: str, stage: str, batch: str = "", *, now: datetime) -> Iterator[StageNote]:
        """Time the body; what it puts into the note's `detail` is kept beside what it cost, an error is noted by kind and place and goes on.

        The cost: `cpu_seconds` of this process and its ended children, `peak_mebibytes` of memory that this process has held so far.
        The error's text is not kept: it may quote a person's data.
        """
        note = StageNote()
        record = Stage(run, stage, batch, now)
        self._write_stage(record)
        start, cpu = time.perf_counter(), cpu_seconds()

        def ended(status: RunStatus, fault: str = "") -> Stage:
            cost = {"cpu_seconds": round(cpu_seconds() - cpu, 3), "peak_mebibytes": peak_mebibytes()}
            return replace(record, seconds=time.perf_counter() - start, status=status, fault=fault, detail={**cost, **note.detail})

        try:
            yield note
        except BaseException as error:
            with suppress(PoolError):  # of two errors the first is the one to tell
                self._write_stage(ended("failed", place_of(error)))
            raise
        self._write_stage(ended("succeeded"))

    def _write_stage(self, stage: Stage) -> None:
        self._write(lambda connection: _upsert(connection, stage_table, [asdict(stage)]))

    def stages(self, run: str) -> list[Stage]:
        """The stages of a run, by time of start."""
        query = (
            select(stage_table).where(stage_table.c.run == run).order_by(stage_table.c.started_at, stage_table.c.stage, stage_table.c.batch)
        )
        return _records(Stage, self._read(query))

    def record_outcomes(self, release: int, outcomes: Iterable[Outcome]) -> None:
        """State the row outcomes of a release, in the place of any stated before."""
        rows = [{"release": release} | asdict(outcome) for outcome in outcomes]

        def work(connection: Connection) -> None:
            connection.execute(delete(outcome_table).where(outcome_table.c.release == release))
            if rows:
                connection.execute(insert(outcome_table), rows)

        self._write(work)

    def outcomes(self, release: int) -> list[Outcome]:
        """The row outcomes of a release, by batch."""
        table = outcome_table.c
        query = select(table.batch, table.outcome, table.reason, table.rows).where(table.release == release)
        return _records(Outcome, self._read(query.order_by(table.batch, table.outcome, table.reason)))

    def counting_rows(self, releases: Collection[int], outcomes: Collection[RowOutcome]) -> dict[str, dict[int, int]]:
        """By batch and release how many rows had one of these outcomes; only where there are any."""
        table = outcome_table.c
        query = select(table.batch, table.release, func.sum(table.rows).label("counted")).where(
            table.release.in_(releases), table.outcome.in_(outcomes)
        )
        counted: dict[str, dict[int, int]] = defaultdict(dict)
        for row in self._read(query.group_by(table.batch, table.release).order_by(table.release)):
            if row.counted:
                counted[row.batch][row.release] = int(row.counted)
        return counted

    def record_gate(self, gate: Gate) -> None:
        """Note the verdict of a gate, in the place of an earlier one of the same run."""
        table = gate_table.c

        def work(connection: Connection) -> None:
            _upsert(connection, gate_table, [asdict(gate)])
            seal(connection, gate_table, table.run == gate.run, table.subject == gate.subject, table.gate == gate.gate)

        self._write(work)

    def gates(self, *, run: str | None = None, subject: str | None = None) -> list[Gate]:
        """Verdicts of gates, by time."""
        query = select(gate_table).order_by(gate_table.c.at, gate_table.c.subject, gate_table.c.gate)
        for column, value in ((gate_table.c.run, run), (gate_table.c.subject, subject)):
            if value is not None:
                query = query.where(column == value)
        return _records(Gate, self._read(query))

    def record_release(self, release: Release) -> None:
        """Note a published release."""
        self._write(lambda connection: _upsert(connection, release_table, [asdict(release)]))

    def releases(self) -> list[Release]:
        """All published releases, oldest first."""
        return _records(Release, self._read(select(release_table).order_by(release_table.c.release)))

    def record_problem(self, problem: Problem) -> None:
        """Note a file that could not be taken; the same file with the same kind of problem stands once, with its last cause."""
        self._write(lambda connection: _upsert(connection, problem_table, [asdict(problem)]))

    def problems(self, *, run: str | None = None) -> list[Problem]:
        """Files that could not be taken, by time."""
        query = select(problem_table).order_by(problem_table.c.at, problem_table.c.file)
        return _records(Problem, self._read(query if run is None else query.where(problem_table.c.run == run)))

    def record_library_edit(self, edit: LibraryEdit) -> LibraryEdit:
        """Add an edit of the address library behind all others; returns it with its number. Edits are never changed or removed."""
        row = {name: value for name, value in asdict(edit).items() if name != "number"}
        digest = hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()
        table = library_edit_table

        def work(connection: Connection) -> int:
            connection.execute(_insert(connection, table).values(digest=digest, **row).on_conflict_do_nothing(index_elements=["digest"]))
            seal(connection, table, table.c.digest == digest)
            return int(connection.execute(select(table.c.number).where(table.c.digest == digest)).scalar_one())

        return replace(edit, number=self._write(work))

    def library_edits(self) -> list[LibraryEdit]:
        """All edits of the address library, undone ones included, in their order."""
        table = library_edit_table.c
        query = select(table.kind, table.payload, table.actor, table.why, table.at, table.number).order_by(table.number)
        return _records(LibraryEdit, self._read(query))

    def size(self) -> int:
        """The bytes it takes: the SQLite file with its log, or the PostgreSQL database."""
        if self._engine.dialect.name == "postgresql":
            return int(self._read(select(func.pg_database_size(func.current_database())))[0][0])
        file = Path(str(self._engine.url.database))
        return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))

    def note_file(self, path: str, sha256: str) -> None:
        """Note the SHA-256 of a file that is never changed, by its path below the home, in the place of an earlier one."""
        self._write(lambda connection: note_file(connection, path, sha256))

    def noted_files(self) -> dict[str, str]:
        """SHA-256 of the files noted, by path below the home."""
        return {row.path: row.sha256 for row in self._read(noted_files())}

    def broken_seals(self) -> list[tuple[str, str, str]]:
        """Table, key and what is wrong (`changed`, `missing`, `added`) of entries that somebody edited."""
        return list(broken_seals(self._read, SEALED))

    def replace_texts(self, replaced: Callable[[str], str]) -> int:
        """Replace texts in all tables as `replaced` says, those within JSON too; returns in how many records."""

        def work(connection: Connection) -> int:
            return sum(replace_texts(connection, table, replaced, sealed=table in SEALED) for table in metadata.sorted_tables)

        return self._write(work)

    def forget_removed(self) -> None:
        """Give up the space of what was removed or replaced, so that its bytes rest there no more."""
        is_sqlite = self._engine.dialect.name == "sqlite"
        statements = ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] if is_sqlite else ["VACUUM FULL"]
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT").connection
        try:
            for statement in statements:
                connection.cursor().execute(statement)
        finally:
            connection.close()

    def record_audit_head(self, head: AuditHead) -> None:
        """Note the last record of the audit log, in the place of the one noted before."""

        def work(connection: Connection) -> None:
            connection.execute(delete(audit_head_table))
            connection.execute(insert(audit_head_table), asdict(head))

        self._write(work)

    def audit_head(self) -> AuditHead:
        """The last record of the audit log that was noted."""
        return next(iter(_records(AuditHead, self._read(select(audit_head_table)))), AuditHead())


def _is_made(connection: Connection) -> bool:
    """Whether all tables are there, and of this version."""
    present = set(inspect(connection).get_table_names())
    return present >= set(metadata.tables) and connection.execute(select(version_table.c.version)).scalar() == LEDGER_VERSION


def _create_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
    seal_what_is_there(connection, SEALED)
    metadata.create_all(connection)
    version = connection.execute(select(version_table.c.version)).scalar()
    if version is None:
        connection.execute(insert(version_table).values(version=LEDGER_VERSION))
    elif version != LEDGER_VERSION:
        raise PoolError(f"台账的版本是 {version}，本软件需要版本 {LEDGER_VERSION}。请使用与台账相配的软件版本。")


def _insert(connection: Connection, table: Table) -> Any:
    """An insert in the dialect of the database, which has a word for conflicts; only that one is loaded."""
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]], *, overwrite: bool = True) -> None:
    statement = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    changes = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    if overwrite:
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys), rows)


def _records(kind: type[Record], rows: Iterable[Row[Any]]) -> list[Record]:
    return [kind(**row._mapping) for row in rows]


def _counts_row(counts: Counts | None) -> dict[str, int | None]:
    return {f"rows_{count.name}": getattr(counts, count.name, None) for count in fields(Counts)}


def _batch_from(row: Row[Any]) -> Batch:
    values = dict(row._mapping)
    rows = [values.pop(f"rows_{count.name}") for count in fields(Counts)]
    return Batch(**values, counts=None if None in rows else Counts(*rows))
