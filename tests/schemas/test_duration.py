"""Durations by the calendar."""

from datetime import date

import pytest

from schemas.duration import Duration


@pytest.mark.parametrize(
    ("text", "day", "after"),
    [
        ("P3Y", date(2025, 6, 30), date(2028, 6, 30)),
        ("P1Y", date(2024, 2, 29), date(2025, 2, 28)),
        ("P1M", date(2025, 1, 31), date(2025, 2, 28)),
        ("P18M", date(2025, 10, 15), date(2027, 4, 15)),
        ("P2W", date(2025, 12, 25), date(2026, 1, 8)),
        ("P1Y6M10D", date(2025, 1, 1), date(2026, 7, 11)),
        ("P1000Y", date(9500, 1, 1), date.max),
    ],
)
def test_a_day_is_moved_by_the_calendar(text: str, day: date, after: date) -> None:
    assert Duration.parse(text).after(day) == after


@pytest.mark.parametrize("text", ["", "P", "3Y", "P3", "P-1D", "P1.5Y", "PT5H", "P1D1Y", "P0D", "P2000Y", "p3y"])
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        Duration.parse(text)


def test_people_read_it_in_chinese() -> None:
    assert [str(Duration.parse(text)) for text in ("P3Y", "P1Y6M", "P2W")] == ["3 年", "1 年 6 个月", "14 天"]
