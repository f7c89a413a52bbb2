"""The reasoning behind a result, in Chinese for a clerk: what was read, what differs, what was decided."""

from datetime import date

from address_matching.index import AddressIndex
from address_matching.match import Part, Request, match_one
from address_matching.model import REASONS
from address_matching.normalise import normalise
from address_matching.place import Place
from address_matching.words import fault_kinds

_STATUSES = {"matched": "匹配", "review": "待人工确定", "unmatched": "未匹配"}
_LEVELS = {
    "province": "省",
    "city": "市",
    "county": "县(市、区)",
    "town": "镇街",
    "community": "村、社区",
    "natural_village": "自然村",
    "zone": "园区",
    "road": "道路",
    "lane": "弄",
    "house": "门牌",
    "compound": "小区、院落、单位",
    "building": "楼栋",
    "unit": "单元",
    "floor": "楼层",
    "room": "户室",
}


def explain(index: AddressIndex, text: str, as_of: date | None = None) -> str:
    """Return the ledger of one text: components, faults with points, decision and candidates, for each part."""
    lines = [f"原文:{text}", f"规范写法:{normalise(text)}"]
    if as_of is not None:
        lines.append(f"日期:{as_of.isoformat()}")
    parts = match_one(index, Request(text, as_of))
    for number, part in enumerate(parts, start=1):
        if len(parts) > 1:
            lines.append(f"第 {number} 处:")
        lines += _explain_part(index, part)
    return "\n".join(lines)


def explain_faults(codes: str) -> list[str]:
    """The faults of a result (`code:points`, joined by blanks) in Chinese, in their order."""
    kinds = fault_kinds()
    told = []
    for code, _, points in (each.partition(":") for each in codes.split()):
        label = kinds[code].label if code in kinds else code
        told.append(label + (f"(扣 {points} 分)" if points not in ("", "0") else ""))
    return told


def _explain_part(index: AddressIndex, part: Part) -> list[str]:
    lines = []
    if part.place is not None:
        read = _read(part.place)
        lines.append("读出:" + (";".join(f"{label} {value}" for label, value in read) if read else "没有可用的地址成分"))
    outcome = part.outcome
    kinds = fault_kinds()
    for fault in dict.fromkeys(outcome.faults):
        points = kinds[fault].points
        lines.append(f"  · {kinds[fault].label}" + (f"(扣 {points:g} 分)" if points else ""))
    if outcome.node >= 0:
        level = _LEVELS[index.level_name(outcome.node)]
        lines.append(f"标准地址:{index.full_text(outcome.node)}({level},编号 {index.address_id(outcome.node)})")
    score = f",把握 {outcome.score:.2%}" if outcome.status != "unmatched" else ""
    lines.append(f"结论:{_STATUSES[outcome.status]} — {REASONS[outcome.reason]}{score}")
    if outcome.candidates:
        lines.append("候选:" + ";".join(index.full_text(node) for node in outcome.candidates))
    return lines


def _read(place: Place) -> list[tuple[str, str]]:
    named = [
        ("外地区划", place.outside),
        ("镇街", place.towns.text if place.towns else place.unknown_town),
        ("村、社区", place.communities.text if place.communities else place.unknown_community),
        ("自然村", place.naturals.text if place.naturals else ""),
        ("园区", place.zones.text if place.zones else place.unknown_zone),
        ("道路", "、".join(road.text for road in place.roads) or place.unknown_road),
        ("号码", " ".join(number.value for number in place.before)),
        ("小区、单位", place.compound.text if place.compound else place.unknown_compound),
        ("内部号码", " ".join(number.value for number in place.after)),
        ("旧门牌", place.old_number),
    ]
    return [(label, value) for label, value in named if value]
