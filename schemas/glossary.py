"""What the headers of exports say: words of the trade, roles, codes of systems, from the YAML files of ``headers/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schemas.documents import Document
from schemas.register import register

FOLDER = Path(__file__).parent / "headers"
GENERIC = "*"
"""After the English name of a word that says little by itself."""


@dataclass(frozen=True, slots=True)
class Word:
    """The last word of a header: the data element it stands for and its English name; a ``generic`` one lets the cells decide."""

    text: str
    element: str
    name: str
    generic: bool


@dataclass(frozen=True, slots=True)
class Glossary:
    """What is known of headers in general.

    ``words`` by Chinese text. ``roles`` and ``terms`` hold the sections of roles.yaml and terms.yaml, Chinese to English. ``date_order`` and
    ``number_order`` are pairs of words, the lower one first. ``code_headers``, ``code_ends`` and ``code_starts`` turn codes into Chinese headers. ``internal`` elements are
    in no export. ``fills``: pool table to column to element to words of headers from which the column is filled.
    """

    words: Mapping[str, Word]
    roles: Mapping[str, Mapping[str, str]]
    nouns: Mapping[str, str]
    verbs: Mapping[str, str]
    date_order: tuple[tuple[str, str], ...]
    number_order: tuple[tuple[str, str], ...]
    address_ids: tuple[str, ...]
    address_days: tuple[str, ...]
    code_headers: Mapping[str, str]
    code_ends: Mapping[str, str]
    code_starts: Mapping[str, str]
    surnames: frozenset[str]
    organisation_ends: tuple[str, ...]
    authority_ends: tuple[str, ...]
    address_marks: str
    internal: frozenset[str]
    generic_parts: tuple[str, ...]
    fills: Mapping[str, Mapping[str, Mapping[str, list[str]]]]


@cache
def glossary() -> Glossary:
    """The glossary of headers. Raises ContractError if a file is faulty or names an element that is not registered."""
    roles, terms, codes, content = (_content(name) for name in ("roles", "terms", "codes", "content"))
    return Glossary(
        words=MappingProxyType(_words()),
        roles={str(section): dict(entries) for section, entries in roles.items()},
        nouns=terms["nouns"],
        verbs=terms["verbs"],
        date_order=tuple((str(first), str(second)) for first, second in terms["date_order"]),
        number_order=tuple((str(first), str(second)) for first, second in terms["number_order"]),
        address_ids=tuple(terms["address_ids"]),
        address_days=tuple(terms["address_days"]),
        code_headers=codes["whole"],
        code_ends=codes["ends"],
        code_starts=codes["starts"],
        surnames=frozenset(content["surnames"].replace(" ", "")),
        organisation_ends=tuple(content["organisation_ends"]),
        authority_ends=tuple(content["authority_ends"]),
        address_marks=content["address_marks"],
        internal=frozenset(content["internal"]),
        generic_parts=tuple(content["generic_parts"]),
        fills=_content("facts"),
    )


def _words() -> dict[str, Word]:
    document = Document(FOLDER / "words.yaml")
    found: dict[str, Word] = {}
    for element, entries in document.content.items():
        if element not in register():
            document.fault((element,), f"没有登记数据元“{element}”", "请改正，或先在 elements/ 登记")
        for text, name in entries.items():
            if text in found:
                document.fault((element, text), f"“{text}”已归“{found[text].element}”", "请只留一处")
            found[text] = Word(text, element, name.removesuffix(GENERIC), name.endswith(GENERIC))
    document.stop_if_faulty()
    return found


def _content(name: str) -> Mapping[str, Any]:
    return Document(FOLDER / f"{name}.yaml").content
