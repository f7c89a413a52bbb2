"""Deliveries of several departments as the tests of histories tell them."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from schemas.contract import pool_contracts, source_contracts
from tests.transforms.sources import (
    CHARACTERS,
    KEY,
    PLACES,
    Row,
    create_address_results,
    deliver,
    placed_deliveries,
    resolve,
    rows_of,
)
from transforms.current import ever
from transforms.deceased import create_deceased
from transforms.histories import HISTORIES, TABLES, create_history
from transforms.past_identities import create_ever_identities
from transforms.resolving.entities import Setting
from transforms.spoken import create_spoken, is_said_once, speaks_of

PERSON, OTHER = "330381199001010011", "330381199001010038"
RESIDENT = "public_security.resident_population"
RENTAL = "public_security.rental_house"
ALLOWANCE = "civil_affairs.subsistence_allowance"
FIRM = "market_regulation.market_entity"
ENTERPRISE = "market_regulation.registered_enterprise"
SOCIETY = "civil_affairs.social_organisation"
FOOD = "market_regulation.food_licence"
PERIODS = ("2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30")
AUTHORITY = {"residence.*": ["public_security", "civil_affairs"], "premises.*": ["market_regulation"], "organisation.*": [FIRM]}
A, B, C = "安福路12号", "虹桥路5号", "解放路9号"


def history_database() -> DuckDBPyConnection:
    """A database with what histories need besides deliveries."""
    connection = duckdb.connect(":memory:")
    create_address_results(connection)
    connection.execute("CREATE TABLE address (address_id VARCHAR, parent_id VARCHAR)")
    return connection


def tell(connection: DuckDBPyConnection, said: Mapping[str, Sequence[Sequence[Row]]], periods: Sequence[str] = PERIODS) -> None:
    """Create the histories of deliveries by dataset, each for the period of its place."""
    current = {contract: deliver(connection, contract, *deliveries) for contract, deliveries in said.items()}
    resolve(connection, current, AUTHORITY)
    contracts = [source_contracts()[contract] for contract in said if speaks_of(source_contracts()[contract], TABLES)]
    spoken = {contract.id: f"spoken_{contract.dataset}" for contract in contracts}
    for contract in contracts:
        placed = placed_deliveries(contract, periods[: len(said[contract.id])])
        if is_said_once(contract, placed):
            del spoken[contract.id]
        else:
            create_spoken(connection, contract, current[contract.id], spoken[contract.id], placed, TABLES)
    tables = pool_contracts()
    repeated = [contract for contract in contracts if len(said[contract.id]) > 1]
    create_ever_identities(connection, repeated, spoken, Setting(KEY, CHARACTERS, PLACES))
    create_deceased(connection, repeated, {contract.id: ever(current[contract.id]) for contract in repeated}, tables["person"])
    for history in HISTORIES:
        create_history(connection, history, contracts, spoken, tables[history.of], tables[history.table], AUTHORITY)


def resident(place: str, number: str = PERSON, **others: str) -> dict[str, str]:
    return {"citizen_number": number, "name": "张茂", "registered_address_text": place, **others}


def lease(key: str, number: str = PERSON, place: str = A, **others: str) -> dict[str, str]:
    return {
        "letting_source_id": key,
        "house_source_id": "H1",
        "address_text": place,
        "tenant_number": number,
        "tenant_name": "张茂",
        **others,
    }


def stays(connection: DuckDBPyConnection, kind: str = "registered", table: str = "residence_history") -> list[tuple[Any, ...]]:
    """Place, from, basis, to, basis; oldest first."""
    return rows_of(
        connection,
        f"""SELECT address_text, effective_from::VARCHAR, effective_from_basis, effective_to::VARCHAR, effective_to_basis
            FROM {table} WHERE kind = '{kind}' ORDER BY effective_from NULLS FIRST, address_text""",
    )
