"""What a city's folder tells the generator: divisions with their history, aliases, extent."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from schemas.city import load_city

TOWN_ENDINGS = ("街道", "镇", "乡")
ALIAS_HEADERS = ("类别", "所在区划", "标准名称", "别名", "生效日期", "失效日期")
SUB_NUMBER_STYLES = ("{number}-{sub}号", "{number}号附{sub}")


@dataclass(frozen=True, slots=True)
class Community:
    """A community or village under the name addresses use."""

    code: str
    name: str
    urban: bool

    @property
    def core(self) -> str:
        """The name without its ending."""
        return self.name.removesuffix("社区").removesuffix("村") or self.name


@dataclass(frozen=True)
class Town:
    """A street, town or township with its communities."""

    code: str
    name: str
    communities: tuple[Community, ...]

    @property
    def core(self) -> str:
        """The name without its ending."""
        return without_ending(self.name)

    @cached_property
    def urban_share(self) -> float:
        """Share of urban communities, counting streets of the county seat above towns."""
        urban = sum(community.urban for community in self.communities) / len(self.communities)
        return urban + self.name.endswith("街道")

    @property
    def sub_number_style(self) -> str:
        """How this town writes numbers between two numbers."""
        return SUB_NUMBER_STYLES[int(self.code) % 2]


@dataclass(frozen=True, slots=True)
class Alias:
    """One row of the alias list; dates as ISO text, empty for open."""

    kind: str
    within: str
    name: str
    alias: str
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class City:
    """A county-level city as the generator sees it; `divisions` are the rows of its file by header."""

    code: str
    province: str
    city: str
    county: str
    towns: tuple[Town, ...]
    aliases: tuple[Alias, ...]
    centre: tuple[float, float]
    postcode: str
    area_code: str
    departments: dict[str, str]
    divisions: tuple[dict[str, str], ...]

    @property
    def short(self) -> str:
        """The county's name without its ending."""
        return self.county[:-1] if len(self.county) > 2 else self.county


def without_ending(town: str) -> str:
    """A town's name without 街道, 镇 or 乡."""
    for ending in TOWN_ENDINGS:
        if town.endswith(ending) and len(town) > len(ending) + 1:
            return town.removesuffix(ending)
    return town


def read_city(folder: Path) -> City:
    """Read a city's folder. Raises schemas.contract.ContractError if it is faulty."""
    facts = load_city(folder.name, folder.parent)
    divisions = _rows(facts.divisions)
    present = [row for row in divisions if not row["失效日期"]]
    communities: dict[str, list[Community]] = defaultdict(list)
    for row in present:
        if row["级别"] == "community":
            community = Community(row["区划代码"], row["名称"], row["类型"] != "村")
            communities[row["上级区划代码"]].append(community)
    towns = [Town(row["区划代码"], row["名称"], tuple(communities[row["区划代码"]])) for row in present if row["级别"] == "town"]
    aliases = [Alias(*(row[header] for header in ALIAS_HEADERS)) for row in _rows(facts.aliases)]
    return City(
        code=facts.code,
        province=facts.province,
        city=facts.city,
        county=facts.county,
        towns=tuple(town for town in towns if town.communities),
        aliases=tuple(aliases),
        centre=facts.centre,
        postcode=facts.postcode,
        area_code=facts.area_code,
        departments=dict(facts.departments),
        divisions=tuple(divisions),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
