"""Dates are understood in every way exports write them, and only real ones."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given, settings, strategies as st

from tests.transforms.reading import faults, read_cells, values

CHINA = timezone(timedelta(hours=8))
DATES = st.dates(date(1930, 1, 1), date(2099, 12, 31))


def reads_as_a_time(text: str) -> bool:
    """Whether milliseconds since 1970 happen to be a day and time too (203011200000): then they are read as such."""
    try:
        return len(text) == 12 and bool(datetime.strptime(text + "+0800", "%Y%m%d%H%M%z"))
    except ValueError:
        return False


def spellings(day: date) -> list[str]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    epoch = str(int(midnight.timestamp() * 1000))
    return [
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y.%m.%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y年%m月%d日}",
        f"{day:%Y-%m-%d} 00:00:00",
        f"{day:%Y/%m/%d} 8:30",
        f"{day:%Y-%m-%dT}23:59:59.000Z",
        f"{day:%Y%m%d}235959",
        f"{day:%Y%m%d}".translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
        str((day - date(1899, 12, 30)).days),
        f"{(day - date(1899, 12, 30)).days}.0",
        f"{day:%Y}年{day:%m}月{day:%d}日 09时05分",
        f" {day:%Y-%m-%d}　",
    ] + ([epoch] if abs(midnight.timestamp()) > 10**8 and not reads_as_a_time(epoch) else [])


@settings(max_examples=15, deadline=None)
@given(st.lists(DATES, min_size=1, max_size=5))
def test_every_spelling_of_a_day_is_that_day(days: list[date]) -> None:
    cells = [(day, cell) for day in days for cell in spellings(day)]
    found = values("date", [cell for _, cell in cells])
    assert [(cell, value) for (_, cell), value in zip(cells, found, strict=True)] == [(cell, day) for day, cell in cells]


def test_a_month_without_day_is_its_first_day() -> None:
    assert set(values("date", ["2024年1月", "2024年01月", "202401", "2024-01", "2024.1"])) == {date(2024, 1, 1)}
    assert set(values("month", ["2024年1月", "202401", "2024-01", "2024/1", "2024-01-15", "20240115"])) == {date(2024, 1, 1)}


def test_an_open_end_is_no_value_and_no_fault() -> None:
    cells = [
        "99999999999999",
        "99991231",
        "9999-12-31",
        "9999年12月31日",
        "3000-01-01",
        "3000/1/1",
        "30000101",
        "长期",
        "永久有效",
        "无",
        "00000000",
    ]
    for element in ("date", "datetime"):
        assert {(read.value, read.fault) for read in read_cells(element, cells)} == {(None, None)}


def test_days_that_do_not_exist_are_faults() -> None:
    assert set(faults("date", ["2024-02-30", "20230229", "2024-13-01", "2024年2月31日", "2024", "昨天", "0000-01-00", "1"])) == {
        "not_a_date"
    }
    assert faults("date", ["0001-01-01"]) == ["out_of_range"]


def test_births_after_the_load_date_or_130_years_before_it_are_faults() -> None:
    assert faults("birth_date", ["20260102", "18951231", "20260101"]) == ["in_future", "too_old", None]


def test_epoch_milliseconds_of_a_summer_with_daylight_saving_time_keep_their_day() -> None:
    midnight_at_nine_hours = int(datetime(1988, 6, 30, 15, tzinfo=UTC).timestamp() * 1000)
    assert values("birth_date", [str(midnight_at_nine_hours)]) == [date(1988, 7, 1)]


def test_instants_keep_their_clock() -> None:
    cells = {
        "2024-01-05 12:30:01": "2024-01-05T12:30:01",
        "2024/1/5 9:05": "2024-01-05T09:05:00",
        "20240105123001": "2024-01-05T12:30:01",
        "202401051230": "2024-01-05T12:30:00",
        "2024年1月5日12时30分": "2024-01-05T12:30:00",
        "2024-01-05T04:30:00Z": "2024-01-05T12:30:00",
        "1704384000000": "2024-01-05T00:00:00",
        "45296.5": "2024-01-05T12:00:00",
        "2024-01-05": "2024-01-05T00:00:00",
    }
    assert [value.isoformat() for value in values("datetime", list(cells))] == list(cells.values())
    assert faults("datetime", ["2024-01-05 25:00:00", "x"]) == ["not_a_date", "not_a_date"]
