"""Contracts and tables for the tests of suites."""

from dataclasses import replace

import duckdb
import pyarrow as pa

from schemas.contract import Contract, Rule, pool_contracts, source_contracts


def letting() -> Contract:
    """The contract of rental houses: it has a key, required columns, codes, bounds, and rules that reject and warn."""
    return source_contracts()["public_security.rental_house"]


def with_rule(contract: Contract, sql: str, severity: str = "reject") -> Contract:
    """The contract with one more rule."""
    rule = Rule("added_rule", "附加规则", "consistency", severity, sql, ())
    return replace(contract, rules=(*contract.rules, rule))


def table(contract: Contract, *rows: dict[str, object]) -> pa.Table:
    """A typed table with every column of the contract; what a row leaves out is null."""
    columns = [column for column in contract.columns if not column.ignored]
    with duckdb.connect() as connection:
        kinds = ", ".join(f'"{column.name}" {column.sql_type}' for column in columns)
        connection.execute(f"CREATE TABLE made ({kinds})")
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            connection.execute(f"INSERT INTO made ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
        return connection.table("made").to_arrow_table()


def good_letting(number: int, **changes: object) -> dict[str, object]:
    """A letting that breaks nothing."""
    return {
        "letting_source_id": f"CZ{number:05}",
        "house_source_id": f"FW{number:05}",
        "address_text": f"安阳街道虹桥路{number}号",
        "area": 80,
        "let_area": 40,
        "tenant_document_type_code": "111",
        "lease_start": "2026-01-01",
        "lease_end": "2026-12-31",
        "longitude": 120.6,
    } | changes


def pool_tables(**rows: list[dict[str, object]]) -> dict[str, pa.Table]:
    """All tables of the pool, empty but for the rows given."""
    return {name: table(contract, *rows.get(name, [])) for name, contract in pool_contracts().items()}
