"""Check characters of identifiers, one row of digits at a time for many identifiers at once.

Citizen numbers after GB 11643-1999 (ISO 7064 MOD 11-2), unified social credit codes after GB 32100-2015,
organisation codes after GB 11714-1997, registration numbers after GS 15-2006 (ISO 7064 MOD 11,10).
"""

import numpy as np

from samples.randomness import Bools, Ints, Objects

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CITIZEN_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
CREDIT_WEIGHTS = np.array([pow(3, power, 31) for power in range(17)])


def _symbols(texts: list[str], alphabet: str) -> Ints:
    """Values of the characters, one row a text; all texts have the same length."""
    value = np.full(128, -1, dtype=np.int64)
    value[[ord(character) for character in alphabet]] = range(len(alphabet))
    codes = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8).reshape(len(texts), -1)
    found: Ints = value[codes]
    return found


def citizen_check(digits: Ints) -> Objects:
    """Check characters of rows of 17 digits."""
    found: Objects = np.array(list("10X98765432"))[(digits @ CITIZEN_WEIGHTS) % 11]
    return found


def citizen_numbers(division: Ints, birth: Ints, sequence: Ints) -> list[str]:
    """Citizen numbers from six-digit division, birth as YYYYMMDD and three-digit sequence (odd: male)."""
    body = division * 10**11 + birth * 10**3 + sequence
    powers = 10 ** np.arange(16, -1, -1, dtype=np.int64)
    check = citizen_check(body[:, None] // powers % 10)
    return [f"{number}{character}" for number, character in zip(body.tolist(), check.tolist(), strict=True)]


def in_sequence(division: Ints, birth: Ints, male: Bools) -> Ints:
    """Sequences that make each number unique, from the high end that few real numbers use."""
    order = np.lexsort((male, birth, division))
    key = np.stack([division[order], birth[order], male[order].astype(np.int64)])
    first = np.concatenate([[True], (key[:, 1:] != key[:, :-1]).any(axis=0)])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - start
    if len(rank) and rank.max() > 490:
        raise ValueError("同一区划、同一天出生的人数超过公民身份号码顺序码的容量，请减少人数（--persons）")
    return np.where(male, 995, 994) - 2 * rank


def organisation_check(bodies: list[str]) -> list[str]:
    """Check characters of eight-character organisation code bodies."""
    remainder = 11 - (_symbols(bodies, ORGANISATION_ALPHABET) @ ORGANISATION_WEIGHTS) % 11
    return ["X" if value == 10 else "0" if value == 11 else str(value) for value in remainder.tolist()]


def credit_codes(prefixes: list[str], divisions: list[str], bodies: list[str]) -> list[str]:
    """Unified social credit codes from department and category, division, and organisation code body."""
    if not bodies:
        return []
    organisation = organisation_check(bodies)
    parts = [a + b + c + d for a, b, c, d in zip(prefixes, divisions, bodies, organisation, strict=True)]
    check = (31 - (_symbols(parts, CREDIT_ALPHABET) @ CREDIT_WEIGHTS) % 31) % 31
    return [part + CREDIT_ALPHABET[value] for part, value in zip(parts, check.tolist(), strict=True)]


def mod_11_10(digits: str) -> str:
    """Check digit after ISO 7064 MOD 11,10."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def registration_number(division: str, sequence: int) -> str:
    """Fifteen-digit registration number of the registering authority's division."""
    body = f"{division}{sequence:08d}"
    return body + mod_11_10(body)


def food_licence_number(form: int, division: str, sequence: int) -> str:
    """Food business licence: JY, main business type, division, sequence, check digit."""
    body = f"{form}{division}{sequence:06d}"
    return f"JY{body}{mod_11_10(body)}"


def shortened(number: str) -> str:
    """The fifteen-digit form of a citizen number of someone born in the twentieth century."""
    return number[:6] + number[8:17]


def with_wrong_check(number: str) -> str:
    """The number with a check character that does not fit."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")
