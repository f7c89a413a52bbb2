"""Rows of new standard addresses below one that the library has."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Protocol

from transforms.library_edits import component_of

IN_USE = "在用"
BESIDE_COMMUNITIES = ("zone", "road")
"""Levels that lie below the town, whatever community they run through."""

_NUMBERED = re.compile(r"([0-9A-Z]+)([^0-9A-Z]+)")
Row = Mapping[str, Any]


class Part(Protocol):
    """A part of an address: its level, its value as the library would write it, the form in which it is compared."""

    @property
    def level(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def key(self) -> str: ...


def new_addresses(parents: Sequence[Row], parts: Sequence[Part], valid_from: str | None = None) -> list[dict[str, Any]]:
    """One library row for each part, each below the one before; the first below the finest of `parents` that may bear it.

    parents: the library rows from the province down to where the parts begin. parts: coarse to fine. The id of a new address is made from
    its parent's and its own component, so that whoever proposes the same address gives it the same id.
    """
    made: list[dict[str, Any]] = []
    for part in parts:
        above = made[-1] if made else next(row for row in reversed(parents) if _may_bear(row["level"], part.level))
        made.append(
            {name: None if name in ("lon", "lat", "overlay", "valid_to") else value for name, value in above.items()}
            | {
                component_of(part.level): part.value,
                "address_id": new_address_id(above["address_id"], part),
                "parent_id": above["address_id"],
                "level": part.level,
                "full_text": above["full_text"] + part.value,
                "status": IN_USE,
                "valid_from": valid_from,
            }
        )
    if parts and parts[0].level in BESIDE_COMMUNITIES and parents[-1]["level"] in ("community", "natural_village"):
        made = [row | {"community": parents[-1]["community"]} for row in made]
    return made


def new_address_id(parent: str, part: Part) -> str:
    """The id of a new address below a parent."""
    return f"{part.level}-{blake2b(f'{parent}/{part.level}={part.key}'.encode(), digest_size=8).hexdigest()}"


def spelled_like(value: str, siblings: Iterable[str | None]) -> str:
    """A numbered value with the unit word that most of its siblings have: 3幢 beside 1栋 and 2栋 is 3栋."""
    own = _NUMBERED.fullmatch(value)
    words = Counter(found[2] for sibling in siblings if sibling and (found := _NUMBERED.fullmatch(sibling)))
    if own is None or not words:
        return value
    return own[1] + min(words, key=lambda word: (-words[word], word))


def _may_bear(level: str, below: str) -> bool:
    return not (below in BESIDE_COMMUNITIES and level in ("community", "natural_village"))


def lineage(row: Row, by_id: Mapping[str, Row]) -> Iterator[Row]:
    """An address and all above it, from the province down."""
    above = by_id.get(row["parent_id"]) if row["parent_id"] else None
    if above is not None:
        yield from lineage(above, by_id)
    yield row
