"""How candidates are set beside a text: what it does not say of them, and what tells them apart."""

import pytest

from transforms.review import COMPONENTS, compare, distance

COUNTY = "浙江省温州市瑞安市"


def address(full_text: str, **components: str) -> dict[str, str | None]:
    return dict.fromkeys(COMPONENTS) | {"full_text": COUNTY + full_text} | components


def house(town: str, road: str, number: str, **more: str) -> dict[str, str | None]:
    return address(f"{town}{road}{number}", town=town, road=road, house_number=number, **more)


def test_what_the_text_lacks_and_what_differs_is_told_once():
    texts = [str(each) for each in compare("瑞安市中心街12号", [house("安阳街道", "中心街", "12号"), house("塘下镇", "中心街", "12号")])]
    assert texts == ["原文没有这样写：乡镇街道 安阳街道", "原文没有这样写：乡镇街道 塘下镇"]


def test_difference_that_the_address_does_not_show_is_told_too():
    east, west = house("林川镇", "后垟东路", "2号", community="岭下村"), house("林川镇", "后垟西路", "2号", community="金坪村")
    assert str(compare("林川镇后垟路2号", [east, west])[0]) == "原文没有这样写：道路 后垟东路；与其他候选不同：社区村 岭下村"


def test_component_that_only_others_have_is_named_as_none():
    (plain, lane) = compare("云江路6-1号", [house("高楼镇", "云江路", "6号"), house("高楼镇", "云江路", "1号", lane="6弄")])
    assert ("弄巷", "") in plain.differing
    assert "弄巷 （无）" in str(plain)
    assert ("弄巷", "6弄") in lane.differing


def test_address_that_agrees_in_all_is_said_to():
    assert str(compare("安阳街道中心街12号", [house("安阳街道", "中心街", "12号")])[0]) == "各级都与原文一致"


@pytest.mark.parametrize(
    ("text", "number", "written"),
    [
        ("中心街12号", "12号", True),
        ("中心街１２号", "12号", True),
        ("中心街 12 号", "12号", True),
        ("中心街12", "12号", True),
        ("中心街112号", "12号", False),
        ("中心街12-1号", "12号", False),
        ("中心街2号", "12号", False),
        ("中心街12幢", "12号", False),
        ("中心街十二号", "12号", False),
        ("中心街12a号", "12A号", True),
    ],
)
def test_number_counts_as_written_only_where_it_stands_whole(text: str, number: str, written: bool):
    (compared,) = compare(text, [house("", "中心街", number)])
    assert (("门牌号", number) not in compared.unwritten) is written


def test_distance_is_in_metres():
    assert distance(120.655, 27.778, 120.655, 27.787) == pytest.approx(1002, rel=0.01)
    assert distance(120.655, 27.778, 120.665, 27.778) == pytest.approx(985, rel=0.01)
