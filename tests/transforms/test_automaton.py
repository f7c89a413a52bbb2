"""An automaton says of every text what the regular expression says."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from transforms.automaton import NONE, REJECTED, VALUE, automaton
from transforms.plain_cells import Cells, verdicts

SIGNS = "019XaZ一龥某（\u00e9\u3000\U00020000\U0001f600\n-"
PATTERNS = (
    "",
    "1",
    "(?:01|0|某(?:01)?)",
    "[0-9]{2,3}X?",
    "[一-龥]+",
    "[^0-9\\-]*",
    "(01|a)*",
    ".?[一-龥a-z]{2}",
    r"\x{e9}|\x61\-",
    "a{3}|(?:a|1){0,2}",
)  # fmt: skip


def say(pattern: str, texts: list[str], none: str | None = None, without: str | None = None) -> list[int]:
    [found] = verdicts([pa.array(texts, pa.string())], [Cells(automaton(pattern, none, without))])
    return found.tolist()


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(deadline=None)
@given(texts=st.lists(st.text(SIGNS, max_size=5), min_size=1, max_size=40))
def test_an_automaton_accepts_what_the_regular_expression_matches(pattern: str, texts: list[str]) -> None:
    expression = re.compile(pattern.replace(r"\x{e9}", "\u00e9"))
    assert say(pattern, texts) == [VALUE if expression.fullmatch(text) else REJECTED for text in texts]


@settings(deadline=None)
@given(
    st.lists(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.characters(exclude_categories=["Cs"]),
    st.characters(exclude_categories=["Cs"]),
)
def test_ranges_of_characters_hold_whatever_bytes_they_take(characters: list[str], one: str, other: str) -> None:
    first, last = sorted((one, other))
    asked = [*characters, first, last]
    pattern = f"[\\x{{{ord(first):x}}}-\\x{{{ord(last):x}}}]"
    if not first < "\ud800" <= last:
        assert say(pattern, asked) == [VALUE if first <= each <= last else REJECTED for each in asked]


def test_words_for_none_and_rejected_ones_come_before_values() -> None:
    assert say("[a-z]+", ["a", "none", "bad", "", "1"], none="|none|bad", without="bad|b") == [VALUE, NONE, REJECTED, NONE, REJECTED]


@pytest.mark.parametrize("pattern", ["(?=a)", "^a", "a$", "(a", "a)", r"\d", "*", "[]a]"])
def test_a_pattern_of_another_kind_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        automaton(pattern)
