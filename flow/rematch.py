"""Rematch: where the library has changed, texts that the change cannot touch keep their results, and the outcome is that of matching them all."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION
from address_matching.change import Change
from address_matching.model import RESULT_SCHEMA
from flow.context import Context
from flow.library import Library
from flow.workspace import sql_path
from pool import Layer
from transforms.in_force import create_unsettled

EARLIER_LIBRARIES = 3
"""So many earlier libraries are asked for results, the one last used first."""
MOST_LAYERS = 10
"""Results that would stand upon more files than this are written anew as one."""


class Kept(NamedTuple):
    """What becomes of inputs of the matcher: results by earlier libraries that hold by this one too, and inputs that have to be matched.

    below: libraries whose files of the same name hold, but for inputs that are matched. rows: results taken over one by one.
    held: how many inputs keep their results. left: the inputs to match.
    """

    below: Sequence[str]
    rows: pa.Table
    held: int
    left: pa.Table


def keep_results(connection: DuckDBPyConnection, context: Context, library: Library, name: str, inputs: pa.Table) -> Kept:
    """Find the results that `inputs` have by earlier libraries and that matching them by this one would give again.

    inputs: of the matcher, distinct; `record_id` is the key under which results are kept. name: that of the file for their results.
    Inputs with a result by this library are left out, where no file of that name is to stand upon.
    """
    earlier = _earlier_libraries(context, library, name)
    below, asked, again = _stand_upon(connection, context, earlier, library, name, inputs)
    known = _with_results(connection, context.pool.matches.layers(library.version, RULE_VERSION), inputs)
    rest = _without(_without(inputs, asked), known)
    asked_one_by_one, rows = rest.num_rows, [RESULT_SCHEMA.empty_table()]
    for other in earlier:
        known = results_of(connection, context.pool.matches.layers(other.version, RULE_VERSION), rest)
        if known.num_rows:
            holding = _holding(other, library, _among(rest, known), known)
            rows.append(_among(known, holding))
            rest = _without(rest, holding)
    held = asked.num_rows - again.num_rows + asked_one_by_one - rest.num_rows
    return Kept(below, pa.concat_tables(rows), held, pa.concat_tables([again, rest]))


def _earlier_libraries(context: Context, library: Library, name: str) -> list[Library]:
    """Libraries with results by these rules; the first has some under the name, if any does."""
    versions = [version for version in context.pool.matches.libraries(RULE_VERSION, name) if version != library.version]
    folders = context.pool.library
    return [Library(version, folders.folder(version)) for version in versions if folders.is_sealed(version)][:EARLIER_LIBRARIES]


def _stand_upon(
    connection: DuckDBPyConnection, context: Context, earlier: Sequence[Library], library: Library, name: str, inputs: pa.Table
) -> tuple[list[str], pa.Table, pa.Table]:
    """The libraries upon whose files of a name the new one can stand, the inputs that have results there, and those to be matched again.

    None where it would not be worth it, or where these files have results of other inputs: nobody can tell what has touched those.
    """
    nothing = inputs.slice(0, 0)
    matches = context.pool.matches
    if not earlier or not matches.holds(earlier[0].version, RULE_VERSION, name):
        return [], nothing, nothing
    layers = matches.layers_of(earlier[0].version, RULE_VERSION, name)
    known = results_of(connection, layers)
    asked = _among(inputs, known)
    if len(layers) >= MOST_LAYERS or asked.num_rows < pc.count_distinct(known.column("record_id")).as_py():
        return [], nothing, nothing
    again = _without(asked, _holding(earlier[0], library, asked, known))
    if 2 * again.num_rows > asked.num_rows:
        return [], nothing, nothing
    return [layer.library for layer in layers], asked, again


def _holding(earlier: Library, library: Library, inputs: pa.Table, results: pa.Table) -> pa.Table:
    """The inputs whose results by an earlier library hold by this one."""
    difference = _difference(earlier, library)
    if difference.change.is_total:
        return inputs.slice(0, 0)
    candidates = results.column("candidates").combine_chunks()
    owners = results.column("record_id").combine_chunks()
    unsettled = pa.concat_arrays(
        [
            owners.filter(pc.is_in(results.column("address_id").combine_chunks(), value_set=difference.unsettled)),
            owners.take(pc.list_parent_indices(candidates)).filter(
                pc.is_in(pc.struct_field(pc.list_flatten(candidates), "address_id"), value_set=difference.unsettled)
            ),
        ]
    )
    touched = pc.or_(pa.array(difference.change.touches(inputs)), pc.is_in(inputs.column("record_id"), value_set=unsettled))
    return inputs.filter(pc.invert(touched))


class _Difference(NamedTuple):
    """What tells two libraries apart: for the matcher, and for what becomes of results at addresses that have ended."""

    change: Change
    unsettled: pa.Array


@lru_cache(maxsize=EARLIER_LIBRARIES)
def _difference(earlier: Library, library: Library) -> _Difference:
    with duckdb.connect(":memory:") as connection:
        was, now = (f"read_parquet({sql_path(each.addresses)})" for each in (earlier, library))
        ids = connection.table(create_unsettled(connection, was, now)).to_arrow_table().column("address_id").combine_chunks()
    return _Difference(Change(earlier.index(), library.index()), ids)


def results_of(connection: DuckDBPyConnection, layers: Sequence[Layer], inputs: pa.Table | None = None) -> pa.Table:
    """Results (RESULT_SCHEMA) that stand in some files, of all inputs or of those given."""
    if not layers or (inputs is not None and not inputs.num_rows):
        return RESULT_SCHEMA.empty_table()
    if inputs is not None:
        connection.register("asked", inputs.select(["record_id"]))
    among = "" if inputs is None else "asked"
    found = connection.sql(f"SELECT * RENAME (input_key AS record_id) FROM ({results_in(layers, among)})").to_arrow_table()
    return found.select(RESULT_SCHEMA.names).cast(RESULT_SCHEMA)


def results_in(layers: Sequence[Layer], among: str = "", columns: str = "* EXCLUDE (height, filename)") -> str:
    """SQL of the results that stand in some files: of each input those of the highest file that has any.

    among: a relation with the `record_id` of the inputs asked for, all if none is given. columns: those of the results that are asked for.
    """
    asked = f"SEMI JOIN {among} ON input_key = {among}.record_id" if among else ""
    at = {height: [layer.path for layer in layers if layer.height == height] for height in {layer.height for layer in layers}}
    union = " UNION ALL ".join(
        f"SELECT *, {height} AS height FROM read_parquet([{', '.join(map(sql_path, paths))}], filename = TRUE) {asked}"
        for height, paths in at.items()
    )
    return f"""
        SELECT {columns} FROM ({union})
        QUALIFY dense_rank() OVER (PARTITION BY input_key ORDER BY height DESC, filename) = 1"""


def _with_results(connection: DuckDBPyConnection, layers: Sequence[Layer], inputs: pa.Table) -> pa.Table:
    """The `record_id` of those inputs that have results in some files."""
    if not layers or not inputs.num_rows:
        return inputs.select(["record_id"]).slice(0, 0)
    connection.register("asked", inputs.select(["record_id"]))
    files = ", ".join(sql_path(layer.path) for layer in layers)
    return connection.sql(
        f"SELECT record_id FROM asked SEMI JOIN read_parquet([{files}]) AS known ON record_id = input_key"
    ).to_arrow_table()


def _among(table: pa.Table, others: pa.Table) -> pa.Table:
    return table.filter(pc.is_in(table.column("record_id"), value_set=others.column("record_id").combine_chunks()))


def _without(table: pa.Table, others: pa.Table) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table.column("record_id"), value_set=others.column("record_id").combine_chunks())))
