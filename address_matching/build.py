"""Building the index of a library: look-up arrays from the tree of its addresses."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.address_ids import AddressIds
from address_matching.collector import collector_paused
from address_matching.compiled.surroundings import SEVERAL
from address_matching.compiled.tables import core_tables, label_tables
from address_matching.compiled.tree import LABEL_BITS
from address_matching.complete import completed, first_rows
from address_matching.context import core
from address_matching.index import ADDRESS_COLUMNS, AddressIndex
from address_matching.model import (
    ALIAS_SCHEMA,
    BUILDING,
    COMMUNITY,
    COMPOUND,
    HOUSE,
    LANE,
    LEVELS,
    NATURAL_VILLAGE,
    OF_ONE_ADDRESS,
    TOWN,
    UNIT,
    ZONE,
    LibraryError,
    Scope,
)
from address_matching.tokens import FIRST_DAY, LAST_DAY
from address_matching.tree import Ints, Tree, ancestors_at


@collector_paused()
def build_index(addresses: pa.Table, aliases: pa.Table | None, *, scope: Scope) -> AddressIndex:
    """Build the index of a library (completed if need be) and its aliases for an area. Raises LibraryError as `complete_library`."""
    library, tree = completed(addresses, scope)
    rows = first_rows(tree, library)
    validity = _validity(rows, library)
    nodes: dict[str, NDArray[Any]] = {
        "parent_of": tree.parent,
        "node_level": tree.level.astype(np.uint16),
        "label_of": tree.label,
        "town_of": ancestors_at(tree.parent, tree.level, TOWN),
        "community_of": _communities(tree),
        "name_node": np.flatnonzero(np.isin(tree.level, [*range(LANE), COMPOUND])).astype(np.int32),
        "detailed_towns": _detailed_towns(tree),
        **_child_arrays(tree),
        **validity,
        **_core_tables(tree, validity["node_valid_to"], scope),
        **label_tables([labels.names for labels in tree.labels]),
    }
    kept = [name for name in ADDRESS_COLUMNS if name in library.column_names]
    ids = AddressIds.of(library.column("address_id"), tree.node_of_row)
    return AddressIndex(nodes, library.select(kept).take(pa.array(rows)).combine_chunks(), ids, _conform_aliases(aliases), scope)


def _detailed_towns(tree: Tree) -> Ints:
    """Towns in which the library has anything finer than villages."""
    return np.unique(ancestors_at(tree.parent, tree.level, TOWN)[tree.level >= ZONE])


def _core_tables(tree: Tree, valid_to: Ints, scope: Scope) -> dict[str, NDArray[Any]]:
    """Compounds by town and the distinctive part of their names."""
    nodes = np.flatnonzero(tree.level == COMPOUND).astype(np.int32)
    labels = tree.labels[COMPOUND].names
    cores = [core(name, scope) for name in labels]
    is_settled = np.array([core(name, scope) == name for name in cores], bool)
    can_be_meant = is_settled[tree.label[nodes]] & (valid_to[nodes] == LAST_DAY)
    towns = ancestors_at(tree.parent, tree.level, TOWN)[nodes]
    return core_tables(labels, cores, tree.label[nodes], towns, np.where(can_be_meant, nodes, SEVERAL).astype(np.int32))


def _communities(tree: Tree) -> Ints:
    """Community node of each node, from its own row or else the rows below; -1 for none or several."""
    community = ancestors_at(tree.parent, tree.level, COMMUNITY)
    rows = (tree.node_of_row >= 0) & (tree.community_of_row >= 0)
    community[tree.node_of_row[rows]] = tree.community_of_row[rows]
    for level in range(len(LEVELS) - 1, HOUSE, -1):
        nodes = np.flatnonzero((tree.level == level) & (community >= 0) & (tree.parent >= 0))
        parents = tree.parent[nodes]
        lacking = (community[parents] < 0) & (tree.level[parents] >= HOUSE)
        community[parents[lacking]] = community[nodes[lacking]]
    return community


def _child_arrays(tree: Tree) -> dict[str, Ints]:
    """Children of each node sorted by (level, label), with short cuts over levels that texts leave out.

    Short cuts: from a house to what its compounds contain, and from a building (or compound) to the rooms of its units.
    """
    nodes = np.arange(len(tree.parent), dtype=np.int32)
    below = np.flatnonzero((tree.parent >= 0) & ((tree.level >= LANE) | (tree.level == NATURAL_VILLAGE)))
    sources, children = [tree.parent[below]], [nodes[below]]
    parent = tree.parent[below]
    grandparent = np.where(parent >= 0, tree.parent[parent], -1)
    over_compound = (tree.level[parent] == COMPOUND) & (grandparent >= 0) & (tree.level[grandparent] == HOUSE)
    over_unit = (tree.level[parent] == UNIT) & (grandparent >= 0) & (tree.level[grandparent] <= BUILDING)
    for skipped in (over_compound, over_unit):
        sources.append(grandparent[skipped])
        children.append(nodes[below[skipped]])
    source, child = np.concatenate(sources), np.concatenate(children)
    key = (tree.level[child].astype(np.int32) << LABEL_BITS) | tree.label[child]
    order = np.lexsort((child, key, source))
    counts = np.bincount(source, minlength=len(tree.parent))
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return {"child_start": start, "child_key": key[order].astype(np.int32), "child": child[order].astype(np.int32)}


def _validity(rows: Ints, library: pa.Table) -> dict[str, Ints]:
    validity = {}
    for name, default in (("valid_from", FIRST_DAY), ("valid_to", LAST_DAY)):
        days = pc.coalesce(library.column(name).cast(pa.int32()), pa.scalar(default, pa.int32())).combine_chunks().to_numpy()
        validity[f"node_{name}"] = days[rows].astype(np.int32)
    return validity


def _conform_aliases(aliases: pa.Table | None) -> pa.Table:
    if aliases is None:
        return ALIAS_SCHEMA.empty_table()
    for name in ("kind", "name", "alias"):
        if name not in aliases.column_names:
            raise LibraryError(f"别名表缺少必需的列 {name};请补上该列后重新导入。")
    columns = [
        aliases.column(field.name).cast(field.type) if field.name in aliases.column_names else pa.nulls(aliases.num_rows, field.type)
        for field in ALIAS_SCHEMA
    ]
    table = pa.table(columns, schema=ALIAS_SCHEMA)
    known = (*LEVELS, *OF_ONE_ADDRESS)
    for row, kind in enumerate(table.column("kind").to_pylist(), start=1):
        if kind not in known:
            raise LibraryError(f"别名表第 {row} 行的 kind 是“{kind}”;只能是 {'、'.join(known)} 之一。")
    return table.filter(pc.and_(pc.is_valid(table.column("name")), pc.is_valid(table.column("alias"))))
