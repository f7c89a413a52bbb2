"""Counts by town and community: what most people ask of the pool first, with small groups of persons suppressed."""

from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST_GROUP = 5
"""Counts of persons below this are left empty, so that nobody can be told from them."""

_MEASURES: Mapping[str, tuple[str, str]] = {
    "registered_persons": ("residence", "count(DISTINCT person_id) FILTER (kind = 'registered')"),
    "actual_persons": ("residence", "count(DISTINCT person_id) FILTER (kind <> 'registered')"),
    "houses": ("house", "count(*)"),
    "let_houses": ("house", "count(*) FILTER (is_let)"),
    "organisations": ("premises", "count(DISTINCT organisation_id)"),
    "events": ("event", "count(*)"),
}
_LABELS = {
    "registered_persons": "户籍人口",
    "actual_persons": "实际居住人口",
    "houses": "房屋",
    "let_houses": "出租房屋",
    "organisations": "单位",
    "events": "事件",
}
_PERSONS = ("registered_persons", "actual_persons")


@dataclass(frozen=True, slots=True)
class Mart:
    """A table of counts: its dimensions are columns of `address`, `needs` the pool tables it reads, `columns` name to Chinese label."""

    name: str
    label: str
    dimensions: tuple[str, ...]
    needs: tuple[str, ...]
    columns: Mapping[str, str]


def _mart(name: str, label: str, dimensions: Mapping[str, str]) -> Mart:
    return Mart(name, label, tuple(dimensions), ("address", "residence", "house", "premises", "event"), {**dimensions, **_LABELS})


MARTS = (
    _mart("town_count", "按乡镇街道统计（少于5人的人数不显示）", {"town": "乡镇街道"}),
    _mart("community_count", "按社区（村）统计（少于5人的人数不显示）", {"town": "乡镇街道", "community": "社区（村）"}),
)


def mart_select(mart: Mart) -> str:
    """SQL of the counts over the pool tables; records whose address is not known to this depth stand in rows with empty dimensions."""
    names = ", ".join(mart.dimensions)
    parts = []
    for table in dict.fromkeys(source for source, _ in _MEASURES.values()):
        measures = ", ".join(f"{sql} AS {measure}" for measure, (source, sql) in _MEASURES.items() if source == table)
        parts.append(f"SELECT {names}, {measures} FROM {table} LEFT JOIN address USING (address_id) GROUP BY {names}")
    totals = ", ".join(_total(measure) for measure in _MEASURES)
    return f"SELECT {names}, {totals} FROM ({' UNION ALL BY NAME '.join(parts)}) GROUP BY {names} ORDER BY {names}"


def _total(measure: str) -> str:
    total = f"coalesce(sum({measure}), 0)::BIGINT"
    return (
        f"CASE WHEN {total} NOT BETWEEN 1 AND {SMALLEST_GROUP - 1} THEN {total} END AS {measure}"
        if measure in _PERSONS
        else f"{total} AS {measure}"
    )
