"""What was found in a file, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.check_sql import REASONS, WARNINGS, messages
from transforms.checked_rows import CheckedRows
from transforms.elements_sql import identifier
from transforms.standardise import kept_columns


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows one rule met in one column (`column` empty: the row as a whole)."""

    column: str
    rule: str
    message: str
    rows: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found in a file: received = accepted + quarantined.

    ``reasons`` count quarantined rows by reason (a row may have several), ``warnings`` accepted rows whose cell was emptied, repaired or
    doubtful. ``nulls`` counts empty values per column in accepted rows, ``distinct_keys`` the different primary keys among them (None
    without a key). ``refused`` tells per column why its values were dropped, ``blocks`` in Chinese why the batch must not be used.
    """

    received: int
    accepted: int
    quarantined: int
    reasons: tuple[Count, ...]
    warnings: tuple[Count, ...]
    nulls: Mapping[str, int]
    distinct_keys: int | None
    refused: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON, the three row counts under `rows`."""
        content = asdict(self)
        rows = {name: content.pop(name) for name in ("received", "accepted", "quarantined")}
        return {"rows": rows, **content}


def profile(
    connection: DuckDBPyConnection, checked: CheckedRows, contract: Contract, refused: Mapping[str, str], unchanged: str | None
) -> Profile:
    """What the checked rows, and the accepted rows that were taken over, come to.

    unchanged: SQL of rows with the contract's columns and `warnings`.
    """
    table = checked.name
    columns = [column for column in kept_columns(contract) if column.name not in refused]
    rows = accepted_rows(table, contract, unchanged)
    key = f"count(DISTINCT hash({', '.join(identifier(name) for name in contract.key)}))" if contract.key else "NULL"
    [(accepted, distinct_keys)] = connection.execute(f"SELECT count(*), {key} FROM {rows}").fetchall()
    filled = ", ".join(f"count({identifier(column.name)})" for column in columns)
    others = accepted_rows(f"(FROM {table} WHERE id < 0)", contract, unchanged)
    [counts] = connection.execute(f"SELECT {filled} FROM {others}").fetchall()
    [(quarantined,)] = connection.execute(f"SELECT count(*) FROM {table} WHERE {REASONS} IS NOT NULL").fetchall()
    warnings = _counts(connection, contract, f"SELECT unnest(warnings) AS entry FROM {rows}")
    return Profile(
        received=accepted + quarantined,
        accepted=accepted,
        quarantined=quarantined,
        reasons=_counts(connection, contract, f"SELECT unnest({REASONS}) AS entry FROM {table}"),
        warnings=warnings,
        nulls={column.name: accepted - count - checked.filled[column.name] for column, count in zip(columns, counts, strict=True)},
        distinct_keys=distinct_keys,
        refused=dict(refused),
        blocks=_blocks(contract, warnings, refused),
    )


def accepted_rows(table: str, contract: Contract, unchanged: str | None) -> str:
    """SQL of the accepted rows with the contract's columns and `warnings`; for the arguments see `profile`."""
    names = ", ".join(identifier(column.name) for column in kept_columns(contract))
    good = f"SELECT {names}, {WARNINGS} AS warnings FROM {table} WHERE {REASONS} IS NULL"
    return f"({good} UNION ALL BY NAME SELECT {names}, warnings FROM {unchanged})" if unchanged else f"({good})"


def _counts(connection: DuckDBPyConnection, contract: Contract, entries: str) -> tuple[Count, ...]:
    labels = {column.name: column.label for column in contract.columns}
    explained = messages(contract)
    found = connection.execute(f"""
        SELECT entry."column", entry."rule", count(*) FROM ({entries}) GROUP BY ALL ORDER BY 3 DESC, 1, 2""").fetchall()
    return tuple(
        Count(name, rule, " ".join(part for part in (labels.get(name), explained[rule]) if part), rows) for name, rule, rows in found
    )


def _blocks(contract: Contract, warnings: Sequence[Count], refused: Mapping[str, str]) -> tuple[str, ...]:
    blocking = {rule.name for rule in contract.rules if rule.severity == "block"}
    broken = [f"有 {count.rows} 行{count.message}" for count in warnings if count.rule in blocking]
    missing = [
        f"必填列“{contract.column(name).physical_name}”的内容属于不接收的数据（{reason}）"
        for name, reason in refused.items()
        if contract.column(name).required
    ]
    return tuple(broken + missing)
