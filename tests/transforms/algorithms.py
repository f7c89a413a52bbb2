"""Check algorithms written a second time, character by character, to hold the SQL against."""

import math
from datetime import date

CITIZEN_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def citizen_check(seventeen: str) -> str:
    """Check character of GB 11643."""
    remainder = sum(int(digit) * weight for digit, weight in zip(seventeen, CITIZEN_WEIGHTS, strict=True)) % 11
    return "10X98765432"[remainder]


def is_citizen_number(number: str, load_date: date) -> bool:
    """Whether 18 characters are a citizen number of somebody alive on the load date."""
    if len(number) != 18 or not number[:17].isascii() or not number[:17].isdigit() or number[17] not in "0123456789X":
        return False
    if number[:2] not in PROVINCES or (number[:2] in RESIDENCE_PERMITS and number[2:6] != "0000"):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    oldest = load_date.replace(year=load_date.year - 130)
    return oldest <= born <= load_date and number[17] == citizen_check(number[:17])


def uscc_check(seventeen: str) -> str:
    """Check symbol of GB 32100."""
    total = sum(USCC_ALPHABET.index(symbol) * pow(3, place, 31) for place, symbol in enumerate(seventeen))
    return USCC_ALPHABET[-total % 31]


def organisation_check(eight: str) -> str:
    """Check symbol of GB 11714."""
    total = sum(ORGANISATION_ALPHABET.index(symbol) * weight for symbol, weight in zip(eight, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def registration_check(fourteen: str) -> str:
    """Check digit of GS 15, ISO 7064 MOD 11,10."""
    product = 10
    for digit in fourteen:
        product = (product + int(digit)) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def gcj02(position: tuple[float, float]) -> tuple[float, float]:
    """Longitude and latitude of GCJ-02 for those of WGS-84."""
    x, y = position[0] - 105, position[1] - 35
    waves = [math.sin(each * math.pi) for each in (6 * x, 2 * x, y, y / 3, y / 12, y / 30, x, x / 3, x / 12, x / 30)]
    both = 20 * waves[0] + 20 * waves[1]
    north = -100 + 2 * x + 3 * y + y * y / 5 + x * y / 10 + math.sqrt(abs(x)) / 5
    north += (both + 20 * waves[2] + 40 * waves[3] + 160 * waves[4] + 320 * waves[5]) / 1.5
    east = 300 + x + 2 * y + x * x / 10 + x * y / 10 + math.sqrt(abs(x)) / 10
    east += (both + 20 * waves[6] + 40 * waves[7] + 150 * waves[8] + 300 * waves[9]) / 1.5
    latitude = math.radians(position[1])
    curve = 1 - 0.00669342162296594323 * math.sin(latitude) ** 2
    metres_north = math.radians(6378245 * (1 - 0.00669342162296594323) / curve**1.5)
    metres_east = math.radians(6378245 * math.cos(latitude) / math.sqrt(curve))
    return position[0] + east / metres_east, position[1] + north / metres_north


def bd09(position: tuple[float, float]) -> tuple[float, float]:
    """Longitude and latitude of BD-09 for those of WGS-84."""
    x, y = gcj02(position)
    radius = math.hypot(x, y) + 0.00002 * math.sin(math.radians(y * 3000))
    angle = math.atan2(y, x) + 0.000003 * math.cos(math.radians(x * 3000))
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


PROVINCES = {
    *("11", "12", "13", "14", "15"),
    *("21", "22", "23"),
    *("31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46"),
    *("50", "51", "52", "53", "54"),
    *("61", "62", "63", "64", "65"),
    *("71", "81", "82", "83"),
}
RESIDENCE_PERMITS = {"81", "82", "83"}
"""Hong Kong, Macao and Taiwan: 810000, 820000, 830000."""
