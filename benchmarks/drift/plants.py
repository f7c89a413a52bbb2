"""Drift as departments bring it about, planted into one delivery; columns go by the header of the export."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]
EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Plant:
    """One change of a dataset's delivery, and the contract columns (an empty text: the rows as such) of which something must be told."""

    label: str
    dataset: str
    change: Change
    columns: tuple[str, ...] = ("",)


def _each(header: str, write: Callable[[str], str], share: float = 1.0) -> Change:
    """The cells of a column written otherwise, in a share of the rows."""

    def change(frame: pd.DataFrame, randomness: np.random.Generator) -> pd.DataFrame:
        chosen = randomness.random(len(frame)) < share
        cells = [write(text) if is_chosen and text else text for text, is_chosen in zip(frame[header], chosen, strict=True)]
        return frame.assign(**{header: cells})

    return change


def _filled(header: str, value: str, only_empty: bool = False, share: float = 1.0) -> Change:
    def change(frame: pd.DataFrame, randomness: np.random.Generator) -> pd.DataFrame:
        chosen = (randomness.random(len(frame)) < share) & (~only_empty | (frame[header] == ""))
        return frame.assign(**{header: np.where(chosen, value, frame[header])})

    return change


def _swap(one: str, other: str) -> Change:
    return lambda frame, _: frame.assign(**{one: frame[other], other: frame[one]})


def _copied(source: str, target: str) -> Change:
    return lambda frame, _: frame.assign(**{target: frame[source]})


def _shifted(frame: pd.DataFrame, _: np.random.Generator) -> pd.DataFrame:
    """From the fourth column on all cells one column further to the right, as after an unquoted comma."""
    shifted = frame.copy()
    shifted.iloc[:, 3:] = np.roll(frame.iloc[:, 3:].to_numpy(), 1, axis=1)
    return shifted


def _serial(text: str) -> str:
    digits = "".join(character for character in text if character.isdecimal())
    try:
        return str((date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) - EPOCH).days)
    except ValueError:
        return text


def _slashed(text: str) -> str:
    digits = text.replace("-", "")
    return f"{digits[:4]}/{digits[4:6]}/{digits[6:8]}" if digits[:8].isdecimal() else text


def _scaled(by: float) -> Callable[[str], str]:
    def write(text: str) -> str:
        try:
            return f"{float(text) * by:g}"
        except ValueError:
            return text

    return write


RESIDENTS, HOUSES, FIRMS = "public_security.resident_population", "public_security.rental_house", "market_regulation.market_entity"
ALLOWANCES, HAZARDS = "civil_affairs.subsistence_allowance", "emergency_management.hazard_inspection"
PLANTS = (
    Plant("出生日期写成表格的日期序号", RESIDENTS, _each("出生日期", _serial), ("birth_date",)),
    Plant("成立日期换成斜线写法", FIRMS, _each("ESTDATE", _slashed), ("founded_on",)),
    Plant("证件号码成了科学计数", HOUSES, _each("房主证件号码", lambda text: f"{text[0]}.{text[1:6]}E+17"), ("owner_number",)),
    Plant("姓名写在电话列里", RESIDENTS, _copied("姓名", "联系电话"), ("phone",)),
    Plant("房主姓名与电话对调", HOUSES, _swap("房主姓名", "房主联系电话"), ("owner_name", "owner_phone")),
    Plant("经纬度对调", RESIDENTS, _swap("居住地_坐标X", "居住地_坐标Y"), ("actual_longitude", "actual_latitude")),
    Plant("性别代码写成名称", RESIDENTS, _each("性别代码", lambda text: {"1": "男性", "2": "女性"}.get(text, text)), ("sex_code",)),
    Plant("电话空了四成", RESIDENTS, _filled("联系电话", "", share=0.4), ("phone",)),
    Plant("电话全填成一个号码", HOUSES, _filled("承租人联系电话", "13900000000"), ("tenant_phone",)),
    Plant("空着的工作单位填了“无”", RESIDENTS, _filled("工作单位", "无", only_empty=True), ("employer",)),
    Plant("漏报了一半的行", HOUSES, lambda frame, _: frame.iloc[: len(frame) // 2]),
    Plant("每行报了两遍", FIRMS, lambda frame, _: pd.concat([frame, frame])),
    Plant("注册资本由万元改为元", FIRMS, _each("REGCAP", _scaled(10_000)), ("capital",)),
    Plant("三成主体的状态改成注销", FIRMS, _filled("REGSTATE", "3", share=0.3), ("state_code",)),
    Plant("月保障金额改成全年", ALLOWANCES, _each("月保障金额", _scaled(12)), ("monthly_amount",)),
    Plant("联系电话改名为电话号码", RESIDENTS, lambda frame, _: frame.rename(columns={"联系电话": "电话号码"}), ("phone",)),
    Plant("证件号码改名为身份证", RESIDENTS, lambda frame, _: frame.rename(columns={"公民身份号码": "身份号"}), ("citizen_number",)),
    Plant("少了必填的户籍地址", RESIDENTS, lambda frame, _: frame.drop(columns="户籍地_地址详址"), ("registered_address_text",)),
    Plant("少了可选的工作单位", RESIDENTS, lambda frame, _: frame.drop(columns="工作单位"), ("employer",)),
    Plant("多了一列微信号", HOUSES, lambda frame, _: frame.assign(微信号="有"), ("微信号",)),
    Plant("地址截成十个字", HOUSES, _each("房屋地址_详址", lambda text: text[:10]), ("address_text",)),
    Plant("检查日期全成了一天", HAZARDS, _filled("检查日期", "2025-06-01"), ("inspected_on",)),
    Plant("第四列起错开一列", HOUSES, _shifted, ("owner_name", "owner_number", "owner_phone", "use_code", "area")),
    Plant("整改状态换成了另一套代码", HAZARDS, _each("整改状态", lambda text: f"S{len(text)}"), ("state_code",)),
)
