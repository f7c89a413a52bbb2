"""Who is meant: all ids under which retained releases know a person, how they are told in a text, and which rows are surely theirs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.publish import table_files
from flow.workspace import sql_path
from pool import PoolError
from transforms.erase import Needles, phones_in, plain, written_forms
from transforms.identity import sql_literal

PERSON_TABLES = ("person", "person_version")
SHORTEST_IDENTIFIER = 6
"""What is shorter stands in many a cell by chance."""
NUMBERS = ("citizen_number", "document_number")
RowPlace = tuple[str, str, int]
"""File key, sheet and row."""


@dataclass(slots=True)
class Person:
    """A person who is to be erased.

    ids: under which releases know them. links: aliases of the parties that resolving found to be them, by row.
    """

    ids: set[str] = field(default_factory=set)
    needles: Needles = field(default_factory=Needles)
    links: Mapping[RowPlace, set[str]] = field(default_factory=dict)


def find_person(connection: DuckDBPyConnection, context: Context, *, person_id: str = "", identifier: str = "") -> Person:
    """The person of an id, one that gave way included, or of an identifier; of one that no release knows there is nothing but the identifier.

    Raises PoolError when no release knows the id, or the identifier is too short to be one.
    """
    if identifier and len(plain(identifier)) < SHORTEST_IDENTIFIER:
        raise PoolError(f"证件号码太短，至少 {SHORTEST_IDENTIFIER} 位：用它会删到别人。请核对。")
    forms = written_forms(identifier) if identifier else frozenset()
    ids = {person_id} if person_id else _with_identifier(connection, context, forms)
    ids |= _led_to(connection, context, ids)
    person = describe(connection, context, ids, Needles(identifiers=forms))
    if person_id and not any(
        rows_of(connection, context, table, f"person_id IN ({_listed(ids)})", ("person_id",)) for table in PERSON_TABLES
    ):
        raise PoolError(f"没有一个保留的发布知道人员 {person_id}。请核对编号；只在隔离区里的人，请输入证件号码来找。")
    return person


def describe(connection: DuckDBPyConnection, context: Context, ids: Collection[str], known: Needles) -> Person:
    """What the releases say of the person with these ids, with what is known besides."""
    listed = _listed(ids)
    values: dict[str, set[str]] = defaultdict(set)
    for table in PERSON_TABLES:
        for row in rows_of(connection, context, table, f"person_id IN ({listed})", (*NUMBERS, "name", "phone")):
            for column, value in zip((*NUMBERS, "name", "phone"), row, strict=True):
                values[column].add(value)
    condition = f"table_name = 'person' AND key IN ({listed})"
    for column, *both in rows_of(connection, context, "conflict", condition, ("column_name", "surviving_value", "losing_value")):
        values[column].update(both)
    said = {form for column in NUMBERS for value in values[column] if value for form in written_forms(value)}
    numbers = said - _of_others(connection, context, ids, said)
    names = {value.strip() for value in values["name"] if value and value.strip()}
    phones = {phone for value in values["phone"] if value for phone in phones_in(value)}
    links: dict[RowPlace, set[str]] = defaultdict(set)
    for key, sheet, row, alias in rows_of(connection, context, "entity_link", condition, ("file_key", "sheet", "row", "alias")):
        links[key, sheet, row].add(alias)
    identifiers = frozenset(number for number in numbers if len(number) >= SHORTEST_IDENTIFIER)
    return Person(set(ids), known | Needles(identifiers, frozenset(names), frozenset(phones)), links)


def linked_to_others(
    connection: DuckDBPyConnection, context: Context, ids: Collection[str], files: Collection[str]
) -> dict[RowPlace, set[str]]:
    """Aliases of parties that resolving found to be somebody else, by row of these files (keys)."""
    found: dict[RowPlace, set[str]] = defaultdict(set)
    condition = f"table_name = 'person' AND key NOT IN ({_listed(ids)}) AND file_key IN ({_listed(files)})"
    for key, sheet, row, alias in rows_of(connection, context, "entity_link", condition, ("file_key", "sheet", "row", "alias")):
        found[key, sheet, row].add(alias)
    return found


def ids_at(connection: DuckDBPyConnection, context: Context, places: Mapping[RowPlace, Iterable[str]]) -> set[str]:
    """Ids that releases gave to parties of rows: what weaker evidence was called before it was known who is meant."""
    files = {file for file, _, _ in places}
    condition = f"table_name = 'person' AND file_key IN ({_listed(files)})"
    linked = rows_of(connection, context, "entity_link", condition, ("key", "file_key", "sheet", "row", "alias"))
    return {id for id, file, sheet, row, alias in linked if alias in places.get((file, sheet, row), ())}


def release_files(context: Context, table: str | None = None) -> Iterator[tuple[str, Path]]:
    """Table and path of every Parquet file of the retained releases (of one table, if given), each once however many releases share it."""
    seen: set[tuple[int, int]] = set()
    for number in context.pool.releases.numbers():
        for name, path in table_files(context.pool.releases.folder(number) / "pool").items():
            for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
                status = file.stat()
                if table in (None, name) and (status.st_dev, status.st_ino) not in seen:
                    seen.add((status.st_dev, status.st_ino))
                    yield name, file


def columns_of(connection: DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Columns of a Parquet file and their SQL types."""
    described = connection.sql(f"SELECT * FROM read_parquet({sql_path(path)}) LIMIT 0")
    return {name: str(kind) for name, kind in zip(described.columns, described.types, strict=True)}


