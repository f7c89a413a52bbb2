"""Code lists: which codes exist, what they are called, and how exports spell them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from schemas.documents import Document, entries

FOLDER = Path(__file__).parent / "codes"
ENDED_STATES = Path(__file__).parent / "ended_states.csv"


@dataclass(frozen=True, slots=True)
class CodeList:
    """One code list.

    ``names`` maps code to Chinese name. ``spellings`` maps everything an export may write (code, name, other spellings) to
    the code; a name that several codes share is none. ``standard`` is empty for a list that is this project's own or a registry's, not a published standard's.
    """

    name: str
    label: str
    standard: str
    names: Mapping[str, str]
    spellings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EndedState:
    """A state in which a record of a pool table is no more, or closed: `code` of `code_list`, there called `name`.

    ``kind`` is the kind of the records to which it applies; empty for all kinds that have no states of their own.
    """

    table_name: str
    kind: str
    code_list: str
    code: str
    name: str


@cache
def code_lists() -> Mapping[str, CodeList]:
    """All code lists by name, from ``codes/lists.yaml`` and ``codes/<name>.csv``."""
    listed = entries(Document(FOLDER / "lists.yaml"))
    return MappingProxyType({name: _read(name, str(entry["label"]), str(entry.get("standard", ""))) for name, entry in listed.items()})


def code_list(name: str) -> Mapping[str, str]:
    """Code to Chinese name of one list. Raises KeyError if there is no such list."""
    return code_lists()[name].names


def code_spellings(name: str) -> Mapping[str, str]:
    """Every accepted spelling to its code, of one list. Raises KeyError if there is no such list."""
    return code_lists()[name].spellings


@cache
def ended_states() -> tuple[EndedState, ...]:
    """The states that mean an end, from ``ended_states.csv``."""
    with ENDED_STATES.open(encoding="utf-8", newline="") as file:
        return tuple(EndedState(**row) for row in csv.DictReader(file))


def _read(name: str, label: str, standard: str) -> CodeList:
    names: dict[str, str] = {}
    spellings: dict[str, str] = {}
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names[row["code"]] = row["name"]
            spellings |= {spelling: row["code"] for spelling in row["spellings"].split("|") if spelling}
    repeated = {text for text, times in Counter(names.values()).items() if times > 1}
    spellings |= {text: code for code, text in names.items() if text not in repeated}
    spellings |= {code: code for code in names}
    return CodeList(name, label, standard, MappingProxyType(names), MappingProxyType(spellings))
