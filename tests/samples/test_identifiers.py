"""Check characters against the examples of the standards and an independent calculation."""

import numpy as np
from hypothesis import given, strategies as st

from samples.identifiers import (
    CREDIT_ALPHABET,
    ORGANISATION_ALPHABET,
    citizen_numbers,
    credit_codes,
    food_licence_number,
    in_sequence,
    organisation_check,
    registration_number,
    shortened,
    with_wrong_check,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def has_good_citizen_check(number: str) -> bool:
    values = [10 if character == "X" else int(character) for character in number]
    return sum(value * weight for value, weight in zip(values, (*WEIGHTS, 1), strict=True)) % 11 == 1


def has_good_credit_check(code: str) -> bool:
    values = [CREDIT_ALPHABET.index(character) for character in code]
    return sum(value * pow(3, power, 31) for power, value in enumerate(values[:17])) % 31 == -values[17] % 31


def has_good_registration_check(number: str) -> bool:
    product = 10
    for digit in number[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(number[-1])) % 10 == 1


def test_the_standards_own_examples_come_out() -> None:
    made = citizen_numbers(np.array([110105, 440524]), np.array([19491231, 18800101]), np.array([2, 1]))
    assert made == ["11010519491231002X", "440524188001010014"]
    assert credit_codes(["91"], ["350100"], ["M000100Y"])[0][:17] == "91350100M000100Y4"
    assert credit_codes(["91"], ["350100"], ["M000100Y"]) == ["91350100M000100Y43"]
    assert organisation_check(["D2143569"]) == ["X"]
    assert registration_number("110108", 2085438) == "110108020854380"
    assert shortened("11010519491231002X") == "110105491231002"


@given(st.integers(110000, 659999), st.integers(0, 10**8), st.booleans())
def test_any_citizen_number_has_a_good_check_and_its_spoilt_form_a_bad_one(division: int, chance: int, male: bool) -> None:
    birth = 19000101 + chance % 100 * 10000
    number = citizen_numbers(np.array([division]), np.array([birth]), np.array([1 if male else 2]))[0]
    assert has_good_citizen_check(number)
    assert not has_good_citizen_check(with_wrong_check(number))


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
def test_any_credit_code_has_both_checks(body: str) -> None:
    code = credit_codes(["92"], ["330381"], [body])[0]
    assert len(code) == 18
    assert has_good_credit_check(code)
    assert code[16] == organisation_check([body])[0]
    assert set(body) <= set(ORGANISATION_ALPHABET)


@given(st.integers(0, 99_999_999))
def test_any_registration_number_and_licence_has_a_good_check(sequence: int) -> None:
    assert has_good_registration_check(registration_number("330381", sequence))
    assert has_good_registration_check(food_licence_number(2, "330381", sequence % 10**6)[2:])


def test_people_born_on_one_day_in_one_place_get_different_numbers() -> None:
    division, birth = np.full(600, 330381), np.full(600, 20000101)
    male = np.arange(600) % 2 == 0
    sequence = in_sequence(division, birth, male)
    assert len(set(citizen_numbers(division, birth, sequence))) == 600
    assert ((sequence % 2 == 1) == male).all()
