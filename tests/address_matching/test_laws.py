"""Laws that hold for every text."""

import random
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings, strategies as st

from address_matching import REASONS, STATUSES, RecordsError, explain, match
from address_matching.normalise import MAX_LENGTH, STEPS, normalise
from tests.address_matching.cases import cases
from tests.address_matching.support import PREFIX, Library, build

LINES = [
    *Path(__file__).with_name("library.txt").read_text(encoding="utf-8").splitlines(),
    *(
        f"room 安阳街道万松东路128号阳光花苑{building}幢{unit}单元{floor}0{room}室"
        for building in (3, 8)
        for unit in (1, 2)
        for floor in (1, 5)
        for room in (1, 2)
    ),
    *(f"house {town}中心街{number}号" for town in ("塘下镇", "莘塍街道") for number in (3, 36, 63, 558, 585)),
    *(f"house 安阳街道{road}路{number}号" for road in ("隆山东", "隆山西", "隆山中") for number in (558, 585)),
]
TEXTS = [case.text or "" for case in cases()]
PIECES = [
    "瑞安市",
    "安阳街道",
    "塘下",
    "隆山东路",
    "中心街",
    "558",
    "号",
    "3幢",
    "2单元",
    "502",
    "室",
    "-",
    "、",
    "(",
    ")",
    "旧",
    "东",
    "阳光花苑",
    "村",
    "?",
    "一",
    "l",
    "O",
    ";",
]
addressy = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
number = st.sampled_from([*"3６O一十廿", "12", "１６", "二十", "l2", "325200"])
unit = st.sampled_from([*"号层幢室之附期路", "", "-", "至", "到", "、", ".", "·", "/", "#", "一"])
numbery = st.lists(st.tuples(number, unit).map("".join), max_size=5).map("".join)


@pytest.fixture(scope="module")
def library() -> Library:
    return build(LINES, ["town 塘下镇 鲍田镇 ..", "compound 新世纪花园 新世纪 .."])


def results(library: Library, texts: list[str]) -> dict[str, list[dict[str, object]]]:
    records = pa.table({"record_id": pa.array(texts, pa.string()), "text": pa.array(texts, pa.string())})
    found: dict[str, list[dict[str, object]]] = {}
    for row in match(library.index, records).to_pylist():
        found.setdefault(row["record_id"], []).append(row)
    return found


@given(st.text(max_size=MAX_LENGTH * 2) | addressy | numbery)
@settings(max_examples=600, deadline=None)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(addressy | numbery)
@settings(max_examples=600, deadline=None)
def test_no_step_changes_what_is_normalised(text: str) -> None:
    once = normalise(text)
    for step in STEPS:
        assert step(once) == once


@given(st.text(max_size=60) | addressy)
@example("阳光花苑4、4-1")
@settings(max_examples=400, deadline=None)
def test_any_text_gets_an_answer_of_the_contract(library: Library, text: str) -> None:
    rows = results(library, [text])[text]
    assert [row["part"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert row["status"] in STATUSES
        assert row["reason"] in REASONS
        assert 0 <= row["score"] <= 1
        assert (row["address_id"] is None) == (row["level"] is None)
        if row["status"] == "matched":
            assert row["address_id"] is not None
        if row["status"] == "unmatched":
            assert row["address_id"] is None
    assert "结论" in explain(library.index, text)


@pytest.mark.parametrize(
    "text", ["1" * 10_000, "瑞" * 10_000, "(" * 10_000, "3-" * 5_000, "中心街、" * 2_500, "\u0000" * 10_000, "558号" * 3_000, "?" * 10_000]
)
def test_a_very_long_text_is_answered_at_once(library: Library, text: str) -> None:
    assert results(library, [text])[text]


def test_order_and_batch_do_not_matter(library: Library) -> None:
    texts = list(dict.fromkeys([*TEXTS, *(line.split(" ", 1)[1] for line in LINES)]))
    alone = {text: results(library, [text])[text] for text in texts}
    for seed in (1, 2):
        shuffled = random.Random(seed).sample(texts, len(texts))
        assert results(library, shuffled) == alone
        fresh = build(random.Random(seed).sample(LINES, len(LINES)), ["compound 新世纪花园 新世纪 ..", "town 塘下镇 鲍田镇 .."])
        assert results(fresh, shuffled[:60]) == {text: alone[text] for text in shuffled[:60]}


def test_every_address_of_the_library_is_found_by_its_own_text(library: Library) -> None:
    for line in LINES:
        level, text = line.split(" ", 1)
        for written in (PREFIX + text, text):
            (row,) = results(library, [written])[written]
            assert (row["status"], row["level"], row["address_id"]) == ("matched", level, text), written


@pytest.mark.parametrize(
    "text",
    [
        *(f"塘下镇中心街{number}号" for number in (30, 35, 37, 336, 366, 6)),
        *(f"中心街{number}号" for number in (30, 35, 37, 336, 366, 6)),
        "安阳街道隆山南路558号",
        "安阳街道隆山北路558号",
        "安阳街道隆山东路559号",
        "安阳街道隆山东路5858号",
        "阳光花苑3幢2单元504室",
        "阳光花苑3幢3单元502室",
        "阳光花苑4幢2单元502室",
        "阳光花苑3幢2单元52室",
        "阳光花苑3-2-602",
        "阳光花苑32幢502室",
        "新世纪花园3幢505室",
        "瑞安大厦1204室",
    ],
)
def test_a_number_or_direction_that_is_not_in_the_library_never_becomes_its_sibling(library: Library, text: str) -> None:
    asked = set(re.findall("[0-9]+", text))
    for answer in library.answers(text):
        status, level, _, address = answer.split(" ", 3)
        if status == "matched":
            plate_of_compound = {"128", "553", "558"} if "隆山" not in text else set()
            assert set(re.findall("[0-9]+", address)) <= asked | plate_of_compound, answer
            assert level in ("town", "road", "house", "compound", "building", "unit"), answer


@given(st.sampled_from([line for line in LINES if line.startswith("room")]), st.integers(min_value=1, max_value=9999))
@settings(max_examples=150, deadline=None)
def test_another_room_number_is_never_matched_to_a_room(library: Library, line: str, number: int) -> None:
    outer, _, room = line.split(" ", 1)[1].rpartition("幢")
    if not outer or "单元" not in room:
        return
    text = f"{outer}幢{room.split('单元')[0]}单元{number}室"
    for row in results(library, [text])[text]:
        assert row["level"] != "room" or row["address_id"] == text


def test_a_missing_column_is_named() -> None:
    with pytest.raises(RecordsError, match="text"):
        match(build(LINES[:1]).index, pa.table({"record_id": ["1"]}))


def test_a_null_text_is_a_placeholder(library: Library) -> None:
    assert library.answers(None) == ["unmatched - placeholder -"]
