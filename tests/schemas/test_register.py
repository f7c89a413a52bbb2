"""The register of data elements, masks and code lists."""

import re

import pytest

from schemas.codes import code_list, code_lists, code_spellings
from schemas.register import masks, register


def test_elements_name_lists_and_masks_that_exist() -> None:
    for element in register().values():
        assert element.code_list is None or element.code_list in code_lists()
        assert element.mask is None or element.mask in masks()
        assert (element.parser == "code") == (element.code_list is not None), element.name
        assert (element.check == "pattern") == (element.pattern is not None), element.name
        assert (element.check == "range") == (element.minimum is not None), element.name


def test_identifiers_of_persons_are_most_sensitive_and_masked() -> None:
    for name in ("citizen_number", "document_number", "phone"):
        assert register()[name].level == "L4"
        assert register()[name].mask


def test_patterns_of_elements_fit_published_examples() -> None:
    assert re.fullmatch(register()["division_code"].pattern or "", "330381001001")
    assert re.fullmatch(register()["division_code"].pattern or "", "330381")
    assert not re.fullmatch(register()["division_code"].pattern or "", "3303810")


def test_an_address_keeps_its_placeholders_for_the_matcher_and_a_date_reads_open_ends_as_nothing() -> None:
    assert register()["address_text"].placeholders == ()
    assert {"无", "99991231", "99999999999999"} <= set(register()["date"].placeholders)


@pytest.mark.parametrize(
    ("name", "size", "code", "meaning"),
    [
        ("sex", 4, "2", "女性"),
        ("nation", 58, "01", "汉族"),
        ("marital", 8, "30", "丧偶"),
        ("education", 8, "20", "大学本科教育"),
        ("document_type", 10, "111", "居民身份证"),
        ("industry_section", 20, "T", "国际组织"),
        ("province", 34, "33", "浙江省"),
        ("registration_state", 7, "4", "注销"),
        ("dispute_category", 95, "0602", "房产买卖租赁"),
    ],
)
def test_code_lists_hold_what_the_standards_publish(name: str, size: int, code: str, meaning: str) -> None:
    assert len(code_list(name)) == size
    assert code_list(name)[code] == meaning


def test_a_code_is_recognised_by_code_name_and_usual_spellings() -> None:
    assert [code_spellings("sex")[text] for text in ("1", "男性", "男")] == ["1", "1", "1"]
    assert code_spellings("residence_consistency")["否"] == "02"
    assert code_spellings("rectification_state")["已整改待审核"] == "2"


def test_no_spelling_shadows_a_code_or_name_and_a_shared_name_stands_for_no_code() -> None:
    for codes in code_lists().values():
        names = list(codes.names.values())
        assert all(codes.spellings[code] == code for code in codes.names), codes.name
        for code, text in codes.names.items():
            assert codes.spellings.get(text) == (code if names.count(text) == 1 else None), (codes.name, text)
