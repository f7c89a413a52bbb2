"""The questions a bureau asks first, one SQL file each; a file is one SELECT over the pool tables, the histories, and what is created here.

`scope(data_date, province, city, county)`, one row. `threshold(name, value, unit, basis)`. `province(name)`. `ended_state(table_name, kind, code)`:
in which state an organisation is no more or an event closed; kind is empty for all kinds that have no rows of their own.
`confirmation(table_name, key, dataset, period_end)`: when which dataset last spoke of a person or house.
`mention(address_id, department, system, table_name, key)`: whose rows speak of an address.
`outside_text(address_text)`: texts that name a place outside the area.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from duckdb import DuckDBPyConnection

from schemas.codes import code_list, ended_states
from schemas.contract import Contract
from transforms.current import placed
from transforms.identity import sql_literal

HELPERS = ("place", "ended_organisation", "stay", "separation", "running_lease")
"""Tables that several questions share, each made from those before it; none of them is published."""

QUESTIONS = (
    "separated_residence",
    "letting_density",
    "separated_premises",
    "shared_room",
    "open_event_of_ended_organisation",
    "doubtful_benefit",
    "unconfirmed_record",
    "single_source_address",
)
EVIDENCE = "evidence"
CONFIRMED = ("person", "house")


def create_scope(connection: DuckDBPyConnection, day: date, province: str, city: str, county: str) -> None:
    """Create `scope` and `province`."""
    names = ", ".join(f"({sql_literal(name)})" for name in code_list("province").values())
    connection.execute(f"""
        CREATE OR REPLACE TABLE scope AS
        SELECT DATE '{day}' AS data_date, {
        ", ".join(f"{sql_literal(value)} AS {name}" for name, value in (("province", province), ("city", city), ("county", county)))
    }""")
    connection.execute(f"CREATE OR REPLACE TABLE province AS SELECT * FROM (VALUES {names}) AS listed(name)")


def create_thresholds(connection: DuckDBPyConnection, thresholds: Iterable[tuple[str, float, str, str]]) -> None:
    """Create `threshold` from name, value, unit and basis."""
    rows = ", ".join(f"({', '.join(sql_literal(value) for value in threshold)})" for threshold in thresholds)
    connection.execute(f"""
        CREATE OR REPLACE TABLE threshold AS
        SELECT name, value::DOUBLE AS value, unit, basis FROM (VALUES {rows}) AS listed(name, value, unit, basis)""")


def create_ended_states(connection: DuckDBPyConnection) -> None:
    """Create `ended_state` from the states that mean an end."""
    rows = ", ".join(f"({', '.join(map(sql_literal, (state.table_name, state.kind, state.code)))})" for state in ended_states())
    connection.execute(f"CREATE OR REPLACE TABLE ended_state AS SELECT * FROM (VALUES {rows}) AS listed(table_name, kind, code)")


def create_confirmations(
    connection: DuckDBPyConnection, tables: Mapping[str, Contract], claimed: Collection[str], periods: Iterable[str]
) -> None:
    """Create `confirmation` from the claims on persons and houses; periods: all that deliveries have."""
    ends = ", ".join(f"('{period}', DATE '{period}')" for period in sorted(set(periods)))
    selects = [
        f"SELECT '{name}' AS table_name, {tables[name].key[0]} AS key, dataset, max(ends) AS period_end "
        f"FROM claim_{name} JOIN (VALUES {ends}) AS told(period, ends) USING (period) GROUP BY ALL"
        for name in CONFIRMED
        if name in claimed
    ]
    empty = "SELECT NULL::VARCHAR AS table_name, NULL::VARCHAR AS key, NULL::VARCHAR AS dataset, NULL::DATE AS period_end WHERE FALSE"
    connection.execute(f"CREATE OR REPLACE TABLE confirmation AS {' UNION ALL BY NAME '.join([empty, *selects])}")


def create_mentions(
    connection: DuckDBPyConnection, tables: Mapping[str, Contract], claimed: Collection[str], departments: Mapping[str, str]
) -> None:
    """Create `mention` from all claims whose address is safe; departments: by contract id, for one may run several systems."""
    owned = ", ".join(f"({sql_literal(dataset)}, {sql_literal(name)})" for dataset, name in departments.items())
    connection.execute(f"CREATE OR REPLACE TABLE owner AS SELECT * FROM (VALUES {owned}) AS listed(dataset, department)")
    selects = [
        f"SELECT address_id, owner.department, split_part(dataset, '.', 1) AS system, '{name}' AS table_name, {tables[name].key[0]} AS key "
        f"FROM claim_{name} JOIN owner USING (dataset) WHERE match_status = 'matched'"
        for name in sorted(claimed)
        if {"address_id", "match_status"} <= {column.name for column in tables[name].columns}
    ]
    empty = "SELECT NULL::VARCHAR AS address_id, NULL::VARCHAR AS department, NULL::VARCHAR AS system, NULL::VARCHAR AS table_name, NULL::VARCHAR AS key WHERE FALSE"
    connection.execute(f"CREATE OR REPLACE VIEW mention AS {' UNION ALL BY NAME '.join([empty, *selects])}")


def create_outside_texts(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str]) -> None:
    """Create `outside_text` of the unmatched residences and premises, by the reason the matcher gave; needs `address_result`."""
    selects = [
        f"SELECT source.{use.text} AS address_text FROM {placed(current[contract.id])} AS source "
        f"SEMI JOIN outside_result ON outside_result.input_key = source.{use.text}_result.input_key "
        f"SEMI JOIN unmatched ON unmatched.address_text = source.{use.text} WHERE source.state = 'current'"
        for contract in contracts
        for use in contract.addresses
    ]
    empty = "SELECT NULL::VARCHAR AS address_text WHERE FALSE"
    connection.execute(f"""
        CREATE OR REPLACE TABLE outside_text AS
        WITH unmatched AS (
            SELECT address_text FROM residence_history WHERE match_status = 'unmatched'
            UNION SELECT address_text FROM premises_history WHERE match_status = 'unmatched'),
        outside_result AS (SELECT input_key FROM address_result WHERE part = 1 AND reason = 'out_of_area')
        {" UNION ".join([empty, *selects])}""")
