"""Chinese numerals as Arabic digits, in both readings: by position (一百二十八) and digit by digit (一二八)."""

DIGITS = {
    **{character: number for number, character in enumerate("零一二三四五六七八九")},
    **{character: number for number, character in enumerate("零壹贰叁肆伍陆柒捌玖")},
    "〇": 0,
    "两": 2,
}
TENS = {"廿": 20, "卅": 30}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
CHARACTERS = "".join([*DIGITS, *TENS, *UNITS])


def to_arabic(numeral: str) -> str:
    """Return the Arabic digits of a Chinese numeral made of `CHARACTERS` only."""
    if any(character in UNITS or character in TENS for character in numeral):
        return str(_by_position(numeral))
    return "".join(str(DIGITS[character]) for character in numeral)


def _by_position(numeral: str) -> int:
    total = 0
    digit = 0
    pending = False
    for character in numeral:
        if character in TENS:
            total += TENS[character]
            pending = False
        elif character in UNITS:
            total += (digit if pending else 1) * UNITS[character]
            pending = False
        else:
            digit = DIGITS[character]
            pending = True
    return total + (digit if pending else 0)


_TO_CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")


def to_chinese(digits: str) -> str:
    """Return the Chinese reading of a name's digits: 2 as 二, 12 as 十二, longer ones digit by digit."""
    if len(digits) == 2 and digits[0] != "0":
        tens = "" if digits[0] == "1" else digits[0].translate(_TO_CHINESE)
        ones = "" if digits[1] == "0" else digits[1].translate(_TO_CHINESE)
        return f"{tens}十{ones}"
    return digits.translate(_TO_CHINESE)
