"""Numbers as they are written, and the one form in which they are compared."""

import pytest

from address_matching.canonical import canonical
from address_matching.model import BUILDING, FLOOR, HOUSE, LANE, NATURAL_VILLAGE, ROOM, UNIT
from address_matching.numerals import to_arabic


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("八", "8"),
        ("捌", "8"),
        ("一二八", "128"),
        ("一百二十八", "128"),
        ("一百零八", "108"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("廿三", "23"),
        ("〇", "0"),
        ("三千", "3000"),
    ],
)
def test_both_readings_of_chinese_numerals(written: str, number: str) -> None:
    assert to_arabic(written) == number


@pytest.mark.parametrize(
    ("level", "spellings"),
    [
        (HOUSE, ["36号附1", "36附1号", "36-1号", "36-1", "36号之一", "３６号之1"]),
        (HOUSE, ["8号", "八号", "捌号", "8"]),
        (BUILDING, ["3幢", "3栋", "3号楼", "3座", "3#楼", "三幢", "3"]),
        (BUILDING, ["B幢", "b座", "B"]),
        (UNIT, ["2单元", "二单元", "2梯", "第2单元", "2"]),
        (FLOOR, ["-1层", "负一层", "地下1层", "B1层"]),
        (ROOM, ["502室", "502房", "502户", "５０２室", "502"]),
        (ROOM, ["1203A室", "1203a室"]),
        (ROOM, ["店面8号", "店面第8号", "商铺8号"]),
        (LANE, ["210弄", "二百一十弄", "210巷"]),
        (NATURAL_VILLAGE, ["2组", "二组", "第二村民小组", "2小组"]),
    ],
)
def test_spellings_of_one_number_are_compared_alike(level: int, spellings: list[str]) -> None:
    assert len({canonical(level, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("level", "one", "other"),
    [
        (HOUSE, "36号", "36号附1"),
        (HOUSE, "558号", "585号"),
        (BUILDING, "A座", "1幢"),
        (BUILDING, "3号宿舍楼", "3幢"),
        (ROOM, "1203室", "1204室"),
        (ROOM, "8室", "店面8号"),
        (FLOOR, "1层", "-1层"),
    ],
)
def test_different_numbers_stay_different(level: int, one: str, other: str) -> None:
    assert canonical(level, one) != canonical(level, other)
