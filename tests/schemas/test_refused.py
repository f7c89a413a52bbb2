"""Data the pool does not take are recognised by header and by content."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from schemas.contract import source_contracts
from schemas.refused import (
    passes_luhn,
    refused_by_content,
    refused_by_name,
    split_citizens,
    told_header,
    undeclared_citizens,
    undeclared_phones,
    without_disability,
)

REAL_HEADERS = (Path(__file__).parent / "real_headers.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    "header",
    [
        "指纹", "人脸照片", "照片", "成员_健康状况", "残疾证号", "残疾等级", "致困原因", "宗教信仰", "政治面貌", "ZZMM", "YHZH",
        "银行账号", "银行帐户", "开户银行", "收款账号", "银行卡号", "血型", "兵役状况", "是否吸毒", "活动轨迹", "bank_account",
        "Ｂａｎｋ＿Ａｃｃｏｕｎｔ", "宗 教 信 仰", "religion", "political_status", "指紋", "指纹信息_1", "指纹-2", "銀行賬號", "健康狀況", "殘疾類別",
        "照片1", "ZHIWEN", "RLTX", "ZWTZ", "ZJXY", "ZJXYDM", "JKZK", "YHKH", "XUEXING", "CJLB", "bloodType", "fingerPrint", "finger-vein",
        "person.religiousBelief", "healthStatus", "DNA", "hiv_result", "palm_print",
    ],
)  # fmt: skip
def test_a_sensitive_header_is_refused_with_a_reason(header: str) -> None:
    reason = refused_by_name(header)
    assert reason
    assert "《个人信息保护法》" in reason


@pytest.mark.parametrize(
    "header",
    [
        "公民身份号码", "姓名", "民族代码", "党组织名称", "现场照片", "隐患内容", "安全诊断", "许可证编号", "户号", "工单编号",
        "房主证件号码", "低保证号", "联系电话", "经营范围", "身份证", "健康证编号", "行政区划", "REGNO", "face_value", "photographer", "account_name",
        *REAL_HEADERS,
    ],
)  # fmt: skip
def test_an_ordinary_header_is_taken(header: str) -> None:
    assert refused_by_name(header) is None


def test_no_column_that_a_contract_takes_is_refused_by_any_of_its_names() -> None:
    taken = [column for contract in source_contracts().values() for column in contract.columns if not column.ignored]
    assert len(taken) > 500
    names = [name for column in taken for name in (column.name, column.physical_name, column.label, *column.synonyms)]
    assert [name for name in names if refused_by_name(name)] == []


def test_a_header_that_is_itself_a_value_is_not_told() -> None:
    for value in ("11010519491231002X", "13812345678", _with_luhn("622848001234567891"), "佛教"):
        assert value not in told_header(4, value)
        assert "第 5 列" in told_header(4, value)
    assert told_header(4, "宗教信仰") == "宗教信仰"


def test_a_column_of_bank_cards_is_refused_whatever_its_header() -> None:
    cards = [_with_luhn("622848001234567891"), _with_luhn("62170000123456789"), None, ""]
    assert "金融账户" in (refused_by_content(cards) or "")


def test_citizen_numbers_that_happen_to_look_like_cards_are_taken() -> None:
    numbers = [f"62010219{year}0307{order:03d}" for year in range(50, 99) for order in range(100, 120)]
    assert refused_by_content([_with_luhn(number) for number in numbers]) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["11010519491231002X44", "44052418800101001421"], "残疾信息"),
        (["佛教", "无宗教信仰", "道教"], "宗教信仰"),
        (["群众", "中共党员", "群众", ""], "政治面貌"),
        (["肢体残疾二级", "听力残疾"], "残疾信息"),
        (["data:image/png;base64,AAAA\nBBBB"], "生物识别信息"),
        (["肢体三级", "视力1级", "无", ""], "残疾信息"),
        (["言语", "智力", "精神", "多重"], "残疾信息"),
        (["二级残疾", "残疾四级"], "残疾信息"),
        (["A型血", "AB型 RH阳性"], "健康"),
        (["A", "B", "O", "AB", "A"], "健康"),
        (["健康或良好", "有慢性病"], "健康"),
        (["信仰佛教", "藏传佛教"], "宗教信仰"),
        (["FFD8FFE000104A46" * 8], "生物识别信息"),
        (["Rk1SACAyMAAA" + "QUJD" * 40, "", ""], "生物识别信息"),
        ([("c2VjcmV0" * 40) + "=="], "生物识别信息"),
    ],
)
def test_content_gives_other_sensitive_columns_away(values: list[str], kind: str) -> None:
    assert kind in (refused_by_content(values) or "")


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, ""],
        ["13812345678"],
        ["91330381MA28XXXX0K"],
        ["330381199003070021"],
        ["安阳街道安福路12号"],
        ["1", "2"],
        ["6228480012345678912"],
        [f"6225{number:012d}" for number in range(1000, 9000, 37)],
        [f"4{number:015d}" for number in range(20250630000, 20250630400)],
        ["A", "B", "A", "C"],
        ["A", "B", "B", "A"],
        ["A型", "B型", "C型"],
        ["一级", "二级", "三级"],
        ["健康", "良好"],
        ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
        ["https://example.invalid/" + "a" * 200 + "?b=1.2"],
        ["精神文明建设", "智力竞赛"],
        ["33038120250102000021", "33038120250103000044", "20003303810000000074"],
    ],
)
def test_ordinary_content_is_taken(values: list[str | None]) -> None:
    assert refused_by_content(values) is None


@pytest.mark.parametrize(
    "cell",
    [
        "11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X", "11010519491231002X44",
        "当事人张三，身份证号11010519491231002X，住安福路", "110105-19491231-002X", "110105 1949—1231·002X", '{"id": "11010519491231002X"}', "A11010519491231002X",
    ],
)  # fmt: skip
def test_citizen_numbers_where_none_are_declared_are_found_in_whatever_they_stand(cell: str) -> None:
    assert "公民身份号码" in (undeclared_citizens([cell, None, "", "无关", "别的"]) or "")


def test_a_few_citizen_numbers_in_a_column_and_numbers_that_only_look_so_are_no_reason() -> None:
    assert undeclared_citizens(["11010519491231002X", *["普通文字"] * 9]) is None
    assert undeclared_citizens(["110105194912310021", "91330381MA28XXXX0K", "13812345678", "20250630123000123456"]) is None
    assert undeclared_citizens([None, ""]) is None


def test_citizen_numbers_in_two_columns_side_by_side_are_found() -> None:
    numbers = ["11010519491231002X", "440524188001010014", "110105194912310048"]
    columns = [["甲", "乙", "丙"], [each[:14] for each in numbers], [each[14:] for each in numbers], ["1", "2", "3"]]
    assert set(split_citizens(columns)) == {1, 2}
    assert split_citizens([["330381", "330382"], ["202506300123", "202507010456"]]) == {}
    assert split_citizens([["", "110105"], ["002X", ""]]) == {}
    assert split_citizens([numbers, ["", "", ""]]) == {}, "a whole number is no matter of two columns"


def test_undeclared_mobile_numbers_are_found_and_other_numbers_are_not() -> None:
    assert undeclared_phones(["张三13812345678", "+86 13912345678", "", "无", "+8613712345678"])
    for numbers in (["138123456789", "0577-65881234"], ["12345678901"], ["20250613812345678"], ["13812345678.5"], [None]):
        assert undeclared_phones(numbers) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("11010519491231002X44", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ４４", "１１０１０５１９４９１２３１００２Ｘ"),
        ("110105 19491231 002x 44", "110105 19491231 002x"),
        ("残疾证11010519491231002X44B1，已核", "残疾证11010519491231002X，已核"),
        ("11010519491231002444", "110105194912310024"),
        ("11010519491231002X", "11010519491231002X"),
        ("110105194912310024", "110105194912310024"),
        ("11010519491231002X445", "11010519491231002X445"),
        ("20003303810000000074", "20003303810000000074"),
        ("33038120259930000044", "33038120259930000044"),
    ],
)
def test_a_certificate_is_cut_to_its_citizen_number_and_no_other_number_is(text: str, left: str) -> None:
    assert without_disability(text) == left


@given(st.text("0123456789", min_size=15, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes_the_luhn_check(digits: str, place: int, change: int) -> None:
    good = _with_luhn(digits)
    at = place % len(good)
    bad = good[:at] + str((int(good[at]) + change) % 10) + good[at + 1 :]
    assert passes_luhn(good)
    assert not passes_luhn(bad)


def _with_luhn(digits: str) -> str:
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))
