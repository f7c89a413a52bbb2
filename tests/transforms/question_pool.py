"""A pool of tables made by hand, to put the questions of a bureau to."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from flow.history import create_empty
from flow.questions import question_sql
from schemas.city import load_city
from schemas.contract import pool_contracts, source_contracts
from transforms.deceased import create_deceased
from transforms.identity import sql_literal
from transforms.questions import (
    EVIDENCE,
    HELPERS,
    QUESTIONS,
    create_confirmations,
    create_ended_states,
    create_mentions,
    create_scope,
    create_thresholds,
)

DAY = date(2025, 12, 31)
Rows = Sequence[Mapping[str, Any]]
DIVISIONS = {"province": "浙江省", "city": "温州市", "county": "瑞安市"}


def address(id: str, level: str, parent: str | None = None, *, town: str = "甲镇", community: str = "一村") -> dict[str, Any]:
    return {"address_id": id, "parent_id": parent, "level": level, "full_text": id, **DIVISIONS, "town": town, "community": community}


ADDRESSES: Rows = [
    address("house", "house"),
    address("building", "building", "house"),
    address("room1", "room", "building"),
    address("room2", "room", "building"),
    address("door", "house"),
    address("village", "house", community="二村"),
    address("town", "house", town="乙镇", community="三村"),
    address("coarse", "community"),
    {**address("county", "house"), "county": "平阳县"},
]


class Pool:
    """A pool of hand-made tables."""

    def __init__(self) -> None:
        self.connection: DuckDBPyConnection = duckdb.connect(":memory:")
        self.tables = pool_contracts()
        for table in self.tables.values():
            if table.system == "pool":
                create_empty(self.connection, table)
        self.add("address", ADDRESSES)
        self.claimed: set[str] = set()
        self.outside: list[str] = []
        self.departments = {name: contract.department for name, contract in source_contracts().items()}

    def add(self, table: str, rows: Rows) -> None:
        for row in rows:
            values = ", ".join(f"{'NULL' if value is None else sql_literal(str(value))} AS {name}" for name, value in row.items())
            self.connection.execute(f"INSERT INTO {table} BY NAME SELECT {values}")

    def claim(self, table: str, rows: Rows) -> None:
        """Rows of a claim table with their data set and period."""
        if table not in self.claimed:
            columns = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in self.tables[table].columns)
            self.connection.execute(f"CREATE TABLE claim_{table} AS SELECT {columns}, '' AS dataset, '' AS period WHERE FALSE")
            self.claimed.add(table)
        self.add(f"claim_{table}", rows)

    def ask(self, question: str, periods: Sequence[str] = ("2024-12-31", "2025-12-31")) -> list[dict[str, Any]]:
        """The answer, once all questions are answered."""
        create_scope(self.connection, DAY, *DIVISIONS.values())
        create_thresholds(
            self.connection, ((name, each.value, each.unit, each.basis) for name, each in load_city("330381").thresholds.items())
        )
        create_ended_states(self.connection)
        create_confirmations(self.connection, self.tables, self.claimed, periods)
        create_mentions(self.connection, self.tables, self.claimed, self.departments)
        create_deceased(self.connection, [], {}, self.tables["person"])
        self.connection.execute("CREATE OR REPLACE TABLE outside_text (address_text VARCHAR)")
        self.add("outside_text", [{"address_text": text} for text in self.outside])
        for name in (*HELPERS, *QUESTIONS, EVIDENCE):
            self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {question_sql(name)}")
        columns = ", ".join(column.name for column in self.tables[question].columns)
        found: list[dict[str, Any]] = self.connection.sql(f"SELECT {columns} FROM {question} ORDER BY ALL").to_arrow_table().to_pylist()
        return found

    def evidence(self, question: str) -> list[tuple[str, str, str]]:
        """Role, table and key of what the rows of a question rest on."""
        sql = f"SELECT role, table_name, record_key FROM evidence WHERE question = '{question}' ORDER BY ALL"
        return self.connection.execute(sql).fetchall()

    def lives(self, person: str, registered: str, *others: Mapping[str, Any], **more: Any) -> None:
        """A person registered at an address, with other residences."""
        self.add("person", [{"person_id": person, "identity_basis": "citizen_number"}])
        self.add(
            "residence_history", [stay(person, "registered", registered, **more), *({"person_id": person} | other for other in others)]
        )

    def works(self, firm: str, registered: str, *others: Mapping[str, Any], **more: Any) -> None:
        """A firm registered at an address, with other premises."""
        self.add("organisation", [{"organisation_id": firm, "name": f"{firm}厂", "kind": "enterprise", "status_code": "1"} | more])
        premises = [stay("", "registered", registered), *others]
        self.add(
            "premises_history",
            [
                {name: value for name, value in each.items() if name not in ("person_id", "residence_id")}
                | {"organisation_id": firm, "premises_id": f"{firm}-{each['kind']}-{each['address_text']}"}
                for each in premises
            ],
        )


def stay(person: str, kind: str, place: str, since: str | None = None, until: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of a history: a place of the library, or a text that no place was found for."""
    is_known = any(row["address_id"] == place for row in ADDRESSES)
    row = {"residence_id": f"{person}-{kind}-{place}", "kind": kind, "address_text": place, "known_from": 1}
    row |= {"address_id": place if is_known else None, "match_status": "matched" if is_known else "unmatched"}
    row |= {"effective_from": since, "effective_from_basis": "stated" if since else None, "effective_to": until}
    return row | ({"person_id": person} if person else {}) | more


def actual(place: str, since: str | None = None, until: str | None = None, kind: str = "actual", **more: Any) -> dict[str, Any]:
    return stay("", kind, place, since, until, **more) | {"residence_id": f"{kind}-{place}"}


def tenants(house: str, count: int, **more: Any) -> Rows:
    """Leases of a house, each of another person."""
    row = {"house_id": house, "known_from": 1} | more
    return [row | {"tenancy_id": f"{house}{number}", "person_id": f"T{number}"} for number in range(count)]
