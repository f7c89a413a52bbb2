"""What the parts of the generator share: the builder, the areas, and the aliases collected so far."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.matching.chance import Floats, Ints, stream, words
from benchmarks.matching.library.nodes import Builder

GENERIC = ("街道", "社区", "镇", "乡", "村")


class Alias(NamedTuple):
    """A row of the alias table; dates as ISO text, empty for open."""

    kind: str
    within: str
    name: str
    alias: str
    valid_from: str = ""
    valid_to: str = ""


@dataclass
class Town:
    """A town with its communities, villages first among equals."""

    name: str
    node: int
    code: str
    communities: list[str] = field(default_factory=list)
    community_nodes: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    former_villages: list[str] = field(default_factory=list)

    @property
    def core(self) -> str:
        """The name without its generic part."""
        return core(self.name)


@dataclass
class Draft:
    """The library being made. `rows` is the size wished for; `weights` and `urban` have one entry a town."""

    rows: int
    seed: int
    builder: Builder
    county: str
    towns: list[Town]
    aliases: list[Alias] = field(default_factory=list)
    road_zones: dict[int, str] = field(default_factory=dict)
    firms: list[int] = field(default_factory=list)

    @property
    def weights(self) -> Floats:
        return np.array([self.shape["towns"][town.name]["weight"] for town in self.towns], dtype=np.float64)

    @property
    def urban(self) -> Floats:
        return np.array([self.shape["towns"][town.name]["urban"] for town in self.towns], dtype=np.float64)

    @property
    def shape(self) -> dict[str, Any]:
        return words("shape")

    def share(self, name: str) -> float:
        """A plain number of `shape.yaml`."""
        number: float = words("shape")[name]
        return number

    def number_of(self, name: str) -> int:
        """How many things of a kind a library of this size has."""
        kind = words("shape")[name]
        return max(int(kind["least"]), int(kind["per_million"] * self.rows / 1_000_000))

    def random(self, part: str) -> np.random.Generator:
        """Stream of chance of a part."""
        return stream(self.seed, f"library/{part}")

    def community_of(self, rng: np.random.Generator, town: int, count: int) -> Ints:
        """Community names' codes of a town for things that lie in one community each."""
        found = self.towns[town].communities
        return self.builder.codes("community", [found[number] for number in rng.integers(len(found), size=count)])


def core(name: str) -> str:
    """A division's name without its generic part."""
    for ending in GENERIC:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name


def start_draft(city: Path, rows: int, seed: int) -> Draft:
    """Read the city's divisions and begin a library with them."""
    with (city / "divisions.csv").open(encoding="utf-8-sig", newline="") as file:
        divisions = list(csv.DictReader(file))
    builder, node, upper = Builder(), -1, {row["级别"]: row for row in divisions if row["级别"] in ("province", "city", "county")}
    for level in ("province", "city", "county"):
        node = int(builder.add(level, np.array([node]), [upper[level]["名称"]])[0])
    draft = Draft(rows, seed, builder, upper["county"]["名称"], [])
    _add_towns(draft, divisions, node)
    _add_aliases(draft, city)
    return draft


def _add_towns(draft: Draft, divisions: Sequence[dict[str, str]], county: int) -> None:
    current = [row for row in divisions if not row["失效日期"]]
    names = [row["名称"] for row in current if row["级别"] == "town"]
    nodes = draft.builder.add("town", np.full(len(names), county), names)
    by_code = {}
    for row in divisions:
        if row["级别"] == "town":
            town = Town(row["名称"], int(nodes[names.index(row["名称"])]), row["区划代码"])
            by_code[town.code] = town
            draft.towns.append(town)
        elif row["级别"] == "community":
            town = by_code[row["上级区划代码"]]
            (town.former_villages if row["失效日期"] else town.communities).append(row["名称"])
    for town in draft.towns:
        town.communities = list(dict.fromkeys(town.communities))
        town.community_nodes = draft.builder.add("community", np.full(len(town.communities), town.node), town.communities)


def _add_aliases(draft: Draft, city: Path) -> None:
    with (city / "aliases.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            draft.aliases.append(Alias(*(row[name] for name in ("类别", "所在区划", "标准名称", "别名", "生效日期", "失效日期"))))
    rng = draft.random("former villages")
    share = draft.shape["aliases"]["former_village"]
    for town in draft.towns:
        taken = {*town.communities, *(alias.alias for alias in draft.aliases if alias.within == town.name)}
        for name in dict.fromkeys(town.former_villages):
            if rng.random() < share and name not in taken:
                heir = town.communities[int(rng.integers(len(town.communities)))]
                draft.aliases.append(Alias("community", town.name, heir, name, "", "2019-07-01"))
