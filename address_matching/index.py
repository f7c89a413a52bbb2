"""The address index: library, look-up arrays and vocabulary; immutable, saved to and memory-mapped from a folder."""

import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from address_matching.canonical import canonical
from address_matching.fuzzy import FuzzyNames
from address_matching.model import (
    COUNTY,
    LEVELS,
    RULE_VERSION,
    TOWN,
    LibraryError,
    Scope,
)
from address_matching.normalise import normalise
from address_matching.parse import parse
from address_matching.tokens import FIRST_DAY, LAST_DAY
from address_matching.tree import Ints
from address_matching.vocabulary import Alias, Vocabulary, build_vocabulary

LABEL_BITS = 27
_ARRAYS = (
    "parent",
    "level",
    "row",
    "town",
    "community",
    "start",
    "key",
    "child",
    "name_node",
    "label",
    "valid_from",
    "valid_to",
    "row_node",
)
Ints64 = NDArray[np.int64]
Flags = NDArray[np.bool_]


class AddressIndex:
    """What `match` needs of a library. Numbers are children of nodes, found by (level, label); names are in `vocabulary`."""

    def __init__(self, library: pa.Table, aliases: pa.Table, scope: Scope, arrays: dict[str, Ints], labels: list[list[str]]) -> None:
        self.library = library
        self.aliases = aliases
        self.scope = scope
        self.labels = labels
        self.arrays = arrays
        self.parent = arrays["parent"].data
        self.level = arrays["level"].data
        self.row = arrays["row"].data
        self.town = arrays["town"].data
        self.community = arrays["community"].data
        self._label = arrays["label"].data
        self._start = arrays["start"].data
        self._key = arrays["key"].data
        self._child = arrays["child"].data
        self.valid_from = arrays["valid_from"].data
        self.valid_to = arrays["valid_to"].data

    @cached_property
    def label_numbers(self) -> list[dict[str, int]]:
        """For each level the number of each label."""
        return [{label: number for number, label in enumerate(labels)} for labels in self.labels]

    @cached_property
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

    def label(self, node: int) -> str:
        """Return the canonical label of a node."""
        return self.labels[self.level[node]][self._label[node]]

    def ancestor(self, node: int, level: int) -> int:
        """Return the ancestor (or the node itself) at a level, -1 for none."""
        while node >= 0 and self.level[node] > level:
            node = self.parent[node]
        return node if node >= 0 and self.level[node] == level else -1

    @cached_property
    def fuzzy(self) -> FuzzyNames:
        return FuzzyNames(self.vocabulary)

    @cached_property
    def address_aliases(self) -> dict[str, int]:
        """Old plates and other names of single addresses: normalised text below the town, and the node it stands for."""
        aliases = [entry for entry in self.aliases.to_pylist() if entry["kind"] == "address"]
        if not aliases:
            return {}
        found = {}
        for entry in aliases:
            node = self.node_of_id(entry["name"])
            places = parse(normalise(entry["alias"]), self.vocabulary, self.fuzzy, None).places
            if node >= 0 and places:
                found["".join(places[0].plain)] = node
        return found

    def node_of_id(self, address_id: str) -> int:
        """Return the node of an address id, -1 if the library has none."""
        return self._nodes_of_ids.get(address_id, -1)

    @cached_property
    def _nodes_of_ids(self) -> dict[str, int]:
        ids = self.library.column("address_id").to_pylist()
        return dict(zip(ids, self.arrays["row_node"].tolist(), strict=True))

    def address_ids(self, nodes: Ints64, absent: Flags) -> pa.Array:
        """Return the ids of nodes, null where `absent`."""
        if not self.library.num_rows:
            return pa.nulls(len(nodes), pa.string())
        rows = self.arrays["row"][np.where(absent, 0, nodes)]
        return self.library.column("address_id").combine_chunks().take(pa.array(rows, mask=absent))

    def levels_of(self, nodes: Ints64) -> Ints:
        levels = self.arrays["level"]
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
        if "division_code" not in self.library.column_names:
            return {}
        codes = self.library.column("division_code").to_pylist()
        return {node: str(code) for node, code in zip(self.arrays["row_node"].tolist(), codes, strict=True) if code and node >= 0}

    def nearest(self, nodes: Sequence[int], lon: float, lat: float) -> int:
        """Return the node within 200 m of a position if all others are farther than 500 m, else -1."""
        distances = sorted((self._metres(node, lon, lat), node) for node in nodes)
        if distances[0][0] <= 200 and distances[1][0] > 500:
            return distances[0][1]
        return -1

    def _metres(self, node: int, lon: float, lat: float) -> float:
        row = self.row[node]
        own_lon, own_lat = (self.library.column(name)[row].as_py() for name in ("lon", "lat"))
        if own_lon is None or own_lat is None:
            return math.inf
        return math.hypot((own_lon - lon) * math.cos(math.radians(lat)), own_lat - lat) * 111_320

    def address_id(self, node: int) -> str:
        return str(self.library.column("address_id")[self.row[node]].as_py())

    def level_name(self, node: int) -> str:
        return LEVELS[self.level[node]]

    def full_text(self, node: int) -> str:
        return str(self.library.column("full_text")[self.row[node]].as_py())

    def save(self, folder: Path | str) -> None:
        """Write the index to a folder (made if absent): Arrow files, NumPy arrays and meta.json."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        _write_table(self.library, target / "library.arrow")
        _write_table(self.aliases, target / "aliases.arrow")
        for name in _ARRAYS:
            np.save(target / f"{name}.npy", self.arrays[name])
        meta = {"rule_version": RULE_VERSION, "scope": asdict(self.scope), "labels": self.labels}
        (target / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

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
        arrays = {name: np.load(source / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        return cls(_read_table(source / "library.arrow"), _read_table(source / "aliases.arrow"), scope, arrays, meta["labels"])

    def _names(self) -> list[tuple[int, str, tuple[int, ...]]]:
        """Named nodes (divisions to roads, compounds) grouped by level and name."""
        grouped: dict[tuple[int, int], list[int]] = {}
        label = self.arrays["label"]
        for node in self.arrays["name_node"].tolist():
            grouped.setdefault((self.level[node], int(label[node])), []).append(node)
        return [(level, self.labels[level][number], tuple(nodes)) for (level, number), nodes in grouped.items()]

    def _resolved_aliases(self, by_name: dict[tuple[int, str], tuple[int, ...]]) -> list[Alias]:
        """Alias rows of named levels with the nodes they stand for; rows whose name the library lacks stand for nothing."""
        resolved = []
        for entry in self.aliases.to_pylist():
            if entry["kind"] == "address":
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
