"""What the library that stands says against a delivery that is to change it."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from address_matching import Scope, complete_library
from address_matching.components import component_key
from flow.context import Context
from flow.library import ADDRESS_CHANGES, Library
from schemas.contract import Contract, pool_contracts
from transforms.check import OBJECTIONS, Objections
from transforms.library_edits import component_of
from transforms.objections import Objection, address_objections, alias_objections, levels


def library_objections(context: Context, library: Library, contract: Contract) -> Objections:
    """The objections of a library to the rows of a dataset of changes, as the check of rows takes them."""

    def object_to(accepted: pa.Table) -> pa.Table:
        if not accepted.num_rows:
            return OBJECTIONS.empty_table()
        addresses = pq.read_table(library.addresses)
        if contract.id == ADDRESS_CHANGES:
            return _table(_to_addresses(completed_changes(context, addresses, accepted), accepted, addresses))
        return _table(_to_aliases(accepted, addresses))

    return object_to


def completed_changes(context: Context, addresses: pa.Table, accepted: pa.Table) -> pa.Table:
    """Changed addresses as they will stand in the library, in their order, then the parents that have to be made for them.

    accepted: rows of a dataset of changes. Components come from the full text where they are missing, parents from the library around them.
    """
    columns = [column.name for column in pool_contracts()["address"].columns]
    received = accepted.select(columns)
    alone = complete_library(received, scope=Scope(**context.city.scope)).slice(0, received.num_rows)
    alone = alone.set_column(alone.column_names.index("parent_id"), "parent_id", received["parent_id"].cast(pa.string()))
    around = _around(addresses, alone)
    others = around.filter(pc.invert(pc.is_in(around["address_id"], value_set=_values(alone["address_id"]))))
    whole = complete_library(pa.concat_tables([alone.select(columns), others.select(columns)]))
    made = whole.slice(alone.num_rows + others.num_rows)
    needed = made.filter(pc.is_in(made["address_id"], value_set=_values(_lineage(whole, alone.num_rows))))
    return pa.concat_tables([whole.slice(0, alone.num_rows), needed])


def _lineage(whole: pa.Table, count: int) -> pa.ChunkedArray:
    """The parents, and theirs, of the first rows of a library."""
    parent_of = dict(zip(whole["address_id"].to_pylist(), whole["parent_id"].to_pylist(), strict=True))
    found: dict[str, None] = {}
    for parent in whole["parent_id"].slice(0, count).to_pylist():
        while parent is not None and parent not in found:
            found[parent] = None
            parent = parent_of.get(parent)
    return pa.chunked_array([pa.array(found, pa.string())])


def _around(addresses: pa.Table, rows: pa.Table) -> pa.Table:
    """The part of a library that rows may have to do with: their towns, what lies above, whatever they name by its id."""
    in_towns = pc.is_in(addresses["town"], value_set=_values(rows["town"]))
    above = pc.is_null(addresses["town"])
    named = pc.is_in(addresses["address_id"], value_set=_values(rows["address_id"], rows["parent_id"]))
    return addresses.filter(pc.or_(pc.or_(in_towns, above), named))


def _to_addresses(completed: pa.Table, accepted: pa.Table, addresses: pa.Table) -> list[Objection]:
    rows = completed.slice(0, accepted.num_rows).to_pylist()
    received = zip(*(accepted[name].to_pylist() for name in ("sheet", "row", "parent_id")), strict=True)
    for row, (sheet, number, stated) in zip(rows, received, strict=True):
        row |= {"sheet": sheet, "row": number, "stated_parent": stated}
    ids = _values(completed["address_id"])
    parents = _values(completed["parent_id"])
    held = addresses.filter(pc.is_in(addresses["address_id"], value_set=ids))["address_id"].to_pylist()
    beside = pc.or_(pc.is_in(addresses["parent_id"], value_set=parents), pc.is_in(addresses["address_id"], value_set=parents))
    standing = addresses.filter(pc.and_(beside, pc.invert(pc.is_in(addresses["address_id"], value_set=ids))))
    return address_objections(rows, {row["address_id"]: row for row in standing.to_pylist()}, set(held), component_key)


def _to_aliases(accepted: pa.Table, addresses: pa.Table) -> list[Objection]:
    rows = accepted.select(["sheet", "row", "kind", "within", "name", "alias"]).to_pylist()
    ids = pc.is_in(addresses["address_id"], value_set=pa.array([row["name"] for row in rows], pa.string()))
    return alias_objections(
        rows, _names(addresses, {row["kind"] for row in rows}), set(addresses.filter(ids)["address_id"].to_pylist()), component_key
    )


def _names(addresses: pa.Table, kinds: Iterable[str]) -> Mapping[str, set[str]]:
    found = {}
    for level in set(kinds) & set(levels()):
        names = addresses.filter(pc.equal(addresses["level"], level))[component_of(level)].unique().to_pylist()
        found[level] = {component_key(level, name) for name in names}
    return found


def _values(*columns: pa.ChunkedArray) -> pa.Array:
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string()).unique().drop_null()


def _table(found: list[Objection]) -> pa.Table:
    return pa.Table.from_pylist([objection._asdict() for objection in found], schema=OBJECTIONS)
