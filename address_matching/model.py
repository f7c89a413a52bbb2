"""Words of the matching contract: levels, components, statuses, reasons, table schemas and scope."""

from dataclasses import dataclass

import pyarrow as pa

RULE_VERSION = "5"

LEVELS = (
    "province",
    "city",
    "county",
    "town",
    "community",
    "natural_village",
    "zone",
    "road",
    "lane",
    "house",
    "compound",
    "building",
    "unit",
    "floor",
    "room",
)
LEVEL_NUMBER = {level: number for number, level in enumerate(LEVELS)}
(
    PROVINCE,
    CITY,
    COUNTY,
    TOWN,
    COMMUNITY,
    NATURAL_VILLAGE,
    ZONE,
    ROAD,
    LANE,
    HOUSE,
    COMPOUND,
    BUILDING,
    UNIT,
    FLOOR,
    ROOM,
) = range(len(LEVELS))

OF_ONE_ADDRESS = ("address", "text")
"""Kinds of aliases whose `name` is an address id: of the address in whatever text, or the meaning of one whole text."""

COMPONENTS = tuple("house_number" if level == "house" else level for level in LEVELS)

STATUSES = ("matched", "review", "unmatched")

REASONS = {
    "exact": "逐级完全一致",
    "suffix_or_spelling": "通名、简称或写法不同,实为同一地址",
    "alias": "经别名对应",
    "renamed_division": "旧区划名,经更名对应",
    "old_number": "旧门牌号,经新旧门牌对应",
    "typo": "名称有错别字,号码一致",
    "town_conflict": "所写镇街或社区与标准地址不符,但路名(小区)与号码在库中唯一",
    "poi": "由小区、单位等名称定位",
    "building_only": "定位到楼栋或门牌,库中没有更细的地址",
    "unit_missing": "多个单元有同一室号而原文未写单元,定位到楼栋",
    "road_only": "只定位到道路:原文没有门牌,或库中没有这个门牌",
    "zone_only": "只定位到园区:原文或库中没有更细的地址",
    "village_only": "只定位到村、社区:原文或库中没有更细的地址",
    "range": "门牌区间或并列门牌,逐个对应",
    "intersection": "两条道路的交叉口,定位到道路",
    "relative_position": "相对位置(旁、对面等),只能近似定位",
    "parcel": "地块、四至或桩号,定位到所在镇街或道路",
    "ambiguous": "有多个同样可能的地址,须人工确定",
    "reference": "引用其他字段(如同户籍地址),须由填报内容解析",
    "not_in_library": "标准地址库中没有这个地址",
    "out_of_area": "外地地址",
    "insufficient": "内容不足以定位",
    "placeholder": "空值或占位内容",
    "virtual": "网络地址,不是实际地点",
    "unparsable": "无法解析",
}

LIBRARY_COLUMNS = (
    "address_id",
    "parent_id",
    "level",
    *COMPONENTS,
    "full_text",
    "overlay",
    "lon",
    "lat",
    "status",
    "valid_from",
    "valid_to",
)

LIBRARY_SCHEMA = pa.schema(
    [
        pa.field(
            name,
            pa.float64() if name in ("lon", "lat") else pa.date32() if name in ("valid_from", "valid_to") else pa.string(),
        )
        for name in LIBRARY_COLUMNS
    ]
)

ALIAS_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("within", pa.string()),
        ("name", pa.string()),
        ("alias", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)

RESULT_SCHEMA = pa.schema(
    [
        ("record_id", pa.string()),
        ("part", pa.int32()),
        ("address_id", pa.string()),
        ("level", pa.string()),
        ("status", pa.string()),
        ("score", pa.float64()),
        ("reason", pa.string()),
        ("faults", pa.string()),
        (
            "candidates",
            pa.list_(
                pa.struct(
                    [
                        ("address_id", pa.string()),
                        ("level", pa.string()),
                        ("score", pa.float64()),
                    ]
                )
            ),
        ),
    ]
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Area a library covers.

    `province`, `city`, `county` are the full names of the divisions a text may leave out; empty where the library
    covers several. `neighbours` are full names of divisions outside, whose mention makes an address out of area.
    """

    province: str = ""
    city: str = ""
    county: str = ""
    neighbours: tuple[str, ...] = ()


class LibraryError(ValueError):
    """The address library or alias table cannot be used; the Chinese message says which column or row and why."""


class RecordsError(ValueError):
    """The records to match lack a required column; the Chinese message names it."""
