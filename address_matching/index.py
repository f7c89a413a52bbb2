"""The address index: library, look-up arrays and vocabulary; immutable, saved to and memory-mapped from a folder."""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from address_matching.address_ids import AddressIds
from address_matching.canonical import canonical
from address_matching.collector import collector_paused
from address_matching.compiled.layout import Packed, unpacked
from address_matching.compiled.tables import enter_aliases, quick_tables
from address_matching.compiled.tree import LABEL_BITS
from address_matching.misspelt import MisspeltNames
from address_matching.model import (
    COUNTY,
    LEVELS,
    OF_ONE_ADDRESS,
    RULE_VERSION,
    TOWN,
    LibraryError,
    Scope,
)
from address_matching.normalise import normalise
from address_matching.parse import parse
from address_matching.tokens import FIRST_DAY, LAST_DAY
from address_matching.tree import Ints
from address_matching.vocabulary import AddressAlias, Alias, Vocabulary, build_vocabulary

ADDRESS_COLUMNS = ("address_id", "full_text", "lon", "lat", "division_code")
"""What an index keeps of the library's rows, one row a node."""

_TEXTS_TOGETHER = 20_000
"""Full texts are only read by people; they lie compressed, so many at a time."""
_PLATE = re.compile("[0-9]号?$")
_PACKED = ("small", "ints", "keys", "at", "size")
Ints64 = NDArray[np.int64]
Flags = NDArray[np.bool_]


