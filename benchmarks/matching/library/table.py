"""The library and its aliases as Arrow tables of the matching contract."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching import LEVELS
from address_matching.model import ALIAS_SCHEMA, LIBRARY_SCHEMA
from benchmarks.matching.chance import Ints
from benchmarks.matching.library.draft import Alias
from benchmarks.matching.library.nodes import COMPONENTS, LEVEL, Library

CODE = "330381"


def library_table(library: Library) -> pa.Table:
    """All rows, in LIBRARY_SCHEMA."""
    columns = {component: _strings(library, number) for number, component in enumerate(COMPONENTS)}
    columns["address_id"] = _ids(np.arange(len(library)))
    columns["parent_id"] = pc.if_else(pa.array(library.parent < 0), None, _ids(library.parent))
    columns["level"] = pa.DictionaryArray.from_arrays(pa.array(library.level.astype(np.int8)), pa.array(LEVELS)).cast(pa.string())
    columns["full_text"] = full_texts(library, columns)
    columns["status"] = pa.array(["在用"]).take(pa.array(np.zeros(len(library), dtype=np.int8)))
    arrays = [columns.get(field.name, pa.nulls(len(library), field.type)) for field in LIBRARY_SCHEMA]
    return pa.table(arrays, schema=LIBRARY_SCHEMA)


def full_texts(library: Library, columns: dict[str, pa.Array]) -> pa.Array:
    """Standard texts: the community stands where neither road nor zone does, the floor only in rows of floors."""
    on_way = (library.codes[LEVEL["road"]] >= 0) | (library.codes[LEVEL["zone"]] >= 0)
    parts = []
    for level, component in zip(LEVELS, COMPONENTS, strict=True):
        values = columns[component]
        if level == "community":
            values = pc.if_else(pa.array(on_way), None, values)
        if level == "floor":
            values = pc.if_else(pa.array(library.level == LEVEL["floor"]), values, None)
        parts.append(values)
    return pc.binary_join_element_wise(*parts, "", null_handling="skip")


def alias_table(aliases: Sequence[Alias]) -> pa.Table:
    """All aliases, in ALIAS_SCHEMA."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    columns = {
        "kind": [alias.kind for alias in aliases],
        "within": [alias.within or None for alias in aliases],
        "name": [alias.name for alias in aliases],
        "alias": [alias.alias for alias in aliases],
        "valid_from": [day(alias.valid_from) for alias in aliases],
        "valid_to": [day(alias.valid_to) for alias in aliases],
    }
    return pa.table({name: pa.array(values, ALIAS_SCHEMA.field(name).type) for name, values in columns.items()}, schema=ALIAS_SCHEMA)


def _strings(library: Library, component: int) -> pa.Array:
    codes = library.codes[component]
    words = pa.array(library.words[component] or [""], pa.string())
    return words.take(pa.array(codes.astype(np.int32), mask=codes < 0))


def _ids(nodes: Ints) -> pa.Array:
    return pc.binary_join_element_wise(CODE, pc.utf8_lpad(pa.array(np.maximum(nodes, 0)).cast(pa.string()), 9, padding="0"), "")
