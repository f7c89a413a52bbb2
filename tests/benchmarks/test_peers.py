"""What peers share: normalising, parsing, and how their thresholds become answers."""

import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.matching.environments import REQUIREMENTS
from benchmarks.matching.matchers.peer import _answers, best_thresholds, peers
from benchmarks.matching.peers.parser import COLUMNS, parse
from benchmarks.matching.peers.protocol import normalise, town_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浙江省温州市瑞安市安阳街道 隆山东路５５８号", "安阳街道隆山东路558号"),
        ("瑞安安阳街道阳光花苑3栋502房", "安阳街道阳光花苑3幢502室"),
        ("瑞安市", "瑞安市"),
        ("", ""),
    ],
)
def test_texts_are_normalised(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_the_town_is_read_from_the_beginning_only() -> None:
    assert town_of("安阳街道隆山东路558号") == "安阳街道"
    assert town_of("隆山东路558号安阳街道") == ""


def test_components_are_parsed() -> None:
    parsed = dict(zip(COLUMNS, parse("浙江省温州市瑞安市安阳街道安阳路553号新世纪花园3幢2单元502室"), strict=True))
    assert parsed == {
        "town": "安阳街道", "village": "-", "road": "安阳路", "house": "553号", "place": "新世纪花园", "building": "3幢", "unit": "2单元", "room": "502室",
    }  # fmt: skip


def test_a_row_is_an_answer_where_score_and_lead_suffice() -> None:
    found = pd.DataFrame({"query_id": list("abcd"), "row": [1, 2, 3, -1], "score": [0.9, 0.9, 0.5, 0.0], "second": [0.5, 0.89, 0.0, 0.0]})
    answers = _answers(found, threshold=0.8, margin=0.05)
    assert answers["address_id"].to_pylist() == ["330381000000001", None, None, None]
    assert answers["status"].to_pylist() == ["matched", "unmatched", "unmatched", "unmatched"]


def test_every_peer_has_pinned_requirements() -> None:
    for peer in peers():
        lines = (REQUIREMENTS / f"{peer.name}.txt").read_text(encoding="utf-8").split()
        assert lines
        assert all("==" in line for line in lines)


def test_thresholds_are_those_with_the_best_f1() -> None:
    found = pd.DataFrame({"query_id": list("abcd"), "row": [1, 2, 3, 4], "score": [0.9, 0.8, 0.7, 0.4], "second": [0.1, 0.1, 0.699, 0.1]})
    truth = ["330381000000001", "330381000000002", "330381000000009", None]
    queries = pa.table({"truth": pa.array(truth, pa.string()), "also": pa.array([[]] * 4, pa.list_(pa.string()))})
    threshold, margin = best_thresholds(found, queries)
    taken = (found["score"] >= threshold) & (found["score"] - found["second"] >= margin)
    assert taken.tolist() == [True, True, False, False]