class AddressIndex:
    """What `match` needs of a library: nodes with numbers as their children by (level, label), names in `vocabulary`.

    nodes: tables of compiled/layout.py by name; addresses: ADDRESS_COLUMNS, one row a node.
    """

    def __init__(
        self,
        nodes: Mapping[str, NDArray[Any]],
        addresses: pa.Table,
        ids: AddressIds,
        aliases: pa.Table,
        scope: Scope,
        quick: Packed | None = None,
    ) -> None:
        self.addresses = addresses
        self.aliases = aliases
        self.scope = scope
        self._nodes = nodes
        self._ids = ids
        self._quick = quick
        self._texts: Path | None = None
        self._read_texts: dict[int, pa.ChunkedArray] = {}
        self.parent = nodes["parent_of"].data
        self.level = nodes["node_level"].data
        self.town = nodes["town_of"].data
        self.community = nodes["community_of"].data
        self.valid_from = nodes["node_valid_from"].data
        self.valid_to = nodes["node_valid_to"].data
        self._label = nodes["label_of"].data
        self._start = nodes["child_start"].data
        self._key = nodes["child_key"].data
        self._child = nodes["child"].data

    @cached_property
    def labels(self) -> list[list[str]]:
        """For each level its labels."""
        text = self._nodes["label_text"].tobytes().decode("utf-16-le")
        ends = self._nodes["label_start"].tolist()
        base = self._nodes["label_base"].tolist()
        return [[text[ends[at] : ends[at + 1]] for at in range(first, last)] for first, last in pairwise(base)]

    @cached_property
    @collector_paused()
    def quick(self) -> Packed:
        """The tables of the quick reader."""
        if self._quick is None:
            of_addresses = pc.sum(pc.is_in(self.aliases.column("kind"), pa.array(OF_ONE_ADDRESS))).as_py() or 0
            self._quick = quick_tables(self._nodes, self.vocabulary, of_addresses)
            enter_aliases(self._quick, [*self.address_aliases, *self.text_aliases])
        return self._quick

    @cached_property
    def label_numbers(self) -> list[dict[str, int]]:
        """For each level the number of each label."""
        return [{label: number for number, label in enumerate(labels)} for labels in self.labels]

    @cached_property
    @collector_paused()
    def vocabulary(self) -> Vocabulary:
        names = list(self._names())
        by_name = {(level, name): nodes for level, name, nodes in names}
        vocabulary = build_vocabulary(names, self._resolved_aliases(by_name), self.scope.neighbours)
        vocabulary.town_of = self.town
        return vocabulary

    def children(self, node: int, level: int, label: str) -> list[int]:
        """Return the nodes directly below (or below a level that texts leave out) with a label."""
        number = self.label_numbers[level].get(label)
        if number is None:
            return []
        wanted = level << LABEL_BITS | number
        end = self._start[node + 1]
        position = bisect_left(self._key, wanted, self._start[node], end)
        found = []
        while position < end and self._key[position] == wanted:
            found.append(self._child[position])
            position += 1
        return found

    def children_at(self, node: int, level: int) -> list[int]:
        """Return all children of a node at a level."""
        end = self._start[node + 1]
        position = bisect_left(self._key, level << LABEL_BITS, self._start[node], end)
        last = bisect_left(self._key, (level + 1) << LABEL_BITS, position, end)
        return [self._child[at] for at in range(position, last)]

    @property
    def label_of(self) -> Ints:
        """For each node the number of its label among those of its level."""
        return np.asarray(self._label, dtype=np.int32)

    def label(self, node: int) -> str:
        """Return the canonical label of a node."""
        return self.labels[self.level[node]][self._label[node]]

    def ancestor(self, node: int, level: int) -> int:
        """Return the ancestor (or the node itself) at a level, -1 for none."""
        while node >= 0 and self.level[node] > level:
            node = self.parent[node]
        return node if node >= 0 and self.level[node] == level else -1

    @cached_property
    def misspelt(self) -> MisspeltNames:
        return MisspeltNames(self.vocabulary, self.quick)

    @cached_property
    def address_aliases(self) -> dict[str, tuple[AddressAlias, ...]]:
        """Aliases of single addresses (kind `address`) by their normalised text below the town."""
        found: dict[str, tuple[AddressAlias, ...]] = {}
        for text, alias in self._aliases_of_kind("address"):
            places = parse(text, self.vocabulary, self.misspelt, None).places
            if places:
                key = "".join(places[0].plain)
                found[key] = (*found.get(key, ()), alias)
        return found

    @cached_property
    def text_aliases(self) -> dict[str, tuple[AddressAlias, ...]]:
        """Whole texts (kind `text`), normalised, of which people have said what address they mean."""
        found: dict[str, tuple[AddressAlias, ...]] = {}
        for text, alias in self._aliases_of_kind("text"):
            found[text] = (*found.get(text, ()), alias)
        return found

    def _aliases_of_kind(self, kind: str) -> Iterator[tuple[str, AddressAlias]]:
        for entry in self.aliases.filter(pc.equal(self.aliases.column("kind"), kind)).to_pylist():
            node, text = self.node_of_id(entry["name"]), normalise(entry["alias"])
            if node >= 0:
                days = _day(entry["valid_from"], FIRST_DAY), _day(entry["valid_to"], LAST_DAY)
                yield text, AddressAlias(node, *days, _PLATE.search(text) is not None)

    def node_of_id(self, address_id: str) -> int:
        """Return the node of an address id, -1 if the library has none."""
        return self._ids.node(address_id)

    def nodes_of_ids(self, ids: pa.StringArray) -> Ints64:
        """Return the nodes of many address ids, -1 where the library has none."""
        return self._ids.nodes_of(ids)

    def address_ids(self, nodes: Ints64, absent: Flags) -> pa.Array:
        """Return the ids of nodes, null where `absent`."""
        if not self.addresses.num_rows:
            return pa.nulls(len(nodes), pa.string())
        return self.addresses.column("address_id").chunk(0).take(pa.array(np.where(absent, 0, nodes), mask=absent))

    def levels_of(self, nodes: Ints64) -> Ints:
        levels = self._nodes["node_level"]
        return np.asarray(levels[np.maximum(nodes, 0)], dtype=np.int32) if len(levels) else np.zeros(len(nodes), dtype=np.int32)

    def is_under(self, node: int, above: int) -> bool:
        """Whether a node is another or lies below it."""
        while node > above:
            node = self.parent[node]
        return node == above

    def common(self, nodes: Sequence[int]) -> int:
        """Return the deepest node above all of several (above one: its parent), -1 if that is coarser than a county."""
        node = self.parent[nodes[0]] if len(nodes) == 1 else nodes[0]
        while node >= 0 and not all(self.is_under(other, node) for other in nodes):
            node = self.parent[node]
        return node if node >= 0 and self.level[node] >= COUNTY else -1

    def is_named(self, node: int, name: str) -> bool:
        """Whether a name means a node."""
        senses = self.vocabulary.senses.get(canonical(self.level[node], name), ())
        return any(node in sense.nodes for sense in senses)

    def has_division_code(self, node: int, code: str) -> bool:
        """Whether a division code (of county, town or community) is that of a division above the node."""
        if not self._division_codes:
            return False
        while node >= 0:
            own = self._division_codes.get(node, "")
            if own:
                shorter = min(len(own.rstrip("0")), len(code.rstrip("0")))
                return shorter > 6 and own[:9] == code[:9] and (len(own.rstrip("0")) <= 9 or own[:shorter] == code[:shorter])
            node = self.parent[node]
        return False

    @cached_property
    def _division_codes(self) -> dict[int, str]:
        if "division_code" not in self.addresses.column_names:
            return {}
        return {node: str(code) for node, code in enumerate(self.addresses.column("division_code").to_pylist()) if code}

    def nearest(self, nodes: Sequence[int], lon: float, lat: float) -> int:
        """Return the node within 200 m of a position if all others are farther than 500 m, else -1."""
        distances = sorted((self._metres(node, lon, lat), node) for node in nodes)
        if distances[0][0] <= 200 and distances[1][0] > 500:
            return distances[0][1]
        return -1

    def _metres(self, node: int, lon: float, lat: float) -> float:
        own_lon, own_lat = (self.addresses.column(name)[node].as_py() for name in ("lon", "lat"))
        if own_lon is None or own_lat is None:
            return math.inf
        return math.hypot((own_lon - lon) * math.cos(math.radians(lat)), own_lat - lat) * 111_320

    def address_id(self, node: int) -> str:
        return str(self.addresses.column("address_id")[node].as_py())

    def level_name(self, node: int) -> str:
        return LEVELS[self.level[node]]

    def full_text(self, node: int) -> str:
        if self._texts is None:
            return str(self.addresses.column("full_text")[node].as_py())
        if node // _TEXTS_TOGETHER not in self._read_texts:
            self._read_texts[node // _TEXTS_TOGETHER] = pq.ParquetFile(self._texts).read_row_group(node // _TEXTS_TOGETHER).column(0)
        return str(self._read_texts[node // _TEXTS_TOGETHER][node % _TEXTS_TOGETHER].as_py())

    def save(self, folder: Path | str) -> None:
        """Write the index to a folder (made if absent): Arrow files, NumPy arrays and meta.json."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(1) as beside:
            written = beside.submit(self._write_addresses, target)
            arrays: dict[str, NDArray[Any]] = {**dict(zip(_PACKED, self.quick, strict=True)), **self._ids._asdict()}
            for name, array in arrays.items():
                np.save(target / f"{name}.npy", array)
            written.result()
        meta = {"rule_version": RULE_VERSION, "scope": asdict(self.scope)}
        (target / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

    def _write_addresses(self, target: Path) -> None:
        _write_table(self.addresses.drop_columns(["full_text"]), target / "addresses.arrow")
        pq.write_table(self.addresses.select(["full_text"]), target / "texts.parquet", compression="zstd", row_group_size=_TEXTS_TOGETHER)
        _write_table(self.aliases, target / "aliases.arrow")

    @classmethod
    def open(cls, folder: Path | str) -> "AddressIndex":
        """Open a saved index, its tables and arrays memory-mapped. Raises LibraryError if the folder is none, or of other rules."""
        source = Path(folder)
        meta_file = source / "meta.json"
        if not meta_file.is_file():
            raise LibraryError(f"{source} 不是地址索引目录(缺少 meta.json);请先建立地址库索引。")
        meta = json.loads(meta_file.read_text(encoding="utf-8"))
        if meta["rule_version"] != RULE_VERSION:
            raise LibraryError(f"{source} 的索引规则版本是 {meta['rule_version']},程序需要 {RULE_VERSION};请重新建立索引。")
        scope = Scope(**{**meta["scope"], "neighbours": tuple(meta["scope"]["neighbours"])})
        quick = Packed(*(np.load(source / f"{name}.npy", mmap_mode="r") for name in _PACKED))
        ids = AddressIds(*(np.load(source / f"{name}.npy", mmap_mode="r") for name in AddressIds._fields))
        index = cls(unpacked(quick), _read_table(source / "addresses.arrow"), ids, _read_table(source / "aliases.arrow"), scope, quick)
        index._texts = source / "texts.parquet"
        return index

    def _names(self) -> list[tuple[int, str, tuple[int, ...]]]:
        """Named nodes (divisions to roads, compounds) grouped by level and name."""
        grouped: dict[tuple[int, int], list[int]] = {}
        label = self._nodes["label_of"]
        for node in self._nodes["name_node"].tolist():
            grouped.setdefault((self.level[node], int(label[node])), []).append(node)
        return [(level, self.labels[level][number], tuple(nodes)) for (level, number), nodes in grouped.items()]

    def _resolved_aliases(self, by_name: dict[tuple[int, str], tuple[int, ...]]) -> list[Alias]:
        """Alias rows of named levels with the nodes they stand for; rows whose name the library lacks stand for nothing."""
        resolved = []
        for entry in self.aliases.to_pylist():
            if entry["kind"] in OF_ONE_ADDRESS:
                continue
            kind = LEVELS.index(entry["kind"])
            nodes = by_name.get((kind, canonical(kind, entry["name"])), ())
            if entry["within"]:
                nodes = tuple(node for node in nodes if self._is_within(node, entry["within"]))
            text = canonical(kind, entry["alias"])
            if nodes and text:
                resolved.append(Alias(kind, text, nodes, _day(entry["valid_from"], FIRST_DAY), _day(entry["valid_to"], LAST_DAY)))
        return resolved

    def _is_within(self, node: int, division: str) -> bool:
        return any(
            ancestor >= 0 and self.label(ancestor) == canonical(level, division)
            for level in (COUNTY, TOWN)
            for ancestor in (self.ancestor(node, level),)
        )


def _day(value: date | None, default: int) -> int:
    return default if value is None else (value - date(1970, 1, 1)).days


def _write_table(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _read_table(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
