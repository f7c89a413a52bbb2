"""Every known way in which address texts vary: the answer expected of each (variations/*.yaml), and its present result in full (frozen.tsv)."""

import csv
import re
from pathlib import Path

import pytest

from tests.address_matching.cases import Case, cases
from tests.address_matching.freeze import FROZEN, frozen_lines

VARIATIONS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "address_variations.tsv"
NUMBER_OF_CLASSES = 107


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.kind}:{(case.text or '')[:30]}") for case in cases()])
def test_a_variation_is_answered_as_expected(case: Case) -> None:
    answers = case.built().answers(case.text, case.as_of)
    assert answers == (case.actual if case.known_failure else case.expect)


def test_a_known_failure_says_why_and_differs_from_the_right_answer() -> None:
    for case in cases():
        assert bool(case.actual) == bool(case.known_failure)
        assert case.actual != case.expect, f"{case.kind} is answered rightly; remove its known_failure"


def test_results_are_those_that_were_reviewed() -> None:
    """Scores and faults included; after a change that is meant: python -m tests.address_matching.freeze, and review the diff."""
    assert FROZEN.read_text(encoding="utf-8").splitlines() == frozen_lines()


@pytest.mark.skipif(not VARIATIONS.is_file(), reason=f"the list of variations is not at {VARIATIONS} (shared/data and its neighbours)")
def test_every_variant_of_every_class_has_a_case() -> None:
    texts: dict[str, set[str]] = {}
    for case in cases():
        texts.setdefault(case.kind, set()).add(case.text or "")
    with VARIATIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == NUMBER_OF_CLASSES
    for row in rows:
        for variant in re.split(r" / |↔", row["messy"]):
            assert any(text.endswith(variant) for text in texts.get(row["class"], ())), (row["class"], variant)
