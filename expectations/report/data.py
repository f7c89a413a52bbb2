"""What the quality report says, as plain data: the caller counts, the page only shows.

Instants are UTC and shown in the city's time zone, which the caller applies: every time here is text or local to the city.
Nothing in it may be a value of a person: names of files, tables, columns and rules, counts and reasons only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows under a Chinese label; `detail` says more where the label is short, `key` stays when the label changes."""

    label: str
    rows: int
    detail: str = ""
    key: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery that was read: `id` of the batch, `period` as the department names it, `received_at` local to the city."""

    file: str
    period: str
    sha256: str
    received_at: datetime
    rows: int = 0
    id: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class UnmetExpectation:
    """An expectation that the accepted rows do not meet; `crashed` when it could not be checked at all."""

    description: str
    severity: str
    unexpected: int | None
    observed: str = ""
    crashed: bool = False


@dataclass(frozen=True, slots=True)
class AddressLevel:
    """Address results that reached one level with one status.

    `level` is a level of the address library, or empty for `unmatched`; `status` is `matched`, `review` or `unmatched`.
    """

    level: str
    status: str
    rows: int


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A class of what was counted: its usual share and that of now, between 0 and 1."""

    label: str
    usual: float
    now: float


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing in a file that is not as usual; `severity` is `note`, `warn` or `block`, or `accepted` where a person holds it for right."""

    file: str
    label: str
    severity: str
    message: str
    cure: str
    usual: str
    now: str
    classes: Sequence[ShareChange] = ()


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """One dataset in this release: received = accepted + quarantined.

    `quarantined_by` counts reasons (a row with two reasons counts in both), `warnings` rows that were kept though a rule
    of severity `warn` is broken, `drift` unknown, missing or refused columns in words, `beside` what
    stood in the latest file and is no row of it (totals, notes, other sheets), `anomalies` what is not as usual in the
    latest batch and in those kept out, `outcomes` maps an outcome of a row
    (`published`, `merged`, ...) to rows: their sum is what was received, over all batches that count.
    """

    id: str
    name: str
    department: str
    received: int
    accepted: int
    quarantined: int
    batches: Sequence[Batch] = ()
    quarantined_by: Sequence[Count] = ()
    warnings: Sequence[Count] = ()
    drift: Sequence[str] = ()
    beside: Sequence[str] = ()
    anomalies: Sequence[Anomaly] = ()
    expectations_met: int = 0
    expectations_total: int = 0
    unmet: Sequence[UnmetExpectation] = ()
    addresses: Sequence[AddressLevel] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a pool table now and in the previous release (None: there was none); an entity is a person, house, firm, ..."""

    name: str
    label: str
    rows: int
    rows_before: int | None = None
    is_entity: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the keys of a table since the previous release; `table` is its name."""

    label: str
    added: int
    removed: int
    changed: int
    table: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class GateReport:
    """A gate that was passed or that blocked, each of its checks with its reading."""

    name: str
    passed: bool
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BlockedBatch:
    """A batch that a gate kept out of the release."""

    dataset: str
    file: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used at all: unreadable, or of no known dataset."""

    file: str
    kind: str
    cause: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class CommunityMatch:
    """Address results of one community, for the table by town and community."""

    town: str
    community: str
    matched: int
    review: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Versions:
    """What made the release; `contracts` maps a dataset to the version of its contract."""

    software: str
    library: str
    rules: str
    contracts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """The score of a dimension, from 0 to 100, with how it is reckoned; `weight` is its share of the whole."""

    name: str
    label: str
    weight: float
    formula: str
    score: float | None


@dataclass(frozen=True, slots=True)
class ScopeScore:
    """The scores of the pool or a dataset: of all, and by name of a dimension."""

    label: str
    score: float
    band: str
    dimensions: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One quality rule and what it found in its `table`; `broken` is None where it could not be checked, the `cause` says why."""

    name: str
    kind: str
    sentence: str
    dimension: str
    severity: str
    checked: int
    broken: int | None
    cause: str = ""
    table: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The scores of a release, its rules, and the scores of the pool in the releases before it, oldest first."""

    pool: ScopeScore
    dimensions: Sequence[DimensionScore]
    scopes: Sequence[ScopeScore]
    rules: Sequence[RuleReport]
    trend: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything on the page of one release."""

    release: int
    published_at: datetime
    city: str
    run: str
    by: str
    versions: Versions
    previous: int | None = None
    previous_at: datetime | None = None
    datasets: Sequence[DatasetReport] = ()
    tables: Sequence[TableRows] = ()
    changes: Sequence[Change] = ()
    gates: Sequence[GateReport] = ()
    blocked: Sequence[BlockedBatch] = ()
    problems: Sequence[Problem] = ()
    communities: Sequence[CommunityMatch] = ()
    quality: QualityReport | None = None
