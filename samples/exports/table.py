"""Rows of an export as columns, with what was planted in them and which entities they are about."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from samples.noise.place import UNMATCHED, Written
from samples.noise.registry import STANDARD, Scribe
from samples.noise.values import Change
from samples.randomness import plain_stream, stream

CHUNK = 20_000
ELSEWHERE = "外地住址"
TOTAL = "total_line"


@dataclass(slots=True)
class AddressColumn:
    """Addresses of one column: per row the variation, what the text tells, and where the entity really is (-1 outside)."""

    column: str
    rows: list[int] = field(default_factory=list)
    variations: list[str] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    actual: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A chunk of an export: columns by property name (or by header, for columns no contract knows).

    `about` holds, by kind of entity (person, owner, organisation, house, ...), the entity's id in each row, None where it is about none that the world knows.
    """

    key: str
    columns: dict[str, list[Any]]
    about: Mapping[str, Sequence[str | None]]
    planted: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    addresses: list[AddressColumn] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.columns[self.key])

    def plant(self, name: str, column: str, share: float, change: Change, rng: np.random.Generator) -> None:
        """Change a share of a column's values and note it; values the change does not fit stay."""
        values = self.columns[column]
        chosen = np.flatnonzero(rng.random(len(values)) < share)
        draw = Random(int(rng.integers(2**62)))
        for row in chosen.tolist():
            changed = change(str(values[row]), draw)
            if changed is not None:
                values[row] = changed
                self.planted[row].append(f"{name}:{column}")

    def note(self, column: str, found: dict[int, str]) -> None:
        """Note what was planted in rows of a column."""
        for row, name in found.items():
            self.planted[row].append(f"{name}:{column}")

    def repeat(self, name: str, rows: list[int], change: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Add rows once more at the end, changed or as they are."""
        for row in rows:
            copy = {column: values[row] for column, values in self.columns.items()}
            if change is not None:
                change(copy)
            at = len(self)
            for column, values in self.columns.items():
                values.append(copy[column])
            self.planted[at] = [*self.planted.get(row, []), name]
        self.about = {kind: [*ids, *(ids[row] for row in rows)] for kind, ids in self.about.items()}
        for addresses in self.addresses:
            index = {row: i for i, row in enumerate(addresses.rows)}
            for at, row in enumerate(rows, start=len(self) - len(rows)):
                if row in index:
                    i = index[row]
                    addresses.rows.append(at)
                    addresses.variations.append(addresses.variations[i])
                    addresses.written.append(addresses.written[i])
                    addresses.actual.append(addresses.actual[i])


def add_total(table: Table, label: str, summed: Sequence[str]) -> None:
    """A line below the rows as workbooks have it: a word in the first column, sums below some others; it is no record."""
    sums = {column: f"{sum(float(value) for value in table.columns[column] if _is_number(value)):g}" for column in summed}
    at = len(table)
    for column, values in table.columns.items():
        values.append(label if column == table.key else sums.get(column, ""))
    table.planted[at].append(TOTAL)
    table.about = {kind: [*ids, ""] for kind, ids in table.about.items()}


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdigit()


class Clerk:
    """Writes the addresses of one dataset's chunk and keeps what they mean."""

    def __init__(self, table: Table, scribes: dict[str, Scribe], seed: int, name: str) -> None:
        self.table = table
        self.scribes = scribes
        self.draw = plain_stream(seed, f"addresses/{name}")

    def write(
        self,
        column: str,
        role: str,
        nodes: Sequence[int],
        days: Sequence[str] | None = None,
        elsewhere: Callable[[int], str] | None = None,
    ) -> None:
        """Write a column: a library node each, or -1 for a place outside that `elsewhere` names, or -2 for nothing."""
        scribe, draw = self.scribes[role], self.draw
        kept = AddressColumn(column)
        texts: list[str] = []
        for row, node in enumerate(nodes):
            if node == -2:
                texts.append("")
                continue
            if node == -1:
                assert elsewhere is not None
                variation, written = ELSEWHERE, Written(elsewhere(row), -1, "out_of_area", UNMATCHED)
            else:
                variation, written = scribe.write(node, draw, days[row] if days else "")
            texts.append(written.text)
            kept.rows.append(row)
            kept.variations.append(variation)
            kept.written.append(written)
            kept.actual.append(node)
        self.table.columns[column] = texts
        self.table.addresses.append(kept)

    def write_areas(self, column: str, nodes: Sequence[int]) -> None:
        """Write a column of communities as their standard text."""
        library = self.scribes["incident"].gazetteer.library
        written = [Written(library.full_text[node], node) for node in nodes]
        self.table.columns[column] = [each.text for each in written]
        self.table.addresses.append(AddressColumn(column, [*range(len(nodes))], [STANDARD] * len(nodes), written, [*nodes]))


def draws(seed: int, name: str) -> np.random.Generator:
    """Chance for one chunk of an export."""
    return stream(seed, f"export/{name}")


def repeat_some(table: Table, rng: np.random.Generator, column: str, share: float = 0.003, other: str = "13900000001") -> None:
    """Some rows stand in the export twice, some of these with another value of a column."""
    same = np.flatnonzero(rng.random(len(table)) < share).tolist()
    differing = np.flatnonzero(rng.random(len(table)) < share / 2).tolist()

    def change(row: dict[str, str]) -> None:
        row[column] = other

    table.repeat("duplicate_row", same)
    table.repeat("conflicting_duplicate", differing, change)
    for row in differing:
        table.planted[row].append("superseded_below")
