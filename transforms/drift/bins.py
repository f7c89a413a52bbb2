"""Into which bin a date or a number falls: wide enough to say nothing of one person, dates by their distance to the delivery's period."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from schemas.model import Column
from transforms.elements_sql import identifier

SMALLEST = 0.01
"""Positive numbers below fall into one bin."""
AGES = {
    -36_500: "十年以后",
    -3_653: "一至十年后",
    -366: "一年内以后",
    0: "当月",
    32: "一至三个月前",
    93: "三个月至一年前",
    366: "一至三年前",
    1_096: "三至十年前",
    3_653: "十至二十年前",
    7_305: "二十至三十年前",
    10_958: "三十至四十年前",
    14_610: "四十至六十年前",
    21_915: "六十年以前",
}
"""Days before the period, from which on a date falls into a bin, and what the bin is called."""


def value_bin(column: Column, period: date) -> str | None:
    """SQL of the bin of a column's value as text, NULL without a value; None for columns whose values have no order."""
    name = identifier(column.name)
    if column.logical_type in ("date", "timestamp"):
        return _age(f"date_diff('day', CAST({name} AS DATE), DATE '{period.isoformat()}')")
    if column.logical_type in ("number", "integer"):
        return _magnitude(f"CAST({name} AS DOUBLE)")
    return None


def bin_label(key: str) -> str:
    """What a bin is called in Chinese."""
    if key.startswith("age"):
        return AGES[int(key.removeprefix("age"))]
    return {"negative": "负数", "zero": "0", "tiny": f"{SMALLEST} 以下"}.get(key) or _from_to(key)


def bin_order(key: str) -> float:
    """Where a bin stands among the others of its column."""
    fixed = {"negative": -1.0, "zero": 0.0, "tiny": SMALLEST / 2}
    return fixed[key] if key in fixed else float(key.removeprefix("age"))


def _age(days: str) -> str:
    later = " ".join(f"WHEN {days} < {upper} THEN 'age{lower}'" for lower, upper in pairwise(AGES))
    return f"CASE WHEN {days} IS NULL THEN NULL {later} ELSE 'age{max(AGES)}' END"


def _magnitude(number: str) -> str:
    """1, 2 and 5 of each power of ten."""
    power = f"CAST(floor(log10({number})) AS INTEGER)"
    leading = f"({number} / pow(10, {power}))"
    return f"""CASE
        WHEN {number} IS NULL OR isnan({number}) THEN NULL WHEN {number} < 0 THEN 'negative' WHEN {number} = 0 THEN 'zero' WHEN {number} < {SMALLEST} THEN 'tiny'
        ELSE concat(CASE WHEN {leading} < 2 THEN 1 WHEN {leading} < 5 THEN 2 ELSE 5 END, 'e', {power}) END"""


def _from_to(key: str) -> str:
    lower = float(key)
    upper = lower * (2.5 if key.startswith("2") else 2)
    return f"{lower:,.12g} 至 {upper:,.12g}"
