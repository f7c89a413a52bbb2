"""The standard address library as the matcher takes it, from the current rows of the reference datasets."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from schemas.contract import Contract, pool_contracts
from transforms.identity import column_expression

DIVISION_LEVELS = ("province", "city", "county", "town", "community")
KEPT_BY_CHANGES = ("overlay", "lon", "lat", "valid_from")
"""What a change of an address leaves as it is where it says nothing."""
ALIAS_COLUMNS = ("kind", "within", "name", "alias", "valid_from", "valid_to")
FEATURE = "feature"

OWN_COLUMNS = ("address_id", "parent_id", "level", "full_text", "status", "valid_from", "valid_to")


def create_changed(connection: DuckDBPyConnection, whole: str, changes: str, key: Sequence[str], kept: Sequence[str] = ()) -> str:
    """Create view `changed_<whole>`: the current rows of a full dataset, each replaced by the current row that `changes` has for its key.

    whole, changes: tables of rows with `state` (see transforms.current) and the same columns. kept: columns that a change leaves as they
    are where it says nothing. Returns the view's name.
    """
    name = f"changed_{whole}"
    same = " AND ".join(f"whole.{column} IS NOT DISTINCT FROM changes.{column}" for column in key)
    replaced = ", ".join(f"coalesce(changes.{column}, whole.{column}) AS {column}" for column in kept)
    connection.execute(f"""
        CREATE OR REPLACE VIEW {name} AS
        WITH whole AS (SELECT * FROM {whole} WHERE state = 'current'), changes AS (SELECT * FROM {changes} WHERE state = 'current')
        SELECT whole.* FROM whole ANTI JOIN changes ON {same}
        UNION ALL BY NAME
        SELECT changes.* {f"REPLACE ({replaced})" if kept else ""} FROM changes LEFT JOIN whole ON {same}""")
    return name


def library_addresses(connection: DuckDBPyConnection, standard_address: str, division: str) -> pa.Table:
    """Library rows: the standard addresses, and every division that is not among them, retired ones included.

    standard_address, division: tables of current rows. Columns of the result: those of the pool table `address`, sorted by address_id.
    """
    names = ", ".join(column.name for column in pool_contracts()["address"].columns if column.name != "parent_id")
    return connection.sql(f"""
        WITH addresses AS (
                SELECT * REPLACE (coalesce(status, CASE WHEN valid_to IS NULL THEN '在用' ELSE '停用' END) AS status)
                FROM {standard_address} WHERE state = 'current'),
             divisions AS ({_division_addresses(division)}),
             -- A division that stands among the standard addresses goes by its id there, also as a parent.
             known AS (
                SELECT divisions.address_id AS division_id, min(addresses.address_id) AS address_id
                FROM divisions JOIN addresses ON divisions.level = addresses.level AND divisions.full_text = addresses.full_text
                                             AND divisions.valid_to IS NOT DISTINCT FROM addresses.valid_to
                GROUP BY ALL)
        SELECT parent_id, {names} FROM addresses
        UNION ALL BY NAME
        SELECT coalesce(known.address_id, missing.parent_id) AS parent_id, missing.* EXCLUDE (parent_id)
        FROM (SELECT parent_id, {names} FROM divisions WHERE address_id NOT IN (SELECT division_id FROM known)) AS missing
        LEFT JOIN known ON missing.parent_id = known.division_id
        ORDER BY address_id""").to_arrow_table()


def library_aliases(connection: DuckDBPyConnection, address_alias: str, told: Sequence[str] = ()) -> pa.Table:
    """Alias rows: kind, within, name, alias, valid_from, valid_to, sorted.

    told: SQL of the names that other datasets tell (see `names_told`); one that the alias table has, too, stands as it does there.
    """
    columns = ", ".join(ALIAS_COLUMNS)
    others = " UNION ".join(told) or f"SELECT {columns} FROM {address_alias} WHERE FALSE"
    same = " AND ".join(f"others.{column} IS NOT DISTINCT FROM listed.{column}" for column in ALIAS_COLUMNS[:4])
    return connection.sql(f"""
        WITH listed AS (SELECT {columns} FROM {address_alias} WHERE state = 'current'), others AS ({others})
        SELECT * FROM listed
        UNION ALL
        SELECT * FROM (SELECT DISTINCT ON (kind, within, name, alias) * FROM others ANTI JOIN listed ON {same} ORDER BY ALL)
        ORDER BY ALL""").to_arrow_table()


def names_told(contracts: Sequence[Contract], current: Mapping[str, str]) -> list[str]:
    """SQL of the aliases that the current rows of contracts tell by their facts on `address_alias`, in the columns of `library_aliases`."""
    types = {column.name: column.sql_type for column in pool_contracts()["address_alias"].columns}
    selects = []
    for contract in contracts:
        for fact in contract.facts:
            if fact.table == "address_alias":
                columns = ", ".join(f"({column_expression(fact, name)})::{types[name]} AS {name}" for name in ALIAS_COLUMNS)
                select = f"SELECT {columns} FROM {current[contract.id]} AS source WHERE state = 'current'"
                selects.append(f"SELECT * FROM ({select}) WHERE kind IS NOT NULL AND name IS NOT NULL AND alias IS NOT NULL")
    return selects


def without_features(aliases: pa.Table) -> pa.Table:
    """The aliases that the matcher takes: rivers, hills and bridges have other names, too, but no addresses."""
    return aliases.filter(pc.not_equal(aliases.column("kind"), FEATURE))


def _division_addresses(division: str) -> str:
    """Divisions as library rows: names of the higher levels come from their parents, and a retired one keeps its own id."""
    chain = ("own", "parent", "second", "third", "fourth")
    levels = ", ".join(f"{_name_at(level, chain)} AS {level}" for level in DIVISION_LEVELS)
    finer = [column for column in pool_contracts()["address"].columns if column.name not in (*DIVISION_LEVELS, *OWN_COLUMNS)]
    others = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in finer)
    return f"""
        SELECT *, concat(province, city, county, town, community) AS full_text FROM (
            WITH rows AS (SELECT * FROM {division} WHERE state = 'current'),
                 living AS (SELECT * FROM rows QUALIFY row_number() OVER (PARTITION BY division_code ORDER BY valid_to DESC NULLS FIRST, name) = 1)
            SELECT own.division_code || CASE WHEN own.valid_to IS NULL THEN '' ELSE '@' || strftime(own.valid_to, '%Y%m%d') END AS address_id,
                   own.parent_code AS parent_id, own.level, {levels}, {others}, CASE WHEN own.valid_to IS NULL THEN '在用' ELSE '停用' END AS status, own.valid_from, own.valid_to
            FROM rows AS own
            LEFT JOIN living AS parent ON own.parent_code = parent.division_code
            LEFT JOIN living AS second ON parent.parent_code = second.division_code
            LEFT JOIN living AS third ON second.parent_code = third.division_code
            LEFT JOIN living AS fourth ON third.parent_code = fourth.division_code
            QUALIFY row_number() OVER (PARTITION BY address_id ORDER BY own.name) = 1)"""


def _name_at(level: str, chain: tuple[str, ...]) -> str:
    """SQL of the name that a division, or the one among its parents, has at a level."""
    return "coalesce(" + ", ".join(f"CASE WHEN {each}.level = '{level}' THEN {each}.name END" for each in chain) + ")"
