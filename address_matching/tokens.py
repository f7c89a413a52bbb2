"""Tokens of a text and the meanings of its words."""

from collections.abc import Iterable
from typing import NamedTuple

NAME, NUMBER, WORD_TOKEN, GAP, SEPARATOR, MARK = range(6)
"""Kinds of token: SEPARATOR ends an address (;), MARK is punctuation within one."""

WORD, OUTSIDE, SEVERAL = -1, -2, -3
"""Kinds of sense beside the levels: a word with a role, a division outside the area; and of a token: senses of several kinds."""

FIRST_DAY = -(10**7)
LAST_DAY = 10**7
STEMS = frozenset(("stem", "renamed_stem"))
_FAULT_OF_MANNER = {"renamed_stem": "renamed"}
_NEARNESS = {"": 0, "renamed": 1, "alias": 2, "suffix": 3, "stem": 4}
OUT_OF_DATE = "alias_out_of_date"


class Sense(NamedTuple):
    """One meaning of a word: level (or WORD, OUTSIDE), nodes it may stand for, how it differs from their name, role, validity."""

    kind: int
    nodes: tuple[int, ...]
    how: str = ""
    role: str = ""
    valid_from: int = FIRST_DAY
    valid_to: int = LAST_DAY


class Name(NamedTuple):
    """A named part: the words of the text, and for each node they may mean the fault by which they differ from its name."""

    text: str
    nodes: dict[int, str]


class Token(NamedTuple):
    """A piece of text. `value`: role of a word, form of a number; `name`: the meaning where it depends on nothing else."""

    kind: int
    text: str
    value: str = ""
    number: str = ""
    stem: bool = False
    yields: bool = False
    senses: tuple[Sense, ...] = ()
    level: int = SEVERAL
    name: Name | None = None


def named(text: str, senses: Iterable[Sense], fault: str = "", day: int | None = None) -> Name:
    """Join senses of one kind to a name; of several manners for one node the nearest counts, `fault` stands for all if given.

    Senses not in force on the day count as out of date: people use old names longer, and new ones earlier, than they hold.
    """
    nodes: dict[int, str] = {}
    for sense in senses:
        manner = fault or _FAULT_OF_MANNER.get(sense.how, sense.how)
        if day is not None and not sense.valid_from <= day < sense.valid_to:
            manner = OUT_OF_DATE
        for node in sense.nodes:
            if node not in nodes or _NEARNESS.get(manner, 9) < _NEARNESS.get(nodes[node], 9):
                nodes[node] = manner
    return Name(text, nodes)
