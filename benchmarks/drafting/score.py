"""Hold the elements of a drafted contract against those of the contract that people wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from flow.drafting import read_sample
from schemas.contract import Contract
from schemas.refused import refused_by_name
from sources.layout import find_layout
from sources.readers import Layout, open_rows
from transforms.draft.draft import Draft, make_draft
from transforms.draft.sample import Sample

IDENTIFIERS = ("citizen_number", "document_number", "uscc", "registration_number", "organisation_code", "licence_number", "plate_number")

ALIKE = (
    # Free numbers and codes: read alike, none has a check; which one it is says who gave the number.
    frozenset({"text", "source_key", "certificate_number"}),
    # A document number is checked as a citizen number wherever it has the form of one.
    frozenset({"citizen_number", "document_number"}),
    frozenset({"phone", "organisation_phone"}),  # read alike; whose it is, is a matter of sensitivity
    frozenset({"text", "private_text"}),  # read alike; whether it speaks of people, too
    frozenset({"address_text", "plate_text"}),  # read alike; a plate is an address that goes no further than the house
    frozenset({"count", "integer"}),
    frozenset({"amount", "decimal"}),
)
"""Elements that read a cell alike: the lenient figure takes one for the other."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One column: what the contract says, what the draft says, what the draft says without having seen the headers."""

    dataset: str
    header: str
    expected: str
    found: str
    without_header: str
    doubt: str

    @property
    def is_right(self) -> bool:
        """Whether the draft names the contract's element."""
        return self.found == self.expected

    @property
    def is_alike(self) -> bool:
        """Whether the draft names an element that reads the cells alike."""
        return self.is_right or any({self.found, self.expected} <= alike for alike in ALIKE)

    @property
    def is_identifier(self) -> bool:
        """Whether the column holds identifiers."""
        return self.expected in IDENTIFIERS


@dataclass(frozen=True, slots=True)
class Judged:
    """One dataset: its columns, whether the layout was found, and whether the columns not to be taken were refused."""

    dataset: str
    name: str
    rows: int
    columns: tuple[Judgement, ...]
    layout_is_right: bool
    key_is_right: bool
    refused: int
    refused_found: int


def judge(contract: Contract, file: Path, today: date, *, blind: bool = True) -> Judged:
    """Draft the contract of a file without its contract, and compare; `blind`: without the headers too."""
    layout = find_layout(file).layout
    rows = open_rows(file, layout)
    sample = read_sample(rows)
    draft = _draft(sample, contract.name, today)
    nameless = _draft(_nameless(sample), "", today) if blind else draft
    written = {column.physical_name: column for column in contract.columns}
    judgements = [
        Judgement(contract.id, each.header, column.element.name, each.element_name, other.element_name, "；".join(each.doubts))
        for each, other in zip(draft.columns, nameless.columns, strict=True)
        if (column := written.get(each.header)) is not None and column.element is not None and not each.refused
    ]
    wanted = Layout(contract.format_of(file.name), contract.encoding, contract.title_rows, contract.header_rows)
    told = (layout.format, layout.title_rows, layout.header_rows) == (wanted.format, wanted.title_rows, wanted.header_rows)
    headers = {column.name: column.physical_name for column in contract.columns}
    to_refuse = [each for each in draft.columns if refused_by_name(each.header)]
    return Judged(
        dataset=contract.id,
        name=contract.name,
        rows=sample.rows,
        columns=tuple(judgements),
        layout_is_right=told,
        key_is_right={headers[name] for name in contract.key} == {column.header for column in draft.key},
        refused=len(to_refuse),
        refused_found=sum(1 for each in to_refuse if each.refused),
    )


def judge_all(contracts: Iterable[Contract], exports: Path, today: date) -> list[Judged]:
    """Every contract of which there is an export below a folder."""
    found = [(contract, _first_file(contract, exports)) for contract in contracts]
    return [judge(contract, file, today) for contract, file in found if file is not None]


def share(judgements: Sequence[Judgement], right: Iterable[bool]) -> float:
    """The share of the columns that are right."""
    return sum(right) / len(judgements) if judgements else 1.0


def _draft(sample: Sample, title: str, today: date) -> Draft:
    with duckdb.connect(":memory:") as connection:
        return make_draft(connection, sample, title, today)


def _nameless(sample: Sample) -> Sample:
    """The same rows under headers that say nothing."""
    hidden = Sample([f"field{place}" for place in range(len(sample.header))])
    hidden.rows, hidden.filled = sample.rows, sample.filled
    hidden.keep(sample.table())
    return hidden


def _first_file(contract: Contract, exports: Path) -> Path | None:
    return next((file for pattern in contract.path_patterns for file in sorted(exports.glob(pattern))), None)
