"""English names of columns from the words of their headers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from pypinyin import lazy_pinyin

from schemas.glossary import glossary
from schemas.register import register
from transforms.draft.headers import PARTICLES, Meaning, longest

LONGEST_NAME = 48
OF_PERSONS = {"citizen_number": "number", "document_number": "number"}
WHOLE_VERBS = ("_from", "_to", "_start", "_end", "_due")
"""Verbs with these ends are names of days already."""

RESERVED = frozenset(
    [
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
        "all",
        "and",
        "any",
        "as",
        "asc",
        "by",
        "case",
        "desc",
        "end",
        "from",
        "group",
        "in",
        "is",
        "limit",
        "not",
        "or",
        "order",
        "select",
        "then",
        "to",
        "using",
        "when",
        "where",
    ]
)
"""Words that YAML or SQL would not take for a name."""


def column_names(meanings: Sequence[Meaning], elements: Sequence[str]) -> tuple[list[str], list[bool]]:
    """A unique name for every column, and whether all of it was known words: what was not is written in pinyin."""
    names: list[str] = []
    known: list[bool] = []
    for place, (meaning, element) in enumerate(zip(meanings, elements, strict=True), start=1):
        name, is_known = _name(meaning, element)
        name = name or f"column_{place}"
        copy = 1
        while (unique := name if copy == 1 else f"{name}_{copy}") in names:
            copy += 1
        names.append(unique)
        known.append(is_known and bool(name))
    return names, known


def _name(meaning: Meaning, element: str) -> tuple[str, bool]:
    book = glossary()
    if meaning.word is None:
        if meaning.text.isascii():
            return _tidy(meaning.text), False
        parts, known = english(meaning.text, _words())
        return _tidy("_".join(parts)), known
    if meaning.text in book.roles["persons"]:
        return f"{book.roles['persons'][meaning.text]}_name", True
    base = meaning.word.name
    if meaning.role and meaning.before.endswith(meaning.role) and meaning.role in book.roles["persons"]:
        base = OF_PERSONS.get(base, base)
    if base in ("date", "time"):
        return _of_day(meaning, element)
    parts, known = english(meaning.before, _words())
    if base == "is_so":
        return _tidy("_".join(["is", *parts])), known
    if base.endswith("_address_text") and parts and base.startswith(parts[-1]):
        parts = parts[:-1]
    return _tidy("_".join([*parts, base])), known


@cache
def _words() -> Mapping[str, str]:
    """Everything that may stand before the last word of a header, in English."""
    book = glossary()
    ends = {text: word.name for text, word in book.words.items() if word.generic or register()[word.element].parser == "code"}
    return {**ends, **book.roles["persons"], **book.roles["organisations"], **book.nouns}


def _of_day(meaning: Meaning, element: str) -> tuple[str, bool]:
    book = glossary()
    verb = longest((text for text in book.verbs if meaning.before.endswith(text)), "")
    ending = "_at" if element == "datetime" else "_on"
    parts, known = english(meaning.before.removesuffix(verb), _words())
    if not verb:
        return _tidy("_".join([*parts, "time" if element == "datetime" else "date"])), known
    past = book.verbs[verb]
    return _tidy("_".join([*parts, past if past.endswith(WHOLE_VERBS) else past + ending])), known


def english(text: str, words: Mapping[str, str]) -> tuple[list[str], bool]:
    """The words of a Chinese text in English, and whether all were known."""
    parts: list[str] = []
    unknown = ""
    known = True
    while text:
        word = longest((each for each in words if text.startswith(each)), "")
        if word:
            parts += [*_in_pinyin(unknown), words[word]]
            unknown = ""
        elif text[0] not in PARTICLES:
            unknown += text[0]
            known = False
        text = text[len(word) or 1 :]
    return [part for part in (*parts, *_in_pinyin(unknown)) if part], known


def _in_pinyin(text: str) -> list[str]:
    return ["".join(lazy_pinyin(text))] if text else []


def _tidy(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").split("_")
    once = [word for place, word in enumerate(words) if place == 0 or word != words[place - 1]]
    tidy = "_".join(once)[:LONGEST_NAME].strip("_")
    return f"column_{tidy}" if tidy[:1].isdigit() or tidy in RESERVED else tidy