def rows_of(
    connection: DuckDBPyConnection, context: Context, table: str, condition: str, columns: Collection[str]
) -> list[tuple[Any, ...]]:
    """Distinct values of columns in the rows of a table of any retained release; a column that a file lacks is null."""
    found: set[tuple[Any, ...]] = set()
    for _, path in release_files(context, table):
        present = columns_of(connection, path)
        shown = ", ".join(column if column in present else f"NULL AS {column}" for column in columns)
        found.update(connection.execute(f"SELECT DISTINCT {shown} FROM read_parquet({sql_path(path)}) WHERE {condition}").fetchall())
    return sorted(found, key=repr)


def _with_identifier(connection: DuckDBPyConnection, context: Context, forms: Collection[str]) -> set[str]:
    listed = _listed(form.upper() for form in forms)
    condition = " OR ".join(f"upper({column}) IN ({listed})" for column in NUMBERS)
    return {id for table in PERSON_TABLES for (id,) in rows_of(connection, context, table, condition, ("person_id",))}


def _led_to(connection: DuckDBPyConnection, context: Context, ids: Collection[str]) -> set[str]:
    """Ids that lead to these or to which these lead, where both were called by one name: a row that changed its tenant leads, too."""
    found = set(ids)
    while True:
        listed = _listed(found)
        condition = f"table_name = 'person' AND (old_id IN ({listed}) OR new_id IN ({listed}))"
        led = {id for pair in rows_of(connection, context, "entity_redirect", condition, ("old_id", "new_id")) for id in pair} - found
        names = _names(connection, context, found)
        joined = {id for id in led if names & _names(connection, context, {id})}
        if not joined:
            return found
        found |= joined


def _names(connection: DuckDBPyConnection, context: Context, ids: Collection[str]) -> set[str]:
    listed = _listed(ids)
    found = [rows_of(connection, context, table, f"person_id IN ({listed})", ("name",)) for table in PERSON_TABLES]
    return {plain(name) for rows in found for (name,) in rows if name}


def _of_others(connection: DuckDBPyConnection, context: Context, ids: Collection[str], numbers: Collection[str]) -> set[str]:
    """Those of the identifiers that belong to somebody else now: one that was mistyped for the person's, or taken for theirs once, is not theirs."""
    current = context.pool.releases.current()
    path = context.pool.releases.folder(current or 0) / "pool" / "person.parquet"
    if current is None or not path.is_file():
        return set()
    rows = connection.execute(f"""
        SELECT coalesce(citizen_number, document_number) FROM read_parquet({sql_path(path)})
        WHERE person_id NOT IN ({_listed(ids)}) AND coalesce(citizen_number, document_number) IN ({_listed(numbers)})""").fetchall()
    return {form for (number,) in rows for form in written_forms(number)}


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sql_literal(value) for value in sorted(values)) or "NULL"
