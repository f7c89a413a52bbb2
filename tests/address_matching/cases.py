"""The variation cases of variations/*.yaml: each with its own small library, its text and the right answer."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.address_matching.support import Library, build

FOLDER = Path(__file__).with_name("variations")


@dataclass(frozen=True)
class Case:
    """One text. `expect` is the right answer; `actual` the present one where it is wrong, with the cause in `known_failure`."""

    kind: str
    text: str | None
    as_of: date | None
    library: tuple[str, ...]
    aliases: tuple[str, ...]
    expect: list[str]
    actual: list[str]
    known_failure: str

    def built(self) -> Library:
        return _build(self.library, self.aliases)


@cache
def _build(library: tuple[str, ...], aliases: tuple[str, ...]) -> Library:
    return build(list(library), list(aliases))


@cache
def cases() -> tuple[Case, ...]:
    """All cases in the order of the files, one for each text."""
    entries = [entry for file in sorted(FOLDER.glob("*.yaml")) for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return tuple(case for entry in entries for case in _cases_of(entry))


def _cases_of(entry: dict[str, Any]) -> list[Case]:
    unknown = entry.keys() - {"class", "why", "library", "aliases", "as_of", "text", "texts", "expect", "actual", "known_failure"}
    if unknown:
        raise ValueError(f"{entry['class']}: {sorted(unknown)}")
    return [
        Case(
            entry["class"],
            text,
            entry.get("as_of"),
            tuple(entry["library"]),
            tuple(entry.get("aliases", ())),
            entry["expect"],
            entry.get("actual", []),
            entry.get("known_failure", ""),
        )
        for text in entry.get("texts", [entry.get("text")])
    ]
