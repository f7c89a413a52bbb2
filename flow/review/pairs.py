"""The pairs of the current release that wait for a person, with all that helps to decide."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.review.pair import Attribute, PairCase, Side, pair_id_of
from flow.workspace import sql_path, workspace
from pool import PairDecision, PoolError
from schemas.codes import code_list
from schemas.contract import Column, Contract
from transforms.mask import mask_expression

SHOWN = {
    "person": ("name", "citizen_number", "document_number", "sex_code", "birth_date", "phone", "employer", "death_date"),
    "organisation": ("name", "uscc", "registration_number", "kind", "legal_representative", "phone", "founded_on", "status_code"),
}
"""Columns of a record that help to tell who it is."""
PLACES = {"person": ("residence", "person_id"), "organisation": ("premises", "organisation_id")}
MOST_PLACES = 6
HIDDEN_LEVEL = "L4"
"""Values of this level are masked for whoever decides too; what agrees and differs in them is said beside."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a release, the likeliest first: `waiting` for a decision, or `settled` as undecidable; other decisions took effect."""

    release: int
    waiting: Sequence[PairCase]
    settled: Sequence[PairCase]


def find_pairs(context: Context) -> Pairs:
    """The pairs of the current release. Raises PoolError when there is none."""
    number = context.pool.releases.current()
    if number is None:
        raise PoolError("还没有发布，没有待确认的人员和单位。请先运行 datapool run。")
    folder = context.pool.releases.folder(number) / "pool"
    in_force = {decision.case_id: decision for decision in context.pool.ledger.pairs.in_force()}
    cases: list[PairCase] = []
    if (folder / "entity_doubt.parquet").is_file():
        with workspace(context.pool) as connection:
            doubts = _rows(
                connection,
                f"SELECT * FROM read_parquet({sql_path(folder / 'entity_doubt.parquet')}) ORDER BY score DESC, left_key, right_key",
            )
            for table in SHOWN:
                own = [doubt for doubt in doubts if doubt["table_name"] == table]
                cases += _cases(connection, context, folder, table, own, in_force)
    return Pairs(number, [case for case in cases if not _is_settled(case)], [case for case in cases if _is_settled(case)])


def select_pairs(cases: Iterable[PairCase], *, kind: str | None, town: str | None, dataset: str | None) -> list[PairCase]:
    """The pairs of a kind of which a side lies in a town and is spoken of in a dataset (None: any)."""
    return [
        case
        for case in cases
        if kind in (None, case.table_name)
        and (town is None or town in case.left.towns | case.right.towns)
        and (dataset is None or dataset in case.sources)
    ]


def _is_settled(case: PairCase) -> bool:
    """Only what was found undecidable on the same knowledge is not asked again; other decisions wait for the next release."""
    return case.decided is not None and (case.decided.choice != "undecidable" or case.decided.basis == case.basis)


def _cases(
    connection: DuckDBPyConnection,
    context: Context,
    folder: Path,
    table: str,
    doubts: Sequence[Mapping[str, Any]],
    in_force: Mapping[str, PairDecision],
) -> list[PairCase]:
    if not doubts:
        return []
    keys = sorted({doubt[side] for doubt in doubts for side in ("left_key", "right_key")})
    connection.register("asked", pa.table({"key": pa.array(keys, pa.string())}))
    contract = context.tables[table]
    records = _records(connection, contract, folder, SHOWN[table])
    places, towns = _places(connection, context, folder, table)
    sources = _sources(connection, folder, table)
    connection.unregister("asked")

    def side(key: str) -> Side:
        return Side(key, [*records[key], *places[key]], sources[key], frozenset(towns[key]))

    return [
        PairCase(
            table,
            side(doubt["left_key"]),
            side(doubt["right_key"]),
            doubt["rule"],
            doubt["score"],
            in_force.get(pair_id_of(table, doubt["left_key"], doubt["right_key"])),
        )
        for doubt in doubts
    ]


def _records(connection: DuckDBPyConnection, contract: Contract, folder: Path, names: Sequence[str]) -> Mapping[str, list[Attribute]]:
    """What the release says of each record that is asked about."""
    columns = [contract.column(name) for name in names]
    rows = _shown(connection, contract.key[0], columns, folder / f"{contract.dataset}.parquet", "")
    return {row["key"]: [each for column in columns for each in _attribute(column, row, column.label)] for row in rows}


def _places(
    connection: DuckDBPyConnection, context: Context, folder: Path, table: str
) -> tuple[Mapping[str, list[Attribute]], Mapping[str, set[str]]]:
    """Addresses of each record, those of one relation under its name, and their towns."""
    name, key = PLACES[table]
    contract = context.tables[name]
    text, kind = contract.column("address_text"), contract.column("kind")
    attributes: dict[str, list[Attribute]] = defaultdict(list)
    towns: dict[str, set[str]] = defaultdict(set)
    if (folder / f"{name}.parquet").is_file():
        town = f"(SELECT town FROM read_parquet({sql_path(folder / 'address.parquet')}) AS address WHERE address.address_id = records.address_id)"
        for row in _shown(connection, key, [text, kind], folder / f"{name}.parquet", f", {town} AS town"):
            label = _value(kind, row["kind"]) + "地址"
            if len(attributes[row["key"]]) < MOST_PLACES:
                attributes[row["key"]] += _attribute(text, row, label)
            if row["town"]:
                towns[row["key"]].add(row["town"])
    return attributes, towns


def _shown(connection: DuckDBPyConnection, key: str, columns: Sequence[Column], file: Path, more: str) -> list[dict[str, Any]]:
    """The asked-about records of a table with values in full and masked."""
    values = ", ".join(
        f"{column.name}::VARCHAR AS {column.name}, ({mask_expression(column)})::VARCHAR AS masked_{column.name}" for column in columns
    )
    return _rows(
        connection,
        f"SELECT records.{key} AS key, {values}{more} FROM read_parquet({sql_path(file)}) AS records "
        f"WHERE records.{key} IN (SELECT key FROM asked) ORDER BY ALL",
    )


def _attribute(column: Column, row: Mapping[str, Any], label: str) -> list[Attribute]:
    value = row[column.name]
    if not value:
        return []
    full, masked = _value(column, value), _value(column, row[f"masked_{column.name}"] or "")
    return [Attribute(label, full, masked if column.level == HIDDEN_LEVEL else full, masked)]


def _value(column: Column, value: str) -> str:
    """The name of a code, any other value as it is."""
    codes = column.element.code_list if column.element else None
    return code_list(codes).get(value, value) if codes else value


def _sources(connection: DuckDBPyConnection, folder: Path, table: str) -> Mapping[str, dict[str, int]]:
    """How many rows of which contracts speak of each record."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    rows = _rows(
        connection,
        f"""
        SELECT link.key, regexp_extract(outcome.batch, '^([a-z_]+[.][a-z_]+)-', 1) AS contract, count(DISTINCT (file_key, sheet, row)) AS rows
        FROM read_parquet({sql_path(folder / "entity_link.parquet")}) AS link
        JOIN read_parquet({sql_path(folder / "row_outcome.parquet")}) AS outcome USING (file_key, sheet, row)
        WHERE link.table_name = '{table}' AND link.key IN (SELECT key FROM asked) AND outcome.outcome IN ('published', 'merged')
        GROUP BY ALL ORDER BY ALL""",
    )
    for row in rows:
        found[row["key"]][row["contract"]] = row["rows"]
    return found


def _rows(connection: DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(sql).to_arrow_table().to_pylist()
    return rows
