"""Columns that came, went, changed their name or place: the header of a delivery against the contract and the last deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.fuzz import ratio

from schemas.contract import Column, Contract
from schemas.drift import drift_facts
from transforms.check_sql import IDENTIFIER_CHECKS
from transforms.conform import Conformity
from transforms.drift.anomaly import Anomaly, Severity, percent
from transforms.drift.compare import judged
from transforms.drift.delivery import Delivery
from transforms.drift.distance import noise_floor, shares, total_variation, two_classes, usual_shares
from transforms.drift.shape import ColumnShape

LIKE_HEADER = 60
"""Of 100: headers that are as near as 联系电话 and 电话."""
LIKE_CONTENT, UNLIKE_CONTENT = 0.2, 0.5
"""Distances of the ways of writing: up to the first two columns may be one, from the second on they are not."""
ENOUGH_CELLS = 20


@dataclass(frozen=True, slots=True)
class Renaming:
    """A header that may be the new name of a column that is missing, and in Chinese what speaks for it."""

    header: str
    column: str
    evidence: tuple[str, ...]


def column_anomalies(
    conformity: Conformity,
    now: Delivery,
    earlier: Sequence[Delivery],
    contract: Contract,
    where: str,
) -> list[Anomaly]:
    """What is to be said of the columns of a delivery as such.

    earlier: the last good deliveries, oldest first; without them the contract alone says what is usual.
    """
    renamings = {each.column: each for each in _renamings(conformity, now, earlier, contract)}
    renamed = {each.header for each in renamings.values()}
    found = [
        *(
            _missing(name, renamings.get(name), now, earlier, contract, where)
            for name in _absent(conformity, contract)
            if not earlier or name in renamings or contract.column(name).required or any(name in each.order for each in earlier)
        ),
        *(_new(header, earlier, where) for header in now.unknown if header not in renamed),
        *(_repeated(header, where) for header in conformity.repeated),
    ]
    if earlier:
        found += [*_other_headers(now, earlier[-1], where), *_reordered(now, earlier[-1], where)]
    return found


def _absent(conformity: Conformity, contract: Contract) -> list[str]:
    headers = {*conformity.missing_required, *conformity.missing_optional}
    return [column.name for column in contract.columns if column.physical_name in headers]


def _missing(name: str, renaming: Renaming | None, now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str) -> Anomaly:
    column = contract.column(name)
    holding = [each for each in earlier if name in each.order]
    filled = 1 - median(each.nulls.get(name, 0) / each.accepted for each in holding if each.accepted) if _any_accepted(holding) else None
    usual = _was(len(earlier), len(holding), filled)
    severity, limit = _gravity(column, filled, now, holding, contract)
    kind = "必填" if column.required else "可选"
    said = f"{where}：缺少{kind}列“{column.physical_name}”，{usual}"
    if renaming is None:
        cure = "请与部门核实为何不再报送" if not column.required else "请部门补上这一列，重新导出并报送"
        return Anomaly("missing_column", name, severity, said, cure, usual, "没有这一列", filled, limit)
    line = json.dumps(renaming.header, ensure_ascii=False)
    message = f"{said}；新出现的列“{renaming.header}”可能是它改了名（{'、'.join(renaming.evidence)}）"
    caution = "这是标识列，须与部门核实后" if _is_identifier(column) else "核实后"
    cure = f"不会自动当作同一列：{caution}在契约的列 {name} 下写 synonyms: [{{synonym: {line}}}]，再重放"
    return Anomaly("renamed_column", name, severity, message, cure, column.physical_name, renaming.header, filled, limit)


def _any_accepted(deliveries: Sequence[Delivery]) -> bool:
    return any(each.accepted for each in deliveries)


def _was(batches: int, holding: int, filled: float | None) -> str:
    if not batches:
        return "契约里有"
    if not holding or filled is None:
        return f"以往 {batches} 批也没有"
    return f"以往 {batches} 批中 {holding} 批有，通常 {percent(filled)} 有值"


def _gravity(
    column: Column, filled: float | None, now: Delivery, holding: Sequence[Delivery], contract: Contract
) -> tuple[Severity, float | None]:
    """How grave it is that a column is missing: as if all its cells were empty."""
    if column.required:
        return "block", None
    if filled is None:
        return "note", None
    usual = two_classes(1 - filled)
    size = int(median(each.accepted for each in holding))
    floor = noise_floor(usual, now.accepted or now.received, size, drift_facts().false_alarm)
    severity, limit = judged(filled, "nulls", column, contract, len(holding), floor, 0.0)
    return severity or "warn", limit


def _new(header: str, earlier: Sequence[Delivery], where: str) -> Anomaly:
    text = json.dumps(header, ensure_ascii=False)
    holding = sum(header in each.unknown for each in earlier)
    usual = f"以往 {len(earlier)} 批中 {holding} 批有" if earlier else "还没有以往的批次"
    cure = (
        f"内容没有读入。要收，在契约的 properties 下写一列，如 - {{name: …, physicalName: {text}, logicalType: string}}；"
        f"不收，写 - {{name: …, physicalName: {text}, logicalType: string, customProperties: [{{property: ignore, value: true}}]}}"
    )
    severity: Severity = "note" if holding else "warn"  # told once: those who know of it need not hear it every month
    return Anomaly("new_column", header, severity, f"{where}：契约没有的列“{header}”，{usual}", cure, usual, header)


def _repeated(header: str, where: str) -> Anomaly:
    message = f"{where}：表头“{header}”出现了不止一次，只读第一列"
    return Anomaly("repeated_column", header, "warn", message, "请部门改正重复的表头，重新导出", "一列", "不止一列")


def _other_headers(now: Delivery, last: Delivery, where: str) -> Iterator[Anomaly]:
    for name, header in now.headers.items():
        before = last.headers.get(name, header)
        if header != before:
            message = f"{where}：列“{before}”这次写作“{header}”，契约已登记这个别名"
            yield Anomaly("other_header", name, "note", message, "不必处理", before, header)


def _reordered(now: Delivery, last: Delivery, where: str) -> Iterator[Anomaly]:
    both = set(now.headers) & set(last.headers)
    order, before = ([name for name in each.order if name in both] for each in (now, last))
    if order != before:
        place = next(place for place, (here, there) in enumerate(zip(order, before, strict=True)) if here != there)
        was, is_now = last.headers[before[place]], now.headers[order[place]]
        message = f"{where}：列的次序与上一批不同，从“{was}”的位置起（现在是“{is_now}”）"
        yield Anomaly("reordered_columns", "", "note", message, "按表头读取，次序不影响结果，不必处理", was, is_now)


def _renamings(conformity: Conformity, now: Delivery, earlier: Sequence[Delivery], contract: Contract) -> Iterator[Renaming]:
    """The best explanation of missing columns by unknown ones, each used once."""
    known = {header for each in earlier for header in each.unknown}  # what stood beside a column is not its new name
    places = {header: place for place, header in conformity.unknown.items() if header in now.unknown.keys() - known}
    scored = []
    for name in _absent(conformity, contract):
        column = contract.column(name)
        for header, place in places.items():
            evidence = _evidence(column, header, now.unknown[header], _neighbours(now.order, place), earlier, contract)
            if evidence:
                scored.append((len(evidence), ratio(column.physical_name, header), Renaming(header, name, evidence)))
    taken: set[str] = set()
    for _, _, renaming in sorted(scored, key=lambda each: (-each[0], -each[1], each[2].header)):
        if taken.isdisjoint((renaming.header, renaming.column)):
            taken |= {renaming.header, renaming.column}
            yield renaming


def _evidence(
    column: Column, header: str, shape: ColumnShape, neighbours: tuple[str, str], earlier: Sequence[Delivery], contract: Contract
) -> tuple[str, ...]:
    """What speaks for two columns being one, in Chinese; nothing where it is not enough, or the content speaks against it."""
    found = []
    order = next((each.order for each in reversed(earlier) if column.name in each.order), [each.name for each in contract.columns])
    if neighbours == _neighbours(order, list(order).index(column.name)):
        found.append("位置相同")
    if any(ratio(name, header) >= LIKE_HEADER or name in header or header in name for name in (column.physical_name, *column.synonyms)):
        found.append("表头相近")
    distance = _content_distance(column.name, shape, earlier)
    if distance is not None and distance >= UNLIKE_CONTENT:
        return ()
    if distance is not None and distance <= LIKE_CONTENT:
        found.append("内容的写法相同")
    needed = 2 if distance is None or not _is_identifier(column) else 2 + ("内容的写法相同" not in found)
    return tuple(found) if len(found) >= needed else ()


def _content_distance(column: str, shape: ColumnShape, earlier: Sequence[Delivery]) -> float | None:
    """Between the ways of writing of a column that was and one that is; None where there are too few cells to tell."""
    before = [each for each in (one.distribution("forms", column)[0] for one in earlier) if each]
    if not before or shape.filled < ENOUGH_CELLS:
        return None
    return total_variation(_without_dates(usual_shares(before)), _without_dates(shares(shape.forms)))


def _without_dates(forms: Mapping[str, float]) -> dict[str, float]:
    """Shares with the forms that only columns of dates have counted as digits: nobody knows of a new column whether it holds dates."""
    dated = {form.name for form in drift_facts().forms if form.dates}
    found: dict[str, float] = {}
    for name, share in forms.items():
        key = "digits" if name in dated else name
        found[key] = found.get(key, 0.0) + share
    return found


def _neighbours(order: Sequence[str], place: int) -> tuple[str, str]:
    """The columns before and after a place, empty at an end or where the contract does not know them."""
    padded = ["", *order, ""]
    return padded[place], padded[place + 2]


def _is_identifier(column: Column) -> bool:
    return column.primary_key_position is not None or (column.element is not None and column.element.check in IDENTIFIER_CHECKS)
