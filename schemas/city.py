"""Everything about one city, from its folder ``cities/<code>/``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.documents import ContractError, Document, Fault, did_you_mean
from schemas.retention import ReleaseRetention, read_retention

FOLDER = Path(__file__).parent.parent / "cities"
DEFAULT_CITY = "330381"
KEYS = (
    "code", "name", "province", "city", "county", "time_zone", "postcode", "area_code", "centre", "extent", "neighbours", "departments",
    "authority", "limits", "reference_date", "thresholds", "retention", "correction_days",
)  # fmt: skip
LIMITS = ("quarantined_share", "drop_share", "volume_change", "match_rate", "match_rate_house")
RULES = "rules"
"""Among the limits: from which share of broken records on a rule keeps a release back, by its name."""
THRESHOLDS = (
    "square_metres_per_tenant", "tenants_per_room", "organisations_per_room", "separated_days", "unconfirmed_days",
    "grid_households_few", "grid_households_from", "grid_households_to", "grid_households_many",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on a thing is listed: ``value`` in ``unit``, and on what ``basis``, both in Chinese."""

    value: float
    unit: str
    basis: str


@dataclass(frozen=True, slots=True)
class City:
    """One city.

    ``departments`` maps system to the department's Chinese name. ``authority`` maps ``table.column`` or ``table.*`` to systems
    or datasets, the most authoritative first. ``limits`` holds the shares that block a gate or break a rule,
    ``rule_limits`` by rule the share of broken records above which it blocks, ``thresholds`` what the questions of the mart
    count from, ``retention`` which releases stay,
    ``correction_days`` how long departments have to correct what goes back to them. ``neighbours`` are names of divisions outside. ``centre`` is longitude, latitude;
    ``extent`` the degrees west, east, south and north between which the city lies. ``divisions`` and ``aliases`` are CSV files with the columns of the
    contracts reference.division and reference.address_alias, as of ``reference_date``. ``sources`` is where contracts of the city's own lie.
    """

    code: str
    name: str
    province: str
    city: str
    county: str
    time_zone: ZoneInfo
    postcode: str
    area_code: str
    centre: tuple[float, float]
    extent: tuple[float, float, float, float]
    neighbours: tuple[str, ...]
    departments: Mapping[str, str]
    authority: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, float]
    rule_limits: Mapping[str, float]
    thresholds: Mapping[str, Threshold]
    retention: ReleaseRetention
    correction_days: int
    divisions: Path
    aliases: Path
    sources: Path
    reference_date: date

    @property
    def scope(self) -> dict[str, Any]:
        """The area addresses lie in: province, city, county and the neighbours outside."""
        return {"province": self.province, "city": self.city, "county": self.county, "neighbours": self.neighbours}


def city_of_environment() -> City:
    """The city that DATAPOOL_CITY names by its code, or by its folder where that lies elsewhere. Raises ContractError."""
    return load_city(os.environ.get("DATAPOOL_CITY", DEFAULT_CITY))


def load_city(code: str, folder: Path = FOLDER) -> City:
    """The city with that code, or in the folder of that path. Raises ContractError if it has no folder or its files are faulty."""
    home = folder / code
    if not (home / "city.yaml").is_file():
        known = sorted(path.parent.name for path in folder.glob("*/city.yaml"))
        cause = f"没有代码为“{code}”的城市，已有：{'、'.join(known)}"
        raise ContractError(home / "city.yaml", [Fault(1, cause, "请检查 DATAPOOL_CITY，或仿照已有城市新建目录")])
    document = Document(home / "city.yaml")
    _note_faults(document)
    retention = read_retention(document)
    document.stop_if_faulty()
    content = document.content
    return City(
        code=content["code"],
        name=content["name"],
        province=content["province"],
        city=content["city"],
        county=content["county"],
        time_zone=_time_zone(document),
        postcode=content["postcode"],
        area_code=content["area_code"],
        centre=(float(content["centre"]["longitude"]), float(content["centre"]["latitude"])),
        extent=_extent(content["extent"]),
        neighbours=tuple(content["neighbours"]),
        departments=MappingProxyType(content["departments"]),
        authority=MappingProxyType({attribute: tuple(order) for attribute, order in content["authority"].items()}),
        limits=MappingProxyType({name: float(share) for name, share in content["limits"].items() if name != RULES}),
        rule_limits=MappingProxyType({name: float(share) for name, share in content["limits"].get(RULES, {}).items()}),
        thresholds=MappingProxyType(
            {name: Threshold(float(entry["value"]), entry["unit"], entry["basis"]) for name, entry in content["thresholds"].items()}
        ),
        retention=retention,
        correction_days=content["correction_days"],
        divisions=home / "divisions.csv",
        aliases=home / "aliases.csv",
        sources=home / "sources",
        reference_date=content["reference_date"],
    )


