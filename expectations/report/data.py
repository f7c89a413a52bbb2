"""What the quality report says, as plain data: the caller counts, the page only shows.

Instants are UTC and shown in the city's time zone, which the caller applies: every time here is text or local to the city.
Nothing in it may be a value of a person but the masked ones of `Example`: names of files, tables, columns and rules, counts and reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from expectations.report.scored import QualityReport

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
    quarantined: int = 0
    id: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ExpectationReport:
    """A rule of a contract as Great Expectations found it in the accepted rows of the latest batch.

    `success` is None where it could not be checked, `cause` says why. Its full answer stands at the same place in the dataset's file of validation results.
    """

    name: str
    description: str
    dimension: str
    severity: str
    success: bool | None
    unexpected: int | None = None
    observed: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A row that a reason kept out, to look up in the file: `column` is empty where the reason concerns the whole row, `masked` is its value as anybody may see it."""

    file: str
    sheet: str
    row: int
    column: str
    masked: str
    reason: str


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that breaks a quality rule, and the row of the file that answers for it; `file` is empty where no row does."""

    rule: str
    table: str
    key: str
    detail: str
    file: str
    sheet: str
    row: int | None


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
    `expectations` are the rules of its contract, `examples` rows in quarantine, `broken` records that break quality rules: a few of each reason and rule.
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
    expectations: Sequence[ExpectationReport] = ()
    addresses: Sequence[AddressLevel] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    broken: Sequence[BrokenRecord] = ()


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a pool table now and in the previous release (None: there was none), and the hash of its content; an entity is a person, house, firm, ..."""

    name: str
    label: str
    rows: int
    rows_before: int | None = None
    is_entity: bool = False
    content: str = ""


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
    """What made the release; `contracts` maps a dataset to the version of its contract, `others` are versions and digests of all else by Chinese label."""

    software: str
    library: str
    rules: str
    contracts: Sequence[tuple[str, str]] = ()
    others: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values of a column in which one department was outvoted by another; the last two are names of table and column."""

    loser: str
    winner: str
    table_label: str
    column_label: str
    rows: int
    table: str = field(kw_only=True)
    column: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class DeliveryFault:
    """A delivery, or a dataset as a whole (`file` empty), that breaks a rule about deliveries."""

    dataset: str
    file: str
    period: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class DepartmentReport:
    """One department: `id` names its page and its figures, `datasets` are ids of what it sends, `conflicts` those it lost or won."""

    id: str
    name: str
    datasets: Sequence[str]
    conflicts: Sequence[Conflict] = ()
    deliveries: Sequence[DeliveryFault] = ()


@dataclass(frozen=True, slots=True)
class MatchReason:
    """How address texts came to their result: rows, and distinct texts among them."""

    status: str
    reason: str
    label: str
    rows: int
    texts: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A standard address beyond which texts could not be followed: the library may lack something below it. `level` in Chinese."""

    address_id: str
    text: str
    level: str
    town: str
    rows: int
    texts: int


@dataclass(frozen=True, slots=True)
class GridReport:
    """Grids of the city: by town how many are of which size, households of each base grid, what networks share, what is wrong.

    `limits` are the numbers of households that part the sizes, few to many. `sizes`: town, grids by code of a size, households. `overlaps`: network and
    grids by code of a finding. `gaps`: problem, lines, addresses.
    """

    limits: Sequence[int]
    sizes: Sequence[tuple[str, Mapping[str, int], int]]
    households: Sequence[int]
    overlaps: Sequence[tuple[str, Mapping[str, int]]] = ()
    gaps: Sequence[tuple[str, int, int]] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything in the report of one release."""

    release: int
    published_at: datetime
    city: str
    run: str
    by: str
    versions: Versions
    previous: int | None = None
    previous_at: datetime | None = None
    datasets: Sequence[DatasetReport] = ()
    departments: Sequence[DepartmentReport] = ()
    tables: Sequence[TableRows] = ()
    changes: Sequence[Change] = ()
    gates: Sequence[GateReport] = ()
    blocked: Sequence[BlockedBatch] = ()
    problems: Sequence[Problem] = ()
    communities: Sequence[CommunityMatch] = ()
    reasons: Sequence[MatchReason] = ()
    stops: Sequence[Stop] = ()
    decisions: int = 0
    quality: QualityReport | None = None
    grids: GridReport | None = None
