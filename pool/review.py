"""Decisions of people on address texts, as they stand in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Table, Text

from pool.ledger_tables import UtcDateTime, metadata

ReviewChoice = Literal["address", "safe_answer", "not_in_library", "undecidable"]


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What somebody decided on an address text.

    `case_id` is the digest of `text`, `decision` the case with a running number. `address_id` and `full_text` name the address that is right:
    the one chosen, or the safe answer; empty where the choice names none. `hints` are the other columns of the matcher's input that the
    case was shown with, `candidates` (`{"address_id", "full_text"}`) what it offered, `basis` their digest. `origin` says where it was written down.
    """

    decision: str
    case_id: str
    text: str
    choice: ReviewChoice
    address_id: str
    full_text: str
    basis: str
    library: str
    rules: str
    decided_by: str
    reason: str
    decided_at: datetime
    recorded_by: str
    origin: str = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    candidates: Sequence[Mapping[str, str]] = field(default_factory=list)


_TEXTS = (
    "case_id",
    "text",
    "choice",
    "address_id",
    "full_text",
    "basis",
    "library",
    "rules",
    "decided_by",
    "reason",
    "recorded_by",
    "origin",
)

decision_table = Table(
    "review_decision",
    metadata,
    Column("decision", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in _TEXTS),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("hints", JSON, nullable=False),
    Column("candidates", JSON, nullable=False),
)
