"""Every known way in which address texts vary, against its expected answer (variations.yaml)."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.address_matching.support import Library, build

FILE = yaml.safe_load(Path(__file__).with_name("variations.yaml").read_text(encoding="utf-8"))
NUMBER_OF_CLASSES = 107


@cache
def library_of(extra: tuple[str, ...], aliases: tuple[str, ...], alone: bool) -> Library:
    return build([*(() if alone else FILE["library"]), *extra], list(aliases))


def cases() -> list[Any]:
    return [
        pytest.param(case, text, id=f"{case['class']}:{text[:30]}")
        for case in FILE["cases"]
        for text in case.get("texts", [case.get("text")])
    ]


@pytest.mark.parametrize(("case", "text"), cases())
def test_a_variation_is_answered_as_expected(case: dict[str, Any], text: str) -> None:
    library = library_of(tuple(case.get("library", ())), tuple(case.get("aliases", ())), case.get("alone", False))
    as_of = case.get("as_of")
    assert as_of is None or isinstance(as_of, date)
    wanted = case["actual"] if "known_failure" in case else case["expect"]
    assert library.answers(text, as_of) == wanted


def test_every_class_has_a_case() -> None:
    assert len({case["class"] for case in FILE["cases"]}) == NUMBER_OF_CLASSES


def test_a_known_failure_says_why_and_differs_from_the_right_answer() -> None:
    for case in FILE["cases"]:
        if "known_failure" in case:
            assert case["actual"] != case["expect"], f"{case['class']} is answered rightly; remove its known_failure"
