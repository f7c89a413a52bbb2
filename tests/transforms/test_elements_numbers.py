"""Numbers are understood with the units, signs and separators that people put around them."""

from decimal import Decimal

from hypothesis import given, settings, strategies as st

from tests.transforms.reading import faults, read_cells, values


def test_amounts_are_in_yuan() -> None:
    cells = {
        "1234.5": "1234.5", "1,234.50": "1234.5", "１，２００": "1200", "￥1,200.00": "1200", "1200元": "1200", "300万": "3000000",
        "300万(元)": "3000000", "3.5万元": "35000", "1.5亿元": "150000000", "100万人民币": "1000000", "1.2E+5": "120000", "650元/月": "650",
    }  # fmt: skip
    assert values("amount", list(cells)) == [Decimal(value) for value in cells.values()]


def test_capital_is_in_ten_thousand_yuan() -> None:
    cells = {
        "300": "300",
        "300万(元)": "300",
        "100万人民币": "100",
        "3000000元": "300",
        "5亿": "50000",
        "50万美元": "50",
        "3.5": "3.5",
        "１００万元": "100",
    }
    assert values("capital", list(cells)) == [Decimal(value) for value in cells.values()]


def test_areas_may_name_their_unit() -> None:
    assert values("area", ["85.5", "85.5㎡", "85.50平方米", "85.5m²"]) == [Decimal("85.5")] * 4


def test_land_is_measured_in_square_metres() -> None:
    cells = {"1.5亩": "1000.00", "2公顷": "20000", "0.5平方公里": "500000", "3万平方米": "30000", "120 ㎡": "120"}
    assert values("area", list(cells)) == [Decimal(value) for value in cells.values()]
    assert faults("amount", ["3亩"]) == ["not_a_number"]


def test_money_of_a_column_in_ten_thousand_yuan_is_kept_in_yuan() -> None:
    cells = {"1.5": "15000", "300万(元)": "3000000", "20000元": "20000", "1,200.5": "12005000", "0": "0", "2万元": "20000"}
    assert values("amount_in_ten_thousand", list(cells)) == [Decimal(value) for value in cells.values()]


def test_percentages_may_have_their_sign_and_are_never_taken_for_shares() -> None:
    assert values("percentage", ["85%", "85", "85％", "0.85", "12.5 %"]) == [Decimal(value) for value in ("85", "85", "85", "0.85", "12.5")]
    assert faults("percentage", ["120%", "-1", "85元"]) == ["above_maximum", "below_minimum", "not_a_number"]


def test_durations_are_in_minutes() -> None:
    cells = {
        "90": 90,
        "90分钟": 90,
        "1.5小时": 90,
        "2小时30分": 150,
        "1天2小时": 1560,
        "2:30": 150,
        "0:01:30": 1.5,
        "45秒": 0.75,
        "3 天": 4320,
        "１小时": 60,
    }
    assert values("duration", list(cells)) == [Decimal(str(value)) for value in cells.values()]
    assert faults("duration", ["5个工作日", "很久", "1:75", "-5", "无", "", "30分2小时"]) == [
        "not_a_duration", "not_a_duration", "not_a_duration", "below_minimum", None, None, "not_a_duration",
    ]  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_a_duration_is_the_same_in_every_form(minutes: list[int]) -> None:
    for write in (
        lambda each: str(each), lambda each: f"{each}分钟", lambda each: f"{each // 60}小时{each % 60}分", lambda each: f"{each // 60}:{each % 60:02d}",
        lambda each: f"{each // 1440}天{each % 1440 // 60}个小时{each % 60}分钟", lambda each: f"{each * 60}秒",
    ):  # fmt: skip
        assert values("duration", [write(each) for each in minutes]) == minutes


def test_capital_in_another_currency_is_noted() -> None:
    cells = ["300", "50万美元", "300万(元)", "100万人民币", "200万港元", "无"]
    assert [read.note for read in read_cells("capital", cells)] == [None, "foreign_currency", None, None, "foreign_currency", None]


def test_counts_are_whole() -> None:
    assert values("count", ["3", "3人", "3.0", "1,000", "０"]) == [3, 3, 3, 1000, 0]
    assert faults("count", ["3.5", "-1", "三"]) == ["not_whole", "below_minimum", "not_a_number"]


def test_coordinates_outside_the_country_are_faults() -> None:
    assert faults("longitude", ["120.65", "27.78", "0"]) == [None, "below_minimum", "below_minimum"]
    assert faults("latitude", ["27.78", "120.65", "0"]) == [None, "above_maximum", "below_minimum"]


def test_words_placeholders_and_negatives_are_not_amounts() -> None:
    assert faults("amount", ["abc", "-5", "无", "", "壹佰"]) == ["not_a_number", "below_minimum", None, None, "not_a_number"]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=30))
def test_an_amount_means_the_same_with_and_without_separators(amounts: list[Decimal]) -> None:
    assert values("amount", [f"{amount}" for amount in amounts]) == amounts
    assert values("amount", [f"{amount:,}元" for amount in amounts]) == amounts
