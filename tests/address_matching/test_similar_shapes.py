"""Characters of like shape: known slips of writers are among them, characters that nobody confuses are not."""

import pytest

from address_matching.fuzzy import difference
from address_matching.words import similar_characters

CONFUSED = "堤提 埭隶 垟洋 垟阳 洋样 岙奥 苌长 塘糖 塘溏 塍胜 塍腾 莘辛 屿与 坦垣 底低 坑抗 篁皇 埠阜 湖胡 溪奚 桥侨 荣菜 未末 己已 土士 日曰 干于 由甲 园圆 苑范 宛苑 家冢 瑞端 江汪 洪供 村材 桃挑 林材 锦绵 飞乙 万方"
UNRELATED = "堤飞 塘河 莘安 屿桥 溪马 湖江 瑞海 桃园 锦鹤 林飞 村路 荣乙"
MOST_PARTNERS = 40


@pytest.mark.parametrize("pair", CONFUSED.split())
def test_characters_that_writers_confuse_are_alike(pair: str) -> None:
    assert (pair[0], pair[1]) in similar_characters()


@pytest.mark.parametrize("pair", UNRELATED.split())
def test_characters_that_look_different_are_not_alike(pair: str) -> None:
    assert (pair[0], pair[1]) not in similar_characters()


def test_likeness_goes_both_ways_and_never_to_itself() -> None:
    pairs = similar_characters()
    assert all((other, one) in pairs and one != other for one, other in pairs)


def test_no_character_is_like_a_great_many() -> None:
    partners: dict[str, int] = {}
    for one, _ in similar_characters():
        partners[one] = partners.get(one, 0) + 1
    assert max(partners.values()) <= MOST_PARTNERS
    assert len(partners) > 6000


def test_a_name_with_a_character_of_like_shape_is_a_slip_of_the_name() -> None:
    assert difference("冢和村", "家和村") == "similar_shape"
    assert difference("飞和村", "家和村") == ""


def test_numerals_and_directions_of_like_shape_stay_different_names() -> None:
    assert ("二", "三") not in similar_characters() or difference("二新村", "三新村") == ""
    assert difference("上新村", "下新村") == ""
