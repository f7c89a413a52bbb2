"""What differs between two versions of a library: the rows added, removed or changed, and every row that lies below one of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.model import COMMUNITY, COMPONENTS, COMPOUND, LEVELS, NATURAL_VILLAGE, ROAD, TOWN, ZONE, Scope

NAMED_LEVELS = (COMMUNITY, NATURAL_VILLAGE, ZONE, ROAD, COMPOUND)
"""Levels below the town whose component is a name."""

_DIVISIONS = pa.array(LEVELS[: TOWN + 1])
_SEPARATOR = "\x1f"
Flags = NDArray[np.bool_]


class LibraryVersion(NamedTuple):
    """A library as `build_index` takes it: completed addresses (LIBRARY_SCHEMA, perhaps further columns), aliases (ALIAS_SCHEMA), scope."""

    addresses: pa.Table
    aliases: pa.Table
    scope: Scope


class ChangedRows(NamedTuple):
    """Rows in their old and new state that differ or lie below one that does, and alias rows that differ.

    `is_total`: the change bears on all texts, since divisions have changed, or how deep the library goes in a town.
    """

    addresses: pa.Table
    aliases: pa.Table
    is_total: bool


def changed_rows(old: LibraryVersion, new: LibraryVersion) -> ChangedRows:
    """Compare two versions row by row, told by `address_id`; aliases as whole rows.

    What a row says may bear on all that lies below it: on its code, on the common parent of candidates. So those rows count as changed too,
    and so does a row that gets its first row below or loses its last.
    """
    aliases = pa.concat_tables([_rows_missing_from(one, other) for one, other in _both_ways(old.aliases, new.aliases)])
    before, after = _differing(old.addresses, new.addresses)
    differing = pa.concat_tables([_essential(old.addresses, before), _essential(new.addresses, after)])
    detailed = [_detailed_towns(version.addresses) for version in (old, new)]
    if _has_division(differing, "level") or _has_division(aliases, "kind") or detailed[0] != detailed[1]:
        return ChangedRows(differing, aliases, is_total=True)
    parents = _first_or_last_below(old.addresses, new.addresses, differing)
    before |= _are(old.addresses, parents)
    after |= _are(new.addresses, parents)
    states = [
        _essential(addresses, flags | _below(addresses, flags, differing))
        for addresses, flags in ((old.addresses, before), (new.addresses, after))
    ]
    return ChangedRows(pa.concat_tables(states), aliases, is_total=False)


def _both_ways(one: pa.Table, other: pa.Table) -> list[tuple[pa.Table, pa.Table]]:
    return [(one, other), (other, one)]


def _has_division(table: pa.Table, column: str) -> bool:
    return bool(pc.any(pc.is_in(table.column(column), value_set=_DIVISIONS), min_count=0).as_py())


def _detailed_towns(addresses: pa.Table) -> set[tuple[str, ...]]:
    """Towns in which the library has more than villages."""
    finer = addresses.filter(pc.is_in(addresses.column("level"), value_set=pa.array(LEVELS[ZONE:])))
    towns = finer.select(list(COMPONENTS[: TOWN + 1])).group_by(list(COMPONENTS[: TOWN + 1])).aggregate([])
    return {tuple(row.values()) for row in towns.to_pylist()}


def _essential(addresses: pa.Table, flags: Flags) -> pa.Table:
    names = ["address_id", "parent_id", "level", *COMPONENTS]
    return addresses.select(names).filter(pa.array(flags))


def _differing(old: pa.Table, new: pa.Table) -> tuple[Flags, Flags]:
    """Flag the rows of each table that the other lacks or has otherwise."""
    position = pc.index_in(new.column("address_id"), value_set=old.column("address_id").combine_chunks()).combine_chunks()
    kept = np.flatnonzero(position.is_valid().to_numpy(zero_copy_only=False))
    origin = position.drop_null().to_numpy()
    differs = np.zeros(len(kept), dtype=bool)
    for name in dict.fromkeys((*old.column_names, *new.column_names)):
        if name not in old.column_names or name not in new.column_names:
            known = old if name in old.column_names else new
            differs |= known.column(name).take(origin if known is old else kept).is_valid().to_numpy()
            continue
        differs |= _unequal(old.column(name).take(pa.array(origin)), new.column(name).take(pa.array(kept)))
    before, after = np.ones(old.num_rows, dtype=bool), np.ones(new.num_rows, dtype=bool)
    before[origin[~differs]] = False
    after[kept[~differs]] = False
    return before, after


def _unequal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Flags:
    """Flag positions with different values; null equals null."""
    differs = pc.fill_null(pc.not_equal(one, other), False).to_numpy()
    nulls: Flags = one.is_null().to_numpy() != other.is_null().to_numpy()
    unequal: Flags = np.logical_or(differs, nulls)
    return unequal


def _rows_missing_from(table: pa.Table, other: pa.Table) -> pa.Table:
    known = {tuple(row.values()) for row in other.to_pylist()}
    return table.filter(pa.array([tuple(row.values()) not in known for row in table.to_pylist()], pa.bool_()))


def _below(addresses: pa.Table, changed: Flags, differing: pa.Table) -> Flags:
    """Flag rows below the differing ones, by `parent_id`, and by the name where a row gives no parent or another one."""
    below = np.zeros(addresses.num_rows, dtype=bool)
    for level in NAMED_LEVELS:
        own = differing.filter(pc.equal(differing.column("level"), LEVELS[level]))
        if own.num_rows:
            below |= _share(addresses, own, [COMPONENTS[TOWN], COMPONENTS[level]])
    ids = pc.unique(pa.concat_arrays([*_chunks(differing, "address_id"), *_chunks(addresses.filter(pa.array(below)), "address_id")]))
    while len(ids):
        children = pc.is_in(addresses.column("parent_id"), value_set=ids).to_numpy() & ~below
        below |= children
        ids = addresses.column("address_id").filter(pa.array(children & ~changed)).combine_chunks()
    return below


def _first_or_last_below(old: pa.Table, new: pa.Table, differing: pa.Table) -> pa.Array:
    """Ids of the rows that have rows below in one version alone."""
    parents = pc.unique(differing.column("parent_id").combine_chunks()).drop_null()
    before, after = (pc.is_in(parents, value_set=addresses.column("parent_id").combine_chunks()) for addresses in (old, new))
    return parents.filter(pc.xor(before, after))


def _are(addresses: pa.Table, ids: pa.Array) -> Flags:
    """Flag rows with these ids, towns and coarser aside."""
    divisions = pc.is_in(addresses.column("level"), value_set=_DIVISIONS).to_numpy()
    found: Flags = pc.is_in(addresses.column("address_id"), value_set=ids).to_numpy() & ~divisions
    return found


def _chunks(table: pa.Table, column: str) -> list[pa.Array]:
    return [table.column(column).combine_chunks()]


def _share(addresses: pa.Table, own: pa.Table, columns: Sequence[str]) -> Flags:
    """Flag rows that have in these columns what one of `own` has."""
    last = columns[-1]
    found: Flags = (
        pc.is_in(addresses.column(last), value_set=own.column(last).combine_chunks()).to_numpy()
        & addresses.column(last).is_valid().to_numpy()
    )
    at = np.flatnonzero(found)
    keys = [
        pc.binary_join_element_wise(*(pc.fill_null(table.column(name), "") for name in columns), _SEPARATOR)
        for table in (addresses.take(pa.array(at)), own)
    ]
    found[at] = pc.is_in(keys[0], value_set=keys[1].combine_chunks()).to_numpy()
    return found
