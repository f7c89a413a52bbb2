"""Faults and habits of single values; each takes the right text and gives the text as it stands in an export."""

from collections.abc import Callable
from random import Random

from samples.identifiers import shortened, with_wrong_check
from samples.noise.dates import OPEN_ENDS
from samples.noise.numerals import FULL_WIDTH
from samples.words import words

Change = Callable[[str, Random], str | None]


def wrong_check(value: str, rng: Random) -> str | None:
    """A check character that does not fit."""
    return with_wrong_check(value) if len(value) in (15, 16, 18) else None


def fifteen_digits(value: str, rng: Random) -> str | None:
    """The old citizen number, for people born before 1985."""
    return shortened(value) if len(value) == 18 and "1900" < value[6:10] < "1985" else None


def digit_mistyped(value: str, rng: Random) -> str | None:
    """One digit of a number replaced by another."""
    at = rng.randrange(len(value) - 1) if len(value) in (15, 18) else -1
    if at < 0 or not value[at].isdigit():
        return None
    return value[:at] + rng.choice([digit for digit in "0123456789" if digit != value[at]]) + value[at + 1 :]


def digits_swapped(value: str, rng: Random) -> str | None:
    """Two neighbouring digits of a number in the wrong order."""
    places = [at for at in range(len(value) - 2) if value[at] != value[at + 1] and value[at : at + 2].isdigit()]
    if len(value) not in (15, 18) or not places:
        return None
    at = rng.choice(places)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def old_number_mistyped(value: str, rng: Random) -> str | None:
    """The old citizen number, which has no check digit, with a wrong digit in its sequence."""
    old = fifteen_digits(value, rng)
    return None if old is None else old[:12] + rng.choice([digit for digit in "0123456789" if digit != old[12]]) + old[13:]


def small_x(value: str, rng: Random) -> str | None:
    """A lower-case x at the end."""
    return value.lower() if value.endswith("X") else None


def lower_case(value: str, rng: Random) -> str | None:
    """Letters in lower case."""
    return value.lower() if value.lower() != value else None


def letter_o(value: str, rng: Random) -> str | None:
    """The letter O for a zero."""
    return value.replace("0", "O", 1) if "0" in value else None


def wide(value: str, rng: Random) -> str | None:
    """Full-width digits and letters."""
    return value.translate(FULL_WIDTH) if value else None


def trailing_blank(value: str, rng: Random) -> str | None:
    """A blank at the end."""
    return value + rng.choice([" ", "　"]) if value else None


def blank(value: str, rng: Random) -> str | None:
    """Nothing at all."""
    return "" if value else None


def no_value(value: str, rng: Random) -> str | None:
    """A word for nothing."""
    return rng.choice(["无", "不详", "-", "/", "null", "暂无"])


def placeholder_phone(value: str, rng: Random) -> str | None:
    """A phone number that stands for none."""
    return rng.choice(["13800000000", "11111111111", "无", "不详", "0"])


def short_phone(value: str, rng: Random) -> str | None:
    """A digit lost."""
    return value[:-1] if len(value) == 11 else None


def phone_with_prefix(value: str, rng: Random) -> str | None:
    """A country prefix or hyphens."""
    if len(value) != 11 or not value.isdigit():
        return None
    return rng.choice([f"+86{value}", f"86-{value}", f"{value[:3]}-{value[3:7]}-{value[7:]}", f"{value[:3]} {value[3:7]} {value[7:]}"])


def two_phones(value: str, rng: Random) -> str | None:
    """Two numbers in one cell."""
    return f"{value}{rng.choice(['/', '、', ';', ' '])}139{rng.randrange(10**6):08d}" if value else None


def name_with_blank(value: str, rng: Random) -> str | None:
    """Two characters pulled apart."""
    return f"{value[0]}{rng.choice([' ', '　', '  '])}{value[1]}" if len(value) == 2 else None


def name_with_note(value: str, rng: Random) -> str | None:
    """A note behind the name."""
    return value + rng.choice(["（户主）", "(已故)", "（代）"]) if value else None


def name_mistyped(value: str, rng: Random) -> str | None:
    """Another last character."""
    if len(value) < 2:
        return None
    other = rng.choice(words("names")["shared"])
    return value[:-1] + other if other != value[-1] else None


def unknown_code(value: str, rng: Random) -> str | None:
    """A code that no list has."""
    return rng.choice(["ZZ", "777", "未登记类"])


def impossible_date(value: str, rng: Random) -> str | None:
    """A day the calendar does not have."""
    return rng.choice(["20230231", "2021-13-05", "19990000", "2020/2/30"])


def future_date(value: str, rng: Random) -> str | None:
    """A day far ahead."""
    return f"20{rng.randrange(88, 99)}-06-15"


def early_date(value: str, rng: Random) -> str | None:
    """A day long before, so that dates stand in the wrong order."""
    return "1931-01-05" if value else None


def open_end(value: str, rng: Random) -> str | None:
    """A far day for a thing that has no end."""
    return None if value else rng.choice(OPEN_ENDS)


def capital_with_unit(value: str, rng: Random) -> str | None:
    """An amount in ten thousand yuan with its unit, currency or both written out."""
    if not value or not value.isdigit():
        return None
    whole = f"{int(value) * 10000}元"
    return rng.choice(
        [f"{value}万(元)", f"{value}万元", f"{value}万人民币", f"{value}万元人民币", whole, f"{int(value):,}万元", f"{value}.000000"]
    )


def area_with_unit(value: str, rng: Random) -> str | None:
    """An area with its unit."""
    return value + rng.choice(["㎡", "平方米", "平米"]) if value else None


def rent_with_unit(value: str, rng: Random) -> str | None:
    """A rent with its unit."""
    return value + rng.choice(["元", "元/月", "元整"]) if value else None


def negative(value: str, rng: Random) -> str | None:
    """A number below zero."""
    return f"-{value}" if value and value != "0" else None


def swapped_coordinate(value: str, rng: Random) -> str | None:
    """A coordinate outside the country."""
    return rng.choice(["0", "0.0", "27.778", "999"]) if value else None


def sex_word(value: str, rng: Random) -> str | None:
    """The word instead of the code."""
    return {"1": "男", "2": "女"}.get(value)


def yes_or_no(value: str, rng: Random) -> str | None:
    """Digits or letters instead of 是 and 否."""
    return {"是": rng.choice(["1", "Y", "true"]), "否": rng.choice(["0", "N", "false"])}.get(value)
