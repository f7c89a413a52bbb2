"""Resolve: from the rows that count to persons, houses, organisations, events and their links, with lineage and outcomes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION
from expectations.pool_rules import rules_digest
from flow.approval.waiting import is_waiting, settle_waiting
from flow.build import LINKED, note_build
from flow.context import Context, key_file
from flow.delivered import Deliveries, accepted_deliveries, batch_content, create_current_rows, create_quarantined
from flow.entities import decisions_digest, resolving_setting
from flow.history import SINCE, create_histories, data_date, known_since, write_histories
from flow.library import Library, library_of
from flow.match import STOPPED_HIGHER, create_address_results, match_by
from flow.progress import Progress, silent
from flow.questions import answer_questions
from flow.reference import current_library
from flow.survivors import ADDRESS, ADDRESS_ALIAS, CLAIMED, Survivors, create_survivors
from flow.upkeep.held import is_held
from flow.workspace import PARQUET, rest, sql_path, workspace
from pool import PoolError, ReleaseBuild
from schemas.contract import Contract
from transforms.account import address_rates, address_reasons, address_stops, create_address_counts, create_row_outcomes
from transforms.claims import create_claims
from transforms.resolving.entities import resolve_entities

GRIDS = "grids"
"""In the manifest: the figures of the grids, see transforms.grids."""
MOST_STOPS = 40
"""So many places where texts could not be followed further are told."""
OF_EACH_TABLE = ("lineage", "conflict")
"""Tables that are made for each pool table apart."""


PARTS = ("current", "entities", "survivors", "histories", "write", "questions")
"""What is done one after the other, each a stage of its own in the ledger."""


def resolve(context: Context, *, progress: Progress = silent) -> int | None:
    """Build the tables of the next release from all accepted batches; returns its number, None when nothing has changed, or just this waits for approval.

    Raises PoolBusy when another publisher is at work, PoolError when the key of the pseudonyms is not that of the last release.
    """
    if not any(accepted_deliveries(context).values()):
        return None
    current_library(context)
    with context.pool.reading():
        _match_all(context, accepted_deliveries(context))  # the long work, before others have to wait
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)
        deliveries = accepted_deliveries(context)  # what counts at this moment is what the release is made of
        library = _match_all(context, deliveries)
        inputs = release_inputs(context, library, deliveries)
        settle_waiting(context)
        if _is_published(context, inputs) or is_held(context, inputs) or is_waiting(context, inputs):
            return None
        _refuse_another_key(context, inputs)
        build = context.pool.releases.start(now=context.now)
        with _removed_on_failure(context, build), workspace(context.pool) as connection:
            current, survivors = _build_tables(connection, context, library, deliveries, build, progress)
            with _part(context, "histories", progress):
                create_histories(connection, context, current, deliveries)
                rest(connection)
            with _part(context, "write", progress):
                _write_tables(connection, context, build, survivors.unchanged)
                write_histories(connection, context, build, data_date(deliveries))
            with _part(context, "questions", progress):
                grids = answer_questions(connection, context, build, current, deliveries)
            facts = {
                "inputs": inputs,
                **_addresses(connection, context, current),
                CLAIMED: survivors.claimed,
                LINKED: survivors.unchanged,
                GRIDS: grids,
            }
            note_build(context, build, {**facts, SINCE: known_since(context, build)})
        return build.number


def _addresses(connection: DuckDBPyConnection, context: Context, current: Mapping[str, str]) -> dict[str, Any]:
    """What is told of the matching of the address texts that count."""
    create_address_counts(connection, [context.contracts[name] for name in current], current)
    return {
        "addresses": address_rates(connection),
        "address_reasons": address_reasons(connection),
        "address_stops": address_stops(connection, STOPPED_HIGHER, MOST_STOPS),
    }


@contextmanager
def _part(context: Context, name: str, progress: Progress) -> Iterator[None]:
    progress("归集实体", PARTS.index(name), len(PARTS))
    with context.stage(f"resolve.{name}"):
        yield
    progress("归集实体", PARTS.index(name) + 1, len(PARTS))


@contextmanager
def _removed_on_failure(context: Context, build: ReleaseBuild) -> Iterator[None]:
    """A half-built release is of no use to anyone, and where the disk is full its place is."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            context.pool.releases.abandon(build)
        raise


def release_inputs(context: Context, library: Library, deliveries: Deliveries) -> dict[str, Any]:
    """Everything that decides the content of a release: batches and their rows, contracts, library, rules, decisions, software, city, key."""
    batches = [entry.batch for entries in deliveries.values() for entry in entries]
    return {
        "batches": batches,
        "content": {batch: batch_content(context, batch) for batch in batches},
        "contracts": {name: contract.version for name, contract in sorted(context.contracts.items())},
        "library": library.version,
        "rules": RULE_VERSION,
        "decisions": decisions_digest(context),
        "software": context.software,
        "city": context.city.code,
        "thresholds": {name: each.value for name, each in context.city.thresholds.items()},
        "quality": rules_digest(),
        "key": hashlib.sha256(b"key fingerprint" + context.key).hexdigest()[:12],
    }


