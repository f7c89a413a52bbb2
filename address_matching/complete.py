"""A whole library from a bare one: components read from the full text, missing parents made."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching.compiled.hashing import count_distinct, hashes_of_strings
from address_matching.model import (
    BUILDING,
    COMMUNITY,
    COMPONENTS,
    FLOOR,
    HOUSE,
    LEVELS,
    LIBRARY_SCHEMA,
    ROOM,
    UNIT,
    LibraryError,
    Scope,
)
from address_matching.standard_text import read_standard_text
from address_matching.tree import Ints, Tree, ancestors_at, build_tree, row_levels

_UNIT_WORDS = {HOUSE: "号", BUILDING: "幢", UNIT: "单元", FLOOR: "层", ROOM: "室"}


def complete_library(addresses: pa.Table, *, scope: Scope | None = None) -> pa.Table:
    """Return the library with every component and every parent, in the columns of the contract (further columns are kept).

    Needs `address_id`, `level`, `full_text`. Rows whose component at their own level is null are read from `full_text`;
    divisions left out are filled from `scope`; rows are added for parents that are missing, their ids made from their path.
    Raises LibraryError for missing columns, empty or repeated ids and unknown levels.
    """
    library, tree = completed(addresses, scope)
    return _fill_parents(library, tree).combine_chunks()


def completed(addresses: pa.Table, scope: Scope | None) -> tuple[pa.Table, Tree]:
    """`complete_library` but for the ids of parents, with the tree that stands for them."""
    library = _conform(addresses)
    _check(library)
    library = _fill_scope(_fill_components(library), scope)
    tree = build_tree(library)
    made, nodes = _made_rows(library, tree)
    library = pa.concat_tables([library, made], promote_options="default") if len(nodes) else library
    tree = replace(
        tree,
        node_of_row=np.concatenate([tree.node_of_row, nodes]),
        community_of_row=np.concatenate([tree.community_of_row, ancestors_at(tree.parent, tree.level, COMMUNITY)[nodes]]),
    )
    return library, tree


def _conform(addresses: pa.Table) -> pa.Table:
    for name in ("address_id", "level", "full_text"):
        if name not in addresses.column_names:
            raise LibraryError(f"标准地址库缺少必需的列 {name};请补上该列后重新导入。")
    columns = {}
    for field in LIBRARY_SCHEMA:
        if field.name in addresses.column_names:
            columns[field.name] = addresses.column(field.name).cast(field.type)
        else:
            columns[field.name] = pa.nulls(addresses.num_rows, field.type)
    for name in addresses.column_names:
        if name not in columns:
            columns[name] = addresses.column(name)
    return pa.table(columns)


def _check(library: pa.Table) -> None:
    ids = library.column("address_id")
    if ids.null_count:
        row = pc.index(pc.is_null(ids), True).as_py()
        raise LibraryError(f"标准地址库第 {row + 1} 行的 address_id 为空;每个地址须有编号。")
    known = pc.is_in(library.column("level"), value_set=pa.array(LEVELS))
    if not pc.all(known, min_count=0).as_py():
        row = pc.index(known, False).as_py()
        level = library.column("level")[row].as_py()
        raise LibraryError(f"标准地址库第 {row + 1} 行的 level 是“{level}”;只能是 {'、'.join(LEVELS)} 之一。")
    if count_distinct(hashes_of_strings(ids.combine_chunks())) != library.num_rows:
        counts = pc.value_counts(ids.combine_chunks())
        repeated = next((entry["values"].as_py() for entry in counts if entry["counts"].as_py() > 1), None)
        if repeated is not None:  # else two ids happen to have one hash
            raise LibraryError(f"标准地址库的编号 {repeated} 出现不止一次;编号须唯一,请删去或更正重复的行。")


def _fill_components(library: pa.Table) -> pa.Table:
    missing = _rows_to_read(library)
    if not len(missing):
        return library
    wanted = library.take(pa.array(missing))
    texts = wanted.column("full_text").to_pylist()
    levels = wanted.column("level").to_pylist()
    read = [read_standard_text(text or "", level) for text, level in zip(texts, levels, strict=True)]
    for level, component in enumerate(COMPONENTS):
        values = np.array(library.column(component).to_pylist(), dtype=object)
        found = np.array([parts[level] for parts in read], dtype=object)
        empty = np.array([value is None for value in values[missing]], dtype=bool)
        values[missing] = np.where(empty, found, values[missing])
        library = _replace(library, component, pa.array(values, pa.string()))
    return library


def _rows_to_read(library: pa.Table) -> Ints:
    """Rows whose component at their own level is null."""
    incomplete = np.zeros(library.num_rows, dtype=bool)
    levels = library.column("level")
    for level, component in zip(LEVELS, COMPONENTS, strict=True):
        null = pc.and_(pc.equal(levels, level), pc.is_null(library.column(component)))
        incomplete |= null.to_numpy()
    return np.flatnonzero(incomplete).astype(np.int32)


def _fill_scope(library: pa.Table, scope: Scope | None) -> pa.Table:
    if scope is None:
        return library
    library = _read_as_city(library, scope)
    finer = row_levels(library)
    for level, value in enumerate((scope.province, scope.city, scope.county)):
        if value:
            column = library.column(COMPONENTS[level])
            fillable = pa.array(finer >= level)
            filled = pc.if_else(pc.and_(pc.is_null(column), fillable), value, column)
            library = _replace(library, COMPONENTS[level], filled)
    return library


def _read_as_city(library: pa.Table, scope: Scope) -> pa.Table:
    """Where the area has no counties, its city that was read from a text alone as a county: 市 ends the names of both."""
    if not scope.city or scope.county:
        return library
    city, county = library.column("city"), library.column("county")
    is_city = pc.and_(pc.is_null(city), pc.fill_null(pc.equal(county, scope.city), False))
    library = _replace(library, "city", pc.if_else(is_city, scope.city, city))
    return _replace(library, "county", pc.if_else(is_city, None, county))


def _made_rows(library: pa.Table, tree: Tree) -> tuple[pa.Table, Ints]:
    """Rows for nodes that no library row stands for, and these nodes."""
    have = np.zeros(len(tree.parent), dtype=bool)
    have[tree.node_of_row[tree.node_of_row >= 0]] = True
    missing = np.flatnonzero(~have).astype(np.int32)
    columns: dict[str, list[str | None]] = {name: [] for name in (*COMPONENTS, "address_id", "level", "full_text")}
    for node in missing.tolist():
        spellings = node_spellings(tree, node)
        for level, component in enumerate(COMPONENTS):
            columns[component].append(spellings[level])
        level_name = LEVELS[int(tree.level[node])]
        columns["level"].append(level_name)
        columns["full_text"].append(full_text(spellings))
        columns["address_id"].append(_made_id(level_name, tree, node))
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), missing


def node_spellings(tree: Tree, node: int) -> list[str | None]:
    """Return the components of a node, one for each level, as the library spells them."""
    spellings: list[str | None] = [None] * len(LEVELS)
    while node >= 0:
        level = int(tree.level[node])
        spellings[level] = tree.labels[level].spellings[int(tree.label[node])]
        node = int(tree.parent[node])
    return spellings


def full_text(spellings: Sequence[str | None]) -> str:
    """Join components to one text; a bare number gets its unit word."""
    parts = []
    for level, value in enumerate(spellings):
        if value:
            word = _UNIT_WORDS.get(level, "")
            parts.append(value + word if word and value[-1] in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" else value)
    return "".join(parts)


def _made_id(level_name: str, tree: Tree, node: int) -> str:
    path = []
    while node >= 0:
        level = int(tree.level[node])
        path.append(f"{LEVELS[level]}={tree.labels[level].names[int(tree.label[node])]}")
        node = int(tree.parent[node])
    digest = blake2b("/".join(reversed(path)).encode(), digest_size=8).hexdigest()
    return f"{level_name}-{digest}"


def _fill_parents(library: pa.Table, tree: Tree) -> pa.Table:
    if not library.column("parent_id").null_count:
        return library
    row_of_node = first_rows(tree, library)
    nodes = tree.node_of_row
    parents = np.where(nodes >= 0, tree.parent[np.maximum(nodes, 0)], -1)
    rows = np.where(parents >= 0, row_of_node[np.maximum(parents, 0)], -1)
    indices = pa.array(rows, mask=rows < 0)
    ids = library.column("address_id").combine_chunks().take(indices)
    filled = pc.coalesce(library.column("parent_id"), ids)
    return _replace(library, "parent_id", filled)


def first_rows(tree: Tree, library: pa.Table) -> Ints:
    """Return for each node its row: the one in force without end, then the latest, then the smallest id; -1 for none."""
    row_of_node = np.full(len(tree.parent), -1, dtype=np.int32)
    rows = np.flatnonzero(tree.node_of_row >= 0)
    row_of_node[tree.node_of_row[rows]] = rows
    several = np.bincount(tree.node_of_row[rows], minlength=len(row_of_node)) > 1
    rivals = rows[several[tree.node_of_row[rows]]]
    if len(rivals):
        ranked = rivals[_ranks(library.take(pa.array(rivals)))]
        row_of_node[tree.node_of_row[ranked]] = ranked
    return row_of_node


def _ranks(rows: pa.Table) -> Ints:
    """Order of rows by validity and id, the one that counts last."""
    end = pc.coalesce(rows.column("valid_to"), pa.scalar(2932896, pa.int32()).cast(pa.date32()))
    keys = pa.table({"end": end, "id": rows.column("address_id")})
    order: Ints = pc.sort_indices(keys, sort_keys=[("end", "ascending"), ("id", "descending")]).to_numpy()
    return order


def _replace(library: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return library.set_column(library.column_names.index(name), name, values)
