"""Building the index of a library: look-up arrays from the tree of its addresses."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching.complete import complete_library, first_rows
from address_matching.index import LABEL_BITS, AddressIndex
from address_matching.model import (
    ALIAS_SCHEMA,
    BUILDING,
    COMMUNITY,
    COMPOUND,
    HOUSE,
    LANE,
    LEVELS,
    NATURAL_VILLAGE,
    TOWN,
    UNIT,
    LibraryError,
    Scope,
)
from address_matching.tokens import FIRST_DAY, LAST_DAY
from address_matching.tree import Ints, Tree, ancestors_at, build_tree


def build_index(addresses: pa.Table, aliases: pa.Table | None, *, scope: Scope) -> AddressIndex:
    """Build the index of a library (completed if need be) and its aliases for an area. Raises LibraryError as `complete_library`."""
    library = complete_library(addresses, scope=scope)
    tree = build_tree(library)
    arrays = {
        "parent": tree.parent,
        "level": tree.level,
        "row": first_rows(tree, library),
        "row_node": tree.node_of_row,
        "town": ancestors_at(tree.parent, tree.level, TOWN),
        "community": _communities(tree),
        "name_node": np.flatnonzero(np.isin(tree.level, [*range(LANE), COMPOUND])).astype(np.int32),
        "label": tree.label,
        **_child_arrays(tree),
        **_validity(tree, library),
    }
    return AddressIndex(library, _conform_aliases(aliases), scope, arrays, [labels.names for labels in tree.labels])


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
    return {"start": start, "key": key[order].astype(np.int32), "child": child[order].astype(np.int32)}


def _validity(tree: Tree, library: pa.Table) -> dict[str, Ints]:
    rows = first_rows(tree, library)
    validity = {}
    for name, default in (("valid_from", FIRST_DAY), ("valid_to", LAST_DAY)):
        days = pc.coalesce(library.column(name).cast(pa.int32()), pa.scalar(default, pa.int32())).combine_chunks().to_numpy()
        validity[name] = days[rows].astype(np.int32)
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
    known = (*LEVELS, "address")
    for row, kind in enumerate(table.column("kind").to_pylist(), start=1):
        if kind not in known:
            raise LibraryError(f"别名表第 {row} 行的 kind 是“{kind}”;只能是 {'、'.join(known)} 之一。")
    return table.filter(pc.and_(pc.is_valid(table.column("name")), pc.is_valid(table.column("alias"))))
