"""Digests of what must not change behind our back: entries of the ledger that nothing else tells, and files that no manifest lists."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, insert, inspect, select

from pool.ledger_tables import noted_file_table, seal_table


def seal(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> None:
    """Note the digests of the rows that were just written, in the place of earlier ones."""
    rows = connection.execute(select(table).where(*conditions)).all()
    for key, digest in _digests(table, rows).items():
        connection.execute(delete(seal_table).where(seal_table.c.table_name == table.name, seal_table.c.key == key))
        connection.execute(insert(seal_table).values(table_name=table.name, key=key, digest=digest))


def unseal(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Forget the digest of a row that an erasure takes away or changes."""
    key = _key(table, row)
    connection.execute(delete(seal_table).where(seal_table.c.table_name == table.name, seal_table.c.key == key))


def seal_what_is_there(connection: Connection, tables: Sequence[Table]) -> None:
    """Note the digests of a ledger that earlier software made; to be called before its missing tables are."""
    present = set(inspect(connection).get_table_names())
    if seal_table.name in present or not present:
        return
    seal_table.create(connection)
    for table in tables:
        if table.name in present:
            seal(connection, table)


def broken_seals(read: Callable[[Select[Any]], Sequence[Row[Any]]], tables: Sequence[Table]) -> Iterator[tuple[str, str, str]]:
    """Table, key and what is wrong, `changed`, `missing` or `added`, of entries that are not as the software wrote them."""
    noted: dict[str, dict[str, str]] = {table.name: {} for table in tables}
    for row in read(select(seal_table)):
        noted.setdefault(row.table_name, {})[row.key] = row.digest
    for table in tables:
        present = _digests(table, read(select(table)))
        for key in sorted(noted[table.name].keys() | present.keys()):
            if key not in present:
                yield table.name, key, "missing"
            elif key not in noted[table.name]:
                yield table.name, key, "added"
            elif present[key] != noted[table.name][key]:
                yield table.name, key, "changed"


def note_file(connection: Connection, path: str, sha256: str) -> None:
    """Note the SHA-256 of a file by its path below the home, in the place of an earlier one."""
    connection.execute(delete(noted_file_table).where(noted_file_table.c.path == path))
    connection.execute(insert(noted_file_table).values(path=path, sha256=sha256))


def noted_files() -> Select[Any]:
    """The query for path and SHA-256 of all files noted."""
    return select(noted_file_table.c.path, noted_file_table.c.sha256)


def _key(table: Table, row: Mapping[str, Any]) -> str:
    return "/".join(str(row[column.name]) for column in table.primary_key)


def _digests(table: Table, rows: Sequence[Row[Any]]) -> dict[str, str]:
    digests = {}
    for row in rows:
        values = dict(row._mapping)
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
        digests[_key(table, values)] = hashlib.sha256(text.encode()).hexdigest()
    return digests
