"""Rows with what follows from each of them alone: where its address texts stand, whom and what it names. Found once, read by all that tells of the row."""

from dataclasses import astuple

from duckdb import DuckDBPyConnection

from schemas.contract import AddressUse, Contract
from transforms.claims import ENTITY_TABLES, address_input_key, address_joins
from transforms.current import placed
from transforms.identity import NAME_KEYS, column_expression, identity_expression, named_column

RESULT_COLUMNS = ("address_id", "level", "status", "is_leaf")


def create_placed(connection: DuckDBPyConnection, contract: Contract, current: str) -> None:
    """Create table `<current>_placed` of the rows that count, see `placed_select`."""
    connection.execute(f"CREATE OR REPLACE TABLE {placed(current)} AS {placed_select(contract, current)}")


def placed_select(contract: Contract, rows: str) -> str:
    """SQL of rows without the columns that no fact or address of their contract uses, and with more.

    `<text>_result`: struct of input_key and the `RESULT_COLUMNS` of the first part of each address text. `identity:<n>` and `base:<n>`: whom the
    n-th fact names, with and without the name beside an identifier; `name_key:<n>`: that name as names are compared. Needs `address_result`.
    """
    used = _used(contract)
    unused = [column.name for column in contract.columns if not column.ignored and column.name not in used]
    columns = [f"source.* EXCLUDE ({', '.join(unused)})" if unused else "source.*", *map(_result, contract.addresses)]
    for fact in contract.facts:
        if fact.table in ENTITY_TABLES:
            for what, is_named in (("identity", True), ("base", False)):
                identity = identity_expression(fact, contract.system, contract.dataset, named=is_named)
                columns.append(f"{identity} AS {named_column(contract, fact, what)}")
        if fact.table in NAME_KEYS:
            columns.append(
                f"({NAME_KEYS[fact.table](column_expression(fact, 'name'))})::VARCHAR AS {named_column(contract, fact, 'name_key')}"
            )
    joins = address_joins(contract, [use.text for use in contract.addresses])
    return f"SELECT {', '.join(columns)} FROM {rows} AS source {joins}"


def _used(contract: Contract) -> set[str]:
    of_facts = {source for fact in contract.facts for source in fact.columns.values() if isinstance(source, str)}
    return of_facts | {part for use in contract.addresses for part in astuple(use) if part}


def _result(use: AddressUse) -> str:
    values = [f"input_key: {address_input_key(use, 'source')}", *(f"{name}: {use.text}_result.{name}" for name in RESULT_COLUMNS)]
    return f"{{{', '.join(values)}}} AS {use.text}_result"
