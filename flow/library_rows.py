"""Single addresses of a library version: by id, by what lies above, below and beside them, by a text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from address_matching import match
from address_matching.components import PlaceComponents, components
from flow.context import Context
from flow.library import Library
from flow.workspace import sql_path, workspace
from pool import PoolError
from transforms.identity import sql_literal
from transforms.library_edits import component_of

Row = Mapping[str, Any]
CANDIDATES_SHOWN = 10


class Reading(NamedTuple):
    """What a text is to the library: the matcher's result for its first place, and the places it names."""

    result: Row
    places: Sequence[PlaceComponents]
    parts: int

    def stopped_at(self) -> str | None:
        """The id of the address as far as which the text is in the library; the town it names where nothing finer is."""
        if self.result["status"] == "matched":
            return str(self.result["address_id"])
        return self.places[0].town_id if self.places and self.result["reason"] == "not_in_library" else None


class LibraryRows:
    """Look-ups in the addresses of one library version; use as a context manager."""

    def __init__(self, context: Context, library: Library) -> None:
        self._library = library
        self._index = library.index()
        self._workspace = workspace(context.pool)
        self._connection: DuckDBPyConnection | None = None

    def __enter__(self) -> "LibraryRows":
        self._connection = self._workspace.__enter__()
        self._connection.execute(f"CREATE VIEW library AS SELECT * FROM read_parquet({sql_path(self._library.addresses)})")
        return self

    def __exit__(self, *error: Any) -> None:
        self._workspace.__exit__(*error)

    def select(self, condition: str) -> list[dict[str, Any]]:
        """The rows that fulfil an SQL condition on the library's columns, by level and text."""
        assert self._connection is not None
        found: list[dict[str, Any]] = (
            self._connection.sql(f"SELECT * FROM library WHERE {condition} ORDER BY full_text, address_id").to_arrow_table().to_pylist()
        )
        return found

    def joined(self, parents: pa.Table) -> list[dict[str, Any]]:
        """The children of many addresses; parents: a table of `parent_id`."""
        assert self._connection is not None
        self._connection.register("parents", parents)
        found: list[dict[str, Any]] = self._connection.sql("FROM library SEMI JOIN parents USING (parent_id)").to_arrow_table().to_pylist()
        return found

    def by_ids(self, ids: Sequence[str]) -> dict[str, Row]:
        """The rows of these ids."""
        if not ids:
            return {}
        listed = ", ".join(sql_literal(id) for id in ids)
        return {row["address_id"]: row for row in self.select(f"address_id IN ({listed})")}

    def lineage(self, row: Row) -> list[Row]:
        """An address and all above it, from the province down."""
        found: list[Row] = [row]
        while found[0]["parent_id"]:
            above = self.by_ids([found[0]["parent_id"]])
            if not above:
                break
            found.insert(0, next(iter(above.values())))
        return found

    def siblings(self, parent: str, level: str) -> list[str | None]:
        """The components of the children that an address has at a level."""
        return [row[component_of(level)] for row in self.select(f"parent_id = {sql_literal(parent)} AND level = {sql_literal(level)}")]

    def read(self, text: str) -> Reading:
        """What the library makes of a text."""
        results = match(self._index, pa.table({"record_id": ["1"], "text": [text]})).to_pylist()
        return Reading(results[0], components(self._index, text), len(results))

    def find(self, target: str) -> list[Row]:
        """The address that an id or a text names; several where a text fits several. Raises PoolError when there is none."""
        known = self.by_ids([target])
        if known:
            return list(known.values())
        reading = self.read(target)
        result = reading.result
        finer = reading.places[0].finer_than(result["level"]) if reading.places and result["level"] else ()
        if result["status"] == "matched" and not finer:
            return list(self.by_ids([result["address_id"]]).values())
        candidates = [each["address_id"] for each in result["candidates"] or ()] if result["status"] == "review" else []
        if not candidates:
            raise PoolError(self._not_found(target, result))
        return list(self.by_ids(candidates).values())

    def one(self, target: str) -> Row:
        """The one address that an id or a text names. Raises PoolError when there is none, or more than one."""
        found = self.find(target)
        if len(found) > 1:
            listed = "；".join(f"{row['full_text']}（编号 {row['address_id']}）" for row in found[:CANDIDATES_SHOWN])
            raise PoolError(f"“{target}”对应库中 {len(found)} 个地址：{listed}。请写得更完整，或改用编号。")
        return found[0]

    def _not_found(self, target: str, result: Row) -> str:
        if result["status"] == "matched":
            nearest = next(iter(self.by_ids([result["address_id"]]).values()))
            return f"库中没有地址“{target}”，最近的是 {nearest['full_text']}（编号 {nearest['address_id']}）。请核对写法，或改用编号。"
        return f"库中没有编号或地址“{target}”。请核对写法；编号见 datapool match --explain。"
