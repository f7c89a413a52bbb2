"""The columns of a draft and what a draft is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.register import Element, register
from transforms.draft.content import Content
from transforms.draft.headers import Meaning


@dataclass(frozen=True, slots=True)
class DraftColumn:
    """One column of a draft: what was found of it and what the contract will say. ``refused`` is the reason why it is not taken."""

    place: int
    name: str
    meaning: Meaning
    content: Content
    element_name: str
    basis: str
    doubts: tuple[str, ...]
    refused: str | None
    required: bool
    key_position: int | None

    @property
    def element(self) -> Element:
        """The element of the register."""
        return register()[self.element_name]

    @property
    def header(self) -> str:
        """As the file writes it."""
        return self.meaning.header


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule that holds on the data: TRUE of good rows. ``checked`` rows had all its columns, ``broken`` of them broke it."""

    name: str
    description: str
    severity: str
    sql: str
    checked: int
    broken: int


@dataclass(frozen=True, slots=True)
class DraftFact:
    """What a row says of a pool table; a value is a contract column, the name of another fact, or a mapping {constant: value}."""

    table: str
    alias: str | None
    columns: Mapping[str, str | Mapping[str, str]]
    doubt: str = ""
