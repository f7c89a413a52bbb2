"""Decisions of people on two entities that may be one, as they stand in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, Table, Text

from pool.ledger_tables import UtcDateTime, metadata

PairChoice = Literal["same", "different", "undecidable"]


@dataclass(frozen=True, slots=True)
class PairDecision:
    """What somebody decided on two records of a pool table, `person` or `organisation`.

    `left_id` < `right_id` are the ids the two had when they were asked about; the case is the digest of table and ids, the decision the case with a
    running number. `rule` is what spoke for their being one, `basis` the digest of what was known of both. `origin` says where it was written down.
    """

    decision: str
    case_id: str
    table_name: str
    left_id: str
    right_id: str
    choice: PairChoice
    rule: str
    basis: str
    decided_by: str
    reason: str
    decided_at: datetime
    recorded_by: str
    origin: str = ""


_TEXTS = ("case_id", "table_name", "left_id", "right_id", "choice", "rule", "basis", "decided_by", "reason", "recorded_by", "origin")

pair_decision_table = Table(
    "pair_decision",
    metadata,
    Column("decision", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in _TEXTS),
    Column("decided_at", UtcDateTime, nullable=False),
)
