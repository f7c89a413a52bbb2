"""Data the pool does not take are recognised by header and by content."""

import pytest
from hypothesis import given, strategies as st

from schemas.refused import passes_luhn, refused_by_content, refused_by_name, undeclared_citizens


@pytest.mark.parametrize(
    "header",
    [
        "指纹", "人脸照片", "照片", "成员_健康状况", "残疾证号", "残疾等级", "致困原因", "宗教信仰", "政治面貌", "ZZMM", "YHZH",
        "银行账号", "银行帐户", "开户银行", "收款账号", "银行卡号", "血型", "兵役状况", "是否吸毒", "活动轨迹", "bank_account",
        "Ｂａｎｋ＿Ａｃｃｏｕｎｔ", "宗 教 信 仰", "religion", "political_status",
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
    ],
)  # fmt: skip
def test_an_ordinary_header_is_taken(header: str) -> None:
    assert refused_by_name(header) is None


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
        ["33038120250102000021", "33038120250103000044", "20003303810000000074"],
    ],
)
def test_ordinary_content_is_taken(values: list[str | None]) -> None:
    assert refused_by_content(values) is None


@pytest.mark.parametrize(
    "cell",
    [
        "11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X", "11010519491231002X44",
        "当事人张三，身份证号11010519491231002X，住安福路", '{"id": "11010519491231002X"}', "A11010519491231002X",
    ],
)  # fmt: skip
def test_citizen_numbers_where_none_are_declared_are_found_in_whatever_they_stand(cell: str) -> None:
    assert "公民身份号码" in (undeclared_citizens([cell, None, "", "无关", "别的"]) or "")


def test_a_few_citizen_numbers_in_a_column_and_numbers_that_only_look_so_are_no_reason() -> None:
    assert undeclared_citizens(["11010519491231002X", *["普通文字"] * 9]) is None
    assert undeclared_citizens(["110105194912310021", "91330381MA28XXXX0K", "13812345678", "20250630123000123456"]) is None
    assert undeclared_citizens([None, ""]) is None


@given(st.text("0123456789", min_size=15, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes_the_luhn_check(digits: str, place: int, change: int) -> None:
    good = _with_luhn(digits)
    at = place % len(good)
    bad = good[:at] + str((int(good[at]) + change) % 10) + good[at + 1 :]
    assert passes_luhn(good)
    assert not passes_luhn(bad)


def _with_luhn(digits: str) -> str:
    return next(digits + last for last in "0123456789" if passes_luhn(digits + last))