def _match_all(context: Context, deliveries: Deliveries) -> Library:
    """Match what has no address result yet; returns the library by which."""
    library = library_of(context, deliveries)
    for entries in deliveries.values():
        for entry in entries:
            match_by(context, library, entry.batch)
    return library


def _is_published(context: Context, inputs: Mapping[str, Any]) -> bool:
    current = context.pool.releases.current()
    return current is not None and context.pool.releases.manifest(current)["inputs"] == inputs


def _refuse_another_key(context: Context, inputs: Mapping[str, Any]) -> None:
    current = context.pool.releases.current()
    if current is not None and context.pool.releases.manifest(current)["inputs"]["key"] != inputs["key"]:
        raise PoolError(
            f"假名密钥 {key_file()} 不是发布 {current} 所用的那一个：发布出去，所有人员和单位的编号都会改变。"
            "请恢复原来的密钥文件，或用环境变量 DATAPOOL_KEY_FILE 指明它。"
        )


def _build_tables(
    connection: DuckDBPyConnection, context: Context, library: Library, deliveries: Deliveries, build: ReleaseBuild, progress: Progress
) -> tuple[dict[str, str], Survivors]:
    """Create all tables; returns those of current rows by contract id, and which pool tables are as they were."""
    contracts = [contract for contract in context.contracts.values() if contract.facts and deliveries[contract.id]]
    with _part(context, "current", progress):
        current = {contract.id: create_current_rows(connection, context, contract, deliveries[contract.id]) for contract in contracts}
        create_address_results(connection, context, library, brief=True)
    with _part(context, "entities", progress):
        resolve_entities(connection, contracts, current, resolving_setting(context))
        rest(connection)
    with _part(context, "survivors", progress):
        claimed = [table for table in context.tables.values() if create_claims(connection, contracts, current, table)]
        survivors = create_survivors(connection, context, claimed, list(current), library, build)
        rest(connection)
    names = [table.dataset for table in claimed]
    quarantined = create_quarantined(connection, context, [each for placed in deliveries.values() for each in placed])
    create_row_outcomes(
        connection, current, {contract.id: context.tables[contract.facts[0].table] for contract in contracts}, quarantined, names
    )
    for kind in OF_EACH_TABLE:
        columns = ", ".join(column.name for column in context.tables[kind].columns)
        parts = " UNION ALL ".join(f"SELECT {columns} FROM {kind}_{name}" for name in sorted(names))
        connection.execute(f"CREATE VIEW {kind} AS {parts}")
    _create_address_tables(connection, context, library, survivors.unchanged)
    return current, survivors


def _create_address_tables(connection: DuckDBPyConnection, context: Context, library: Library, unchanged: Sequence[str]) -> None:
    """The library makes parents that no export names, such as the building above a flat, and holds what people changed: it is the table."""
    if ADDRESS not in unchanged:
        connection.execute(
            f"DROP VIEW IF EXISTS {ADDRESS}; CREATE TABLE {ADDRESS} AS SELECT * FROM read_parquet({sql_path(library.addresses)})"
        )
    key = ", ".join(context.tables[ADDRESS_ALIAS].key)
    if ADDRESS_ALIAS not in unchanged:
        connection.execute(f"""
            DROP VIEW IF EXISTS {ADDRESS_ALIAS}; CREATE TABLE {ADDRESS_ALIAS} AS SELECT * FROM read_parquet({sql_path(library.aliases)})
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY valid_to DESC NULLS FIRST, valid_from) = 1""")


def _write_tables(connection: DuckDBPyConnection, context: Context, build: ReleaseBuild, unchanged: Sequence[str]) -> None:
    """Write all tables; those that are unchanged are linked."""
    existing = {row[0] for row in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    for table in context.tables.values():
        if table.dataset in unchanged:
            build.link_unchanged(table.dataset)
        if table.dataset in unchanged or table.dataset not in existing or table.is_history:
            continue
        columns = ", ".join(column.name for column in table.columns)
        connection.execute(f"""
            COPY (SELECT {columns} FROM {table.dataset} ORDER BY {", ".join(_sort_columns(table))})
            TO {sql_path(build.tables / f"{table.dataset}.parquet")} {PARQUET}""")


def _sort_columns(table: Contract) -> Sequence[str]:
    """What people look a table up by comes first: its key, or for tables without one all columns."""
    return table.key or tuple(column.name for column in table.columns)
