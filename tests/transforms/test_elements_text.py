"""Names, codes, flags, phones and free text."""

import pytest
from hypothesis import given, settings, strategies as st

from schemas.codes import code_spellings
from schemas.register import register
from tests.transforms.reading import faults, read_cells, values


def test_names_of_persons_have_one_spelling() -> None:
    assert values("person_name", ["张 三", "张　三", " 张三\t", "欧阳 修 文"]) == ["张三", "张三", "张三", "欧阳修文"]
    assert set(values("person_name", ["阿卜杜拉•买买提", "阿卜杜拉．买买提", "阿卜杜拉・买买提", "阿卜杜拉·买买提"])) == {"阿卜杜拉·买买提"}
    assert values("person_name", ["李某", "John  Smith"]) == ["李某", "John Smith"]


def test_names_by_which_nobody_is_known_are_noted() -> None:
    hidden = ["张某", "张某某", "王某甲", "李某1", "欧阳某某", "张*", "张**", "张*明", "王X", "陈先生", "刘女士", "匿名群众", "某女子"]
    assert [read.note for read in read_cells("person_name", hidden)] == ["anonymised"] * len(hidden)
    told = ["张三", "阿卜杜拉·买买提", "John Smith", "买买提·某某尔", "无", None]
    assert [read.note for read in read_cells("person_name", told)] == [None] * len(told)


def test_what_has_no_letters_is_no_name() -> None:
    assert faults("person_name", ["***", "123", "无", "𠮷田"]) == ["no_letters", "no_letters", None, None]


def test_names_of_organisations_have_chinese_brackets() -> None:
    assert set(values("organisation_name", ["瑞安市(某某)有限公司", "瑞安市（某某）有限公司", "瑞安市 (某某) 有限公司"])) == {
        "瑞安市（某某）有限公司"
    }
    assert values("organisation_name", ["ABC (China) Ltd", "ＡＢＣ公司"]) == ["ABC (China) Ltd", "ABC公司"]


def test_addresses_keep_their_text_placeholders_included() -> None:
    assert values("address_text", [" 安阳街道１号　", "无", "安阳\n街道", ""]) == ["安阳街道１号", "无", "安阳街道", None]


def test_placeholders_are_no_text() -> None:
    assert values("text", ["无", "暂无", "－", "n/a", "NULL", "无锡", "0"]) == [None, None, None, None, None, "无锡", "0"]


def test_every_code_name_and_spelling_of_every_list_is_its_code() -> None:
    for element in register().values():
        if element.code_list:
            spellings = code_spellings(element.code_list)
            assert dict(zip(spellings, values(element.name, list(spellings)), strict=True)) == spellings, element.name


def test_codes_survive_full_width_and_lost_zeros_and_widen_to_their_class() -> None:
    assert values("sex_code", ["１", " 2 ", "男"]) == ["1", "2", "1"]
    assert values("nation_code", ["1", "01"]) == ["01", "01"]
    assert values("education_code", ["21", "28", "99", "20"]) == ["20", "20", "90", "20"]
    assert values("relation_code", ["01", "02", "11", "20", "3"]) == ["0", "0", "1", "2", "3"]
    assert faults("sex_code", ["3", "无"]) == ["not_in_list", None]


def test_flags_say_yes_or_no_in_many_ways() -> None:
    assert set(values("flag", ["是", "1", "y", "YES", "true", "√", "有"])) == {True}
    assert set(values("flag", ["否", "0", "n", "NO", "false", "无"])) == {False}
    assert faults("flag", ["也许", "", None]) == ["not_a_flag", None, None]


def test_phones_have_one_form() -> None:
    cells = {
        "13812345678": "13812345678", "+86 138 1234 5678": "13812345678", "0086-13812345678": "13812345678", "138-1234-5678": "13812345678",
        "１３８１２３４５６７８": "13812345678", "0577-65123456": "0577-65123456", "057765123456": "0577-65123456", "(0577)65123456": "0577-65123456",
        "0577 65123456": "0577-65123456", "86-577-65123456": "0577-65123456", "010-65123456-801": "010-65123456-801", "400-123-4567": "4001234567",
        "65123456": "65123456",
    }  # fmt: skip
    assert values("phone", list(cells)) == list(cells.values())


@pytest.mark.parametrize("separator", [",", "，", "、", "/", "；", ";", " ", " / "])
def test_several_phones_of_a_cell_are_all_kept(separator: str) -> None:
    assert read_cells("phone", [f"13812345678{separator}0577-65123456"]) == [("13812345678;0577-65123456", None, "several")]


def test_invented_and_unreadable_phones_are_told_apart() -> None:
    assert {read[:2] for read in read_cells("phone", ["13800000000", "11111111111", "0", "无", "不详", "/"])} == {(None, None)}
    assert faults("phone", ["12345", "138123456789", "abc"]) == ["phone_form"] * 3
    assert read_cells("phone", ["13812345678/abc"]) == [("13812345678", None, "part_unreadable")]
    assert read_cells("phone", ["65123456"])[0].note == "no_area_code"


def test_licence_numbers_of_food_businesses_have_fourteen_digits() -> None:
    assert values("licence_number", ["jy13303810012345", "JY1330381001234５"]) == ["JY13303810012345", "JY13303810012345"]
    assert faults("licence_number", ["JY1330"]) == ["form"]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(register())), st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_no_text_whatever_makes_a_reading_fail(element: str, cells: list[str]) -> None:
    for read in read_cells(element, [cell.replace("\0", "") for cell in cells]):
        assert read.fault is None or read.value is None


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["person_name", "organisation_name", "phone", "uscc", "citizen_number", "text", "address_text"]),
    st.lists(st.text(max_size=12), min_size=1),
)
def test_reading_a_value_again_changes_nothing(element: str, cells: list[str]) -> None:
    once = values(element, [cell.replace("\0", "") for cell in cells])
    assert values(element, once) == once
