"""The draft as a whole: from the sample of an export to its columns, key, rules, addresses and facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from schemas.refused import refused_by_name
from schemas.register import register
from transforms.draft.addresses import find_addresses
from transforms.draft.content import Content, contents
from transforms.draft.facts import Facts
from transforms.draft.headers import NAMELESS, Meaning, meaning
from transforms.draft.keys import KEY_SHARE, Key, find_key
from transforms.draft.names import column_names
from transforms.draft.plan import DraftColumn, DraftFact, DraftRule
from transforms.draft.recognise import Verdict, recognise_all
from transforms.draft.rules import find_rules
from transforms.draft.sample import Sample

SAMPLE = "draft_sample"
NAMELESS_REASON = "列没有表头"
REQUIRED = ("organisation_name", "person_name", "address_text")
FEWEST_ROWS = 20
"""Of fewer rows nothing is concluded from a column being always filled."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a drafted contract says. ``key_share`` is the share of the rows that the key tells apart."""

    rows: int
    columns: tuple[DraftColumn, ...]
    key_share: float
    rules: tuple[DraftRule, ...]
    addresses: tuple[Mapping[str, str], ...]
    facts: tuple[DraftFact, ...]

    @property
    def key(self) -> tuple[DraftColumn, ...]:
        """The columns of the key, in its order."""
        keyed = [column for column in self.columns if column.key_position]
        return tuple(sorted(keyed, key=lambda column: column.key_position or 0))


def make_draft(connection: DuckDBPyConnection, sample: Sample, title: str, load_date: date) -> Draft:
    """The draft for an export; title: what file, sheet and dataset are called. load_date: no birth lies after it."""
    connection.register("draft_arrow", sample.table())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SAMPLE} AS SELECT * FROM draft_arrow")
    meanings = [meaning(header) for header in sample.header]
    found = contents(connection, SAMPLE, len(meanings), sample.rows, sample.filled, load_date)
    refused = [_refused(said, content) for said, content in zip(meanings, found, strict=True)]
    verdicts = recognise_all(meanings, found, title)
    elements = ["" if reason else verdict.element for verdict, reason in zip(verdicts, refused, strict=True)]
    key = find_key(connection, SAMPLE, len(meanings), elements, found)
    columns = _columns(meanings, found, verdicts, refused, key)
    addresses = find_addresses(columns)
    facts = Facts(columns, addresses, [columns[place].name for place in key.columns], title)
    rules = find_rules(connection, SAMPLE, columns, load_date)
    return Draft(sample.rows, tuple(columns), key.share, tuple(rules), tuple(addresses), tuple(facts.proposed))


def _refused(said: Meaning, content: Content) -> str | None:
    if NAMELESS.fullmatch(said.header):
        return NAMELESS_REASON
    return refused_by_name(said.header) or content.refused


def _columns(
    meanings: Sequence[Meaning], found: Sequence[Content], verdicts: Sequence[Verdict], refused: Sequence[str | None], key: Key
) -> list[DraftColumn]:
    names, known = column_names(meanings, [verdict.element for verdict in verdicts])
    columns: list[DraftColumn] = []
    for place, (said, content, verdict) in enumerate(zip(meanings, found, verdicts, strict=True)):
        position = key.columns.index(place) + 1 if place in key.columns else None
        doubts = [verdict.doubt] if verdict.doubt else []
        if not known[place]:
            doubts.append("英文名是拼音或编号，请改")
        if position and key.share < KEY_SHARE:
            doubts.append("主键不够唯一，请另选")
        columns.append(
            DraftColumn(
                place=place,
                name=names[place],
                meaning=said,
                content=content,
                element_name=verdict.element,
                basis=verdict.basis,
                doubts=tuple(doubts),
                refused=refused[place],
                required=_is_required(said, content, verdict.element, position),
                key_position=position,
            )
        )
    return columns


def _is_required(said: Meaning, content: Content, element: str, position: int | None) -> bool:
    if position:
        return content.filled_share >= KEY_SHARE
    kept = register()[element].placeholders
    whole = content.filled == content.rows >= FEWEST_ROWS and (not kept or not content.placeholders)
    return whole and element in REQUIRED and not said.role
