"""Which quality rules a record or a row breaks in a release, read from what the release keeps of its rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from flow.quality import BROKEN_FILE, RULES_FILE
from flow.workspace import sql_path
from pool.release_build import QUALITY


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a record breaks, its sentence, and what is said of the record, which may be nothing."""

    rule: str
    sentence: str
    table: str
    key: str
    detail: str


def broken_rules(connection: DuckDBPyConnection, release: Path, condition: str) -> Sequence[BrokenRule]:
    """The broken rules of a release, given by its folder, for which an SQL condition on `broken.parquet` holds; none where it was made before there were any."""
    folder = release / QUALITY
    if not (folder / BROKEN_FILE).is_file():
        return []
    found = connection.execute(f"""
        SELECT DISTINCT broken.rule, rules.sentence, broken.table_name, broken.key, coalesce(broken.detail, '')
        FROM (SELECT * FROM read_parquet({sql_path(folder / BROKEN_FILE)}) WHERE {condition}) AS broken
        JOIN read_parquet({sql_path(folder / RULES_FILE)}) AS rules USING (rule) ORDER BY ALL""").fetchall()
    return [BrokenRule(*each) for each in found]