def _note_faults(document: Document) -> None:
    content = document.content
    for key in content:
        if key not in KEYS:
            document.fault((str(key),), f"不认识的键“{key}”", did_you_mean(str(key), KEYS))
    for key in KEYS:
        if key not in content:
            document.fault((), f"缺少“{key}”", "请补上")
    if content.get("code") != document.path.parent.name:
        document.fault(("code",), f"代码“{content.get('code')}”与目录名不同", f'请写 "{document.path.parent.name}"（带引号）')
    limits = content.get("limits", {})
    for name in limits:
        if name not in (*LIMITS, RULES):
            document.fault(("limits", str(name)), f"不认识的限值“{name}”", did_you_mean(str(name), [*LIMITS, RULES]))
    for name in LIMITS:
        if not _is_share(limits.get(name)):
            document.fault(("limits", name), f"限值“{name}”应是 0 到 1 之间的数", "请改写，没有的请补上")
    for name, share in (limits.get(RULES) or {}).items():
        if not _is_share(share):
            document.fault(("limits", RULES, name), f"规则“{name}”的限值应是 0 到 1 之间的数", "请改写")
    _note_faulty_thresholds(document, content.get("thresholds", {}))
    days = content.get("correction_days", 1)
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        document.fault(("correction_days",), "correction_days 应是大于 0 的整数（天）", "请改写")
    _note_faulty_extent(document, content)
    for name in ("divisions.csv", "aliases.csv"):
        if not (document.path.parent / name).is_file():
            document.fault((), f"城市目录里没有“{name}”", "请补上，列与 reference 合同相同")


def _extent(sides: Mapping[str, Any]) -> tuple[float, float, float, float]:
    return float(sides["west"]), float(sides["east"]), float(sides["south"]), float(sides["north"])


def _note_faulty_extent(document: Document, content: Mapping[str, Any]) -> None:
    """The centre must lie within, which tells sides that were mixed up."""
    centre = content.get("centre", {})
    try:
        west, east, south, north = _extent(content["extent"])
        within = west < float(centre["longitude"]) < east and south < float(centre["latitude"]) < north
    except (KeyError, TypeError, ValueError):
        within = False
    if not within and "extent" in content:
        document.fault(
            ("extent",),
            "extent 应写明 west、east、south、north（度），中心在其中",
            "请改写，例如 {west: 120.0, east: 121.4, south: 27.5, north: 28.1}",
        )


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _note_faulty_thresholds(document: Document, thresholds: Any) -> None:
    if not isinstance(thresholds, Mapping):
        document.fault(("thresholds",), "thresholds 应是键值", "请仿照已有城市书写")
        return
    for name in thresholds:
        if name not in THRESHOLDS:
            document.fault(("thresholds", str(name)), f"不认识的限值“{name}”", did_you_mean(str(name), THRESHOLDS))
    for name in THRESHOLDS:
        entry = thresholds.get(name)
        entry = entry if isinstance(entry, Mapping) else {}
        value = entry.get("value")
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        if not is_number or not all(isinstance(entry.get(key), str) and entry[key] for key in ("unit", "basis")):
            document.fault(("thresholds", name), f"限值“{name}”应写明 value（大于 0 的数）、unit、basis", "请补上，依据不明的写“建议值”")


def _time_zone(document: Document) -> ZoneInfo:
    try:
        return ZoneInfo(document.content["time_zone"])
    except (ZoneInfoNotFoundError, ValueError):
        document.fault(("time_zone",), f"没有时区“{document.content['time_zone']}”", "请写如 Asia/Shanghai")
        raise ContractError(document.path, document.faults) from None
