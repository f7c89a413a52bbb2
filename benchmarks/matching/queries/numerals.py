"""Numbers written in Chinese and in full width."""

DIGITS = "零一二三四五六七八九"
FULL_WIDTH = {ord(character): ord(character) + 0xFEE0 for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-()#"}


def chinese(number: int) -> str:
    """12 → 十二, 128 → 一百二十八; up to 9999."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return "十" + (DIGITS[number - 10] if number > 10 else "")
    for size, unit in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            head, rest = divmod(number, size)
            if not rest:
                return DIGITS[head] + unit
            middle = "零" if rest < size // 10 else ""
            tail = chinese(rest)
            return DIGITS[head] + unit + middle + ("一" + tail if tail.startswith("十") else tail)
    return ""


def digit_by_digit(number: str) -> str:
    """128 → 一二八."""
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in number)
