"""Which parts to compare: only those that share something, and what too many share is no evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from transforms.resolving.clusters import Edge

MOST_NAMES: Mapping[str, int] = {"phone": 3, "place": 12, "representative": 8, "core": 6}
"""By kind of key: how many names may share it before it stops being evidence: a family shares a phone, a factory or an agency is no family."""


@dataclass(frozen=True, slots=True)
class Part:
    """What all mentions of a part say: `names` as they are compared, `numbers` that hold, `claimed` texts of numbers that do not.

    A floating part has no identifier of its own; of a disputed one the identifier belongs to somebody else.
    """

    part: str
    names: frozenset[str]
    numbers: frozenset[str]
    claimed: frozenset[str]
    is_floating: bool
    is_disputed: bool
    others: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parts that share keys of these kinds; `left` is floating."""

    left: Part
    right: Part
    kinds: frozenset[str]

    def edge(self, rule: str) -> Edge:
        """The edge that a rule makes of the pair."""
        return Edge.between(self.left.part, self.right.part, rule)


def create_said(connection: DuckDBPyConnection, kind: str, disputed: Iterable[str]) -> None:
    """Create view `said_<kind>`: the mentions with `part` and `is_disputed`; a disputed identity is a part of its own, others go by their base."""
    connection.register("disputed rows", pa.table({"identity": pa.array(sorted(disputed), pa.string())}))
    connection.execute(f'CREATE OR REPLACE TABLE disputed_{kind} AS SELECT identity FROM "disputed rows"')
    connection.unregister("disputed rows")
    connection.execute(f"""
        CREATE OR REPLACE VIEW said_{kind} AS
        SELECT mention.*, coalesce(disputed.identity, mention.base) AS part, disputed.identity IS NOT NULL AS is_disputed
        FROM mention_{kind} AS mention LEFT JOIN disputed_{kind} AS disputed USING (identity)""")


def create_pairs(connection: DuckDBPyConnection, kind: str) -> None:
    """Create `pair_<kind>(left_part, right_part, kinds)` of parts in `floating_<kind>(part)` with parts that share a key with them.

    Those are all that do not float, and of the floating ones with one name only the least, so that a thousand rows of one name and phone make a
    thousand pairs and not a million; least parts of different names meet too. Of two floating parts the lesser is left.
    """
    limits = " ".join(f"WHEN '{name}' THEN {most}" for name, most in MOST_NAMES.items())
    connection.execute(f"""
        CREATE OR REPLACE TABLE floating_key AS
        SELECT DISTINCT part, name_key, unnest(keys) AS key FROM said_{kind} SEMI JOIN floating_{kind} USING (part)""")
    connection.execute(f"""
        CREATE OR REPLACE TABLE shared_key AS
        SELECT DISTINCT part, name_key, key FROM (SELECT part, name_key, unnest(keys) AS key FROM said_{kind})
        SEMI JOIN floating_key USING (key)""")
    connection.execute(f"""
        CREATE OR REPLACE TABLE pair_{kind} AS
        WITH telling AS (
            SELECT key FROM shared_key GROUP BY key
            HAVING count(DISTINCT part) > 1
               AND count(DISTINCT name_key) <= CASE split_part(key, ':', 1) {limits} ELSE 1000000 END),
        afloat AS (SELECT part, name_key, key FROM floating_key SEMI JOIN telling USING (key)),
        least AS (SELECT key, name_key, min(part) AS part FROM afloat GROUP BY key, name_key),
        firm AS (SELECT DISTINCT part, key FROM shared_key SEMI JOIN telling USING (key) ANTI JOIN floating_{kind} USING (part)),
        met AS (
            SELECT afloat.part AS left_part, firm.part AS right_part, key FROM afloat JOIN firm USING (key)
            UNION ALL
            SELECT least.part, afloat.part, key FROM afloat JOIN least USING (key, name_key) WHERE least.part < afloat.part
            UNION ALL
            SELECT one.part, other.part, key FROM least AS one JOIN least AS other USING (key) WHERE one.part < other.part)
        SELECT left_part, right_part, list(DISTINCT split_part(key, ':', 1)) AS kinds FROM met GROUP BY ALL""")
    for table in ("floating_key", "shared_key"):
        connection.execute(f"DROP TABLE {table}")


def pairs_of(connection: DuckDBPyConnection, kind: str, numbers: str, others: Mapping[str, str]) -> list[Pair]:
    """The pairs of `pair_<kind>` with what is known of both parts.

    numbers: SQL of the identifier that holds, over the mentions. others: further aspects and their SQL, as texts or NULL.
    """
    aspects = {"numbers": f"CASE WHEN NOT is_disputed THEN {numbers} END", "claimed": "claimed", "names": "name_key"} | dict(others)
    lists = ", ".join(f"list(DISTINCT {sql}) FILTER (({sql}) IS NOT NULL) AS {name}" for name, sql in aspects.items())
    rows = (
        connection.sql(f"""
        WITH wanted AS (SELECT left_part AS part FROM pair_{kind} UNION SELECT right_part FROM pair_{kind})
        SELECT part, {lists}, bool_or(is_disputed) AS is_disputed, part IN (SELECT part FROM floating_{kind}) AS is_floating
        FROM said_{kind} SEMI JOIN wanted USING (part) GROUP BY part""")
        .to_arrow_table()
        .to_pylist()
    )
    parts = {row["part"]: _part(row, others) for row in rows}
    found = connection.sql(f"SELECT left_part, right_part, kinds FROM pair_{kind}").to_arrow_table().to_pylist()
    return [Pair(parts[row["left_part"]], parts[row["right_part"]], frozenset(row["kinds"])) for row in found]


def _part(row: Mapping[str, Any], others: Mapping[str, str]) -> Part:
    def values(name: str) -> frozenset[str]:
        return frozenset(row[name] or ())

    return Part(
        row["part"],
        values("names"),
        values("numbers"),
        values("claimed"),
        row["is_floating"],
        row["is_disputed"],
        {name: values(name) for name in others},
    )
