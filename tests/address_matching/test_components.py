"""Texts read part by part: what is named, what the library knows of it, and where a doubt remains."""

import pytest

from address_matching.components import component_key, component_stem, components, is_misspelling
from tests.address_matching.support import build

LIBRARY = build(
    [
        "town 安阳街道",
        "town 塘下镇",
        "community 塘下镇新村",
        "community 安阳街道兴隆社区",
        "zone 塘下镇北岸工业园",
        "road 安阳街道中心街",
        "house 安阳街道中心街101号",
        "compound 安阳街道中心街101号阳光小区",
        "building 安阳街道中心街101号阳光小区1幢",
    ]
)


def read(text: str) -> tuple[list[str], bool]:
    """Parts as `level value`, with a star where the library knows the name, and whether all is clear."""
    [place] = components(LIBRARY.index, text)
    return [f"{part.level} {part.value}{'*' if part.is_known else ''}" for part in place.parts], place.is_clear


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("瑞安市安阳街道中心街101号", ["town 安阳街道*", "road 中心街*", "house 101号"]),
        ("安阳街道虹桥路5号3栋2单元501", ["town 安阳街道*", "road 虹桥路", "house 5号", "building 3幢", "unit 2单元", "room 501室"]),
        ("安阳街道中心街101号阳光小区9幢", ["town 安阳街道*", "road 中心街*", "house 101号", "compound 阳光小区*", "building 9幢"]),
        ("塘下镇金色花园小区3幢", ["town 塘下镇*", "compound 金色花园小区", "building 3幢"]),
        ("塘下镇开发巷3号湖河新村3幢", ["town 塘下镇*", "road 开发巷", "house 3号", "compound 湖河新村", "building 3幢"]),
        ("塘下镇开发巷3号阳光北岸工业园3幢", ["town 塘下镇*", "road 开发巷", "house 3号", "compound 阳光北岸工业园", "building 3幢"]),
        ("塘下镇湖河新村1幢", ["town 塘下镇*", "compound 湖河新村", "building 1幢"]),
        ("安阳街道十八家工业区宝隆路5号", ["town 安阳街道*", "zone 十八家工业区", "road 宝隆路", "house 5号"]),
        ("塘下镇湖河村8号", ["town 塘下镇*", "community 湖河村", "house 8号"]),
        ("安阳街道中心街101号阳光小区店面6号", ["town 安阳街道*", "road 中心街*", "house 101号", "compound 阳光小区*", "room 店面6号"]),
        ("安阳街道中心街101号(自主申报)", ["town 安阳街道*", "road 中心街*", "house 101号"]),
    ],
)
def test_parts_are_read_coarse_to_fine_and_names_whole(text: str, parts: list[str]) -> None:
    assert read(text) == (parts, True)


@pytest.mark.parametrize(
    "text",
    [
        "安阳街道中心街101号对面",
        "安阳街道中心街101号阳光小区3-2-501",
        "安阳街道中心街101、103号",
        "安阳街道虹桥路某某东段奇怪的话5号",
        "安阳街道办事处万松东路5号",
        "安阳街道周松北路东垟工业区",
    ],
)
def test_what_can_be_read_in_several_ways_is_not_clear(text: str) -> None:
    assert not all(place.is_clear for place in components(LIBRARY.index, text))


def test_parts_finer_than_a_level_are_what_an_address_of_that_level_lacks() -> None:
    [place] = components(LIBRARY.index, "安阳街道中心街101号阳光小区9幢")
    assert [part.level for part in place.finer_than("house")] == ["compound", "building"]
    assert place.finer_than("building") == ()


def test_components_are_compared_by_what_they_mean() -> None:
    assert component_key("building", "3栋") == component_key("building", "3幢")
    assert component_key("house", "3号") != component_key("house", "13号")
    assert component_stem("community", "新联村") == component_stem("community", "新联社区")
    assert component_stem("compound", "新联村") == "新联村"


@pytest.mark.parametrize("text", ["", "无", "http://x.example", "?" * 50, "安" * 10_000])
def test_no_text_is_too_strange(text: str) -> None:
    components(LIBRARY.index, text)


@pytest.mark.parametrize(
    ("written", "name"), [("隆珊东大路", "隆山东大路"), ("凯发巷", "开发巷"), ("阳光花圆小区", "阳光花园小区"), ("开发发巷", "开发巷")]
)
def test_slips_of_ear_eye_and_pen_are_misspellings(written: str, name: str) -> None:
    assert is_misspelling(written, name)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("阳光小区东", "阳光小区西"),
        ("阳光花园1期", "阳光花园2期"),
        ("阳光花园A区", "阳光花园B区"),
        ("新城一路", "新城二路"),
        ("海安海光工业区", "海安海阳工业区"),
        ("瑞光大道", "瑞祥大道"),
        ("1203", "1204"),
    ],
)
def test_what_tells_neighbours_apart_is_never_a_misspelling(written: str, name: str) -> None:
    assert not is_misspelling(written, name)
