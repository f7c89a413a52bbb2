"""Numbers are understood with the units, signs and separators that people put around them."""

from decimal import Decimal

from hypothesis import given, settings, strategies as st

from tests.transforms.reading import faults, values


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


def test_money_of_columns_in_ten_thousand_yuan_is_kept_in_yuan() -> None:
    cells = {"300": "3000000", "12.5": "125000", "12.5万元": "125000", "1250000元": "1250000", "0": "0", "1.2亿": "120000000"}
    assert values("amount_in_ten_thousands", list(cells)) == [Decimal(value) for value in cells.values()]


def test_areas_may_name_their_unit() -> None:
    assert values("area", ["85.5", "85.5㎡", "85.50平方米", "85.5m²"]) == [Decimal("85.5")] * 4


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
