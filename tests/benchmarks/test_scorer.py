"""The scorer on answers made by hand."""

import pandas as pd
import pyarrow as pa
import pytest

from address_matching.model import LIBRARY_SCHEMA
from benchmarks.matching.queries import QUERY_SCHEMA
from benchmarks.matching.score import calibration, groups, judge, summary
from benchmarks.matching.score.judge import ANSWER_SCHEMA

ROAD, DOOR, NEXT_DOOR, WEST, WEST_DOOR = (f"330381{row:09d}" for row in range(5))


def library() -> pa.Table:
    rows = [
        {"address_id": ROAD, "level": "road", "road": "隆山东路"},
        {"address_id": DOOR, "parent_id": ROAD, "level": "house", "road": "隆山东路", "house_number": "558号"},
        {"address_id": NEXT_DOOR, "parent_id": ROAD, "level": "house", "road": "隆山东路", "house_number": "585号"},
        {"address_id": WEST, "level": "road", "road": "隆山西路"},
        {"address_id": WEST_DOOR, "parent_id": WEST, "level": "house", "road": "隆山西路", "house_number": "558号"},
    ]
    return pa.Table.from_pylist(rows, schema=LIBRARY_SCHEMA)


def judged(*cases: tuple[dict[str, object], dict[str, object]]) -> pd.DataFrame:
    """Verdicts on (query, answer) pairs."""
    common = {"style": "public_security", "hardness": "nearly_clean", "noise": ["clean"], "also": [], "candidates": [], "kind": "answer"}
    queries = [{**common, "query_id": str(number), "text": str(number), **query} for number, (query, _) in enumerate(cases)]
    answers = [{"query_id": str(number), "status": "matched", "score": 0.99, **answer} for number, (_, answer) in enumerate(cases)]
    return judge(pa.Table.from_pylist(queries, schema=QUERY_SCHEMA), pa.Table.from_pylist(answers, schema=ANSWER_SCHEMA), library())


ASKED = {"truth": DOOR, "level": "house"}


def test_only_the_exact_address_with_status_matched_is_a_hit() -> None:
    table = judged(
        (ASKED, {"address_id": DOOR}),
        (ASKED, {"address_id": DOOR, "status": "review"}),
        (ASKED, {"address_id": ROAD}),
        (ASKED, {"address_id": None, "status": "unmatched"}),
        ({"truth": ROAD, "level": "road", "also": [WEST]}, {"address_id": WEST}),
    )
    assert table["hit"].tolist() == [True, False, False, False, True]
    found = summary(table)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 5)
    assert found["f1"] == pytest.approx(2 * (2 / 3) * (2 / 5) / (2 / 3 + 2 / 5))
    assert found["review_rate"] == pytest.approx(1 / 5)


def test_a_match_of_a_query_without_answer_is_false_and_costs_precision() -> None:
    none = {"kind": "no_answer", "truth": None}
    table = judged((ASKED, {"address_id": DOOR}), (none, {"address_id": ROAD}), (none, {"address_id": None, "status": "unmatched"}))
    found = summary(table)
    assert found["false_match_rate"] == 0.5
    assert found["precision"] == 0.5
    assert found["recall"] == 1


def test_numbers_and_directions_that_are_confused_count_as_siblings() -> None:
    table = judged(
        (ASKED, {"address_id": NEXT_DOOR}),
        (ASKED, {"address_id": WEST_DOOR}),
        (ASKED, {"address_id": ROAD}),
        ({"truth": ROAD, "level": "road", "noise": ["wrong_digit"]}, {"address_id": NEXT_DOOR}),
        ({"truth": ROAD, "level": "road"}, {"address_id": NEXT_DOOR}),
    )
    assert table["sibling"].tolist() == [True, True, False, True, False]
    assert summary(table)["siblings"] == 3


def test_an_ambiguous_query_needs_review_with_all_right_candidates() -> None:
    unclear = {"kind": "ambiguous", "truth": None, "candidates": [DOOR, WEST_DOOR]}
    table = judged(
        (unclear, {"status": "review", "candidates": [WEST_DOOR, DOOR, NEXT_DOOR]}),
        (unclear, {"status": "review", "candidates": [DOOR]}),
        (unclear, {"status": "unmatched"}),
        (unclear, {"address_id": DOOR, "candidates": [DOOR, WEST_DOOR]}),
    )
    assert table["listed"].tolist() == [True, False, False, False]
    assert summary(table)["ambiguous_listed"] == 0.25
    assert summary(table)["review_rate"] != summary(table)["review_rate"], "no query but ambiguous ones: there is no rate"


def test_groups_count_a_query_in_each_of_its_noise_classes() -> None:
    table = judged(
        ({**ASKED, "noise": ["homophone", "full_width"]}, {"address_id": DOOR}), ({**ASKED, "noise": ["homophone"]}, {"address_id": ROAD})
    )
    found = groups(table, "noise").set_index("noise")
    assert found.loc["homophone", "queries"] == 2
    assert found.loc["homophone", "recall"] == 0.5
    assert found.loc["full_width", "recall"] == 1


def test_the_reliability_curve_compares_scores_with_what_is_right() -> None:
    table = judged(*[(ASKED, {"address_id": DOOR if number < 9 else ROAD, "score": 0.9}) for number in range(10)])
    curve = calibration(table)
    assert curve["results"].tolist() == [10]
    assert curve["right"].tolist() == [0.9]
    assert summary(table)["calibration_error"] == pytest.approx(0)
