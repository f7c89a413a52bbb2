"""Numbers in Chinese characters and full-width forms."""

DIGITS = "零一二三四五六七八九"
FULL_WIDTH = str.maketrans(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-", "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ－"
)


def digit_by_digit(number: str) -> str:
    """128 as 一二八."""
    return "".join(DIGITS[int(digit)] for digit in number)


def chinese(number: int) -> str:
    """128 as 一百二十八; numbers up to 9999."""
    if number < 10:
        return DIGITS[number]
    text, pending_zero = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if pending_zero and text else "") + DIGITS[digit] + sign
            pending_zero = False
        else:
            pending_zero = bool(text)
    return text.removeprefix("一") if 10 <= number < 20 else text
