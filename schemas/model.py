"""What a data contract says, as plain immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from schemas.drift import DriftLimits
from schemas.duration import Duration
from schemas.pull import Completeness, Pull
from schemas.register import Element, Level, LogicalType

Delivery = Literal["full", "incremental"]
Severity = Literal["reject", "warn", "block"]
CoordinateSystem = Literal["GCJ-02", "BD-09"]
POOL_SYSTEMS = ("pool", "mart")
KNOWN_FROM, KNOWN_TO = "known_from", "known_to"
SQL_TYPES: Mapping[LogicalType, str] = {
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Constant:
    """A value a fact states for every row."""

    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a dataset or pool table.

    ``name`` is ours, ``physical_name`` the header in the export, ``synonyms`` further headers, ``label`` Chinese.
    ``element`` is None only for an ignored column. ``references`` names the pool column this one points at, as
    ("person", "person_id"). ``primary_key_position`` counts from 1, None outside the key.
    """

    name: str
    physical_name: str
    label: str
    synonyms: tuple[str, ...]
    logical_type: LogicalType
    required: bool
    unique: bool
    primary_key_position: int | None
    element: Element | None
    mask: str | None
    level: Level
    ignored: bool
    references: tuple[str, str] | None
    description: str

    @property
    def sql_type(self) -> str:
        """SQL type of the parsed value: a number with a fixed scale is a DECIMAL, other types follow the logical type."""
        if self.element is not None and self.element.scale is not None:
            return f"DECIMAL(18, {self.element.scale})"
        return SQL_TYPES[self.logical_type]


@dataclass(frozen=True, slots=True)
class Rule:
    """A business rule: ``sql`` is TRUE when a row is good (NULL counts as good); ``columns`` are those it reads."""

    name: str
    description: str
    dimension: str
    severity: Severity
    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """What each row says about one pool table.

    ``columns`` maps a column of the pool table to a column of the contract or to a Constant. A key that is a reference
    (``person`` for person_id) maps to the alias of another fact, and stands in ``references`` too; the key ``address`` maps
    to the text column of an AddressUse. ``of`` is the id of the dataset whose numbering ``source_key`` follows, None for its own.
    """

    table: str
    alias: str | None
    columns: Mapping[str, str | Constant]
    references: Mapping[str, str]
    of: str | None = None


@dataclass(frozen=True, slots=True)
class AddressUse:
    """One address of a row and the columns that help to match it, by name; None where the export has none."""

    text: str
    division_code: str | None = None
    community: str | None = None
    source_address_id: str | None = None
    as_of: str | None = None
    lon: str | None = None
    lat: str | None = None


@dataclass(frozen=True, slots=True)
class CoordinateUse:
    """Two columns that are one position, in a system other than the pool's own (CGCS2000); by name."""

    lon: str
    lat: str
    system: CoordinateSystem


@dataclass(frozen=True, slots=True)
class Contract:
    """One dataset of a department, or one table of the pool (``system`` "pool" or "mart": no paths, delivery, addresses or facts).

    ``title_rows`` stand above the header, ``header_rows`` form it (2: a merged one, names joined by ``_``). ``key`` holds
    the primary key's column names in order. ``formats`` holds the format of each path pattern. ``encoding`` ``auto`` is told from the
    file. ``sheet`` None is the first one, ``*`` all. ``row_path`` tells where the records of a JSON or XML document stand, ``archive_passwords``
    the connections that hold passwords of archives. ``frequency_days`` 0 is for what comes as occasion arises. ``retention`` None keeps batches
    for ever. A release with new batches of a dataset that asks for ``approval`` waits for a person. Of a table with ``versions`` what a release said of a record is kept when a later one says otherwise. ``coordinates`` are positions
    that are turned into CGCS2000. ``drift`` are the limits it sets to changes of what is delivered,
    ``completeness`` says when a file in the inbox is whole, ``pulls`` where files are pulled from.
    """

    id: str
    system: str
    dataset: str
    name: str
    version: str
    department: str
    table_label: str
    description: str
    path_patterns: tuple[str, ...]
    formats: tuple[str, ...]
    encoding: str
    title_rows: int
    header_rows: int
    sheet: str | None
    delivery: Delivery
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    addresses: tuple[AddressUse, ...]
    facts: tuple[Fact, ...]
    frequency_days: float
    latency_hours: float
    authority_rank: int | None
    retention: Duration | None
    key: tuple[str, ...]
    versions: bool = False
    row_path: str = ""
    archive_passwords: tuple[str, ...] = ()
    coordinates: tuple[CoordinateUse, ...] = ()
    drift: DriftLimits = field(default_factory=DriftLimits)
    completeness: Completeness = field(default_factory=Completeness)
    pulls: tuple[Pull, ...] = ()
    approval: bool = False

    @property
    def is_source(self) -> bool:
        """Whether a department delivers it; the others are tables of the pool."""
        return self.system not in POOL_SYSTEMS

    @property
    def is_history(self) -> bool:
        """Whether its rows say from which release to which they were held true."""
        return {KNOWN_FROM, KNOWN_TO} <= {column.name for column in self.columns}

    @property
    def format(self) -> str:
        """The format of most of the files: that of the first path pattern."""
        return self.formats[0] if self.formats else ""

    def format_of(self, file_name: str) -> str:
        """The format of a file of the dataset, told by the end of its name; where that says nothing, the first one."""
        ends = {PurePosixPath(pattern).suffix: each for pattern, each in zip(self.path_patterns, self.formats, strict=True)}
        return ends.get(PurePosixPath(file_name).suffix.lower(), self.format)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
