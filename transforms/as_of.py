"""Questions about the past in one line: macros over a share's history tables, as SQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.contract import Contract
from schemas.versions import version_table
from transforms.survive import record_key

HISTORY = "_history"
_NOT_OF_THE_LINE = "'发布 ' || seen || ' 不在当前版本的沿革中（见 pool.release_line）：它已被回退，或早于沿革的第一版，或还没有发布'"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of a share: its name with schema, its parameters, its body; `table`: whether it stands for a table; `label`: what it tells, in Chinese."""

    name: str
    parameters: str
    body: str
    label: str
    table: bool = True

    def statements(self) -> tuple[str, str]:
        """SQL that creates the macro in the database in use, and that comments it."""
        kind = "TABLE " if self.table else ""
        return (
            f"CREATE MACRO {self.name}({self.parameters}) AS {kind}{self.body}",
            f"COMMENT ON MACRO {kind}{self.name} IS '{self.label}'",
        )


def as_of_macros(tables: Mapping[str, Contract], since: Mapping[str, int]) -> Iterator[Macro]:
    """The macros of a share.

    Of a history `residence_history`: `residence_as_of(day, seen := NULL)`, what held on a day by the knowledge of now or of release `seen`, and
    `residence_as_seen(seen)`. Of a table with versions: `person_as_seen(seen)`, its records as they were. A release from which the current one does not come is an
    error, and one before the table's knowledge began. since: by table the release with which it did.
    """
    # A subquery is computed even where no row asks for it, so that a wrong number is never answered with nothing.
    body = f"(SELECT CASE WHEN seen IS NULL OR count(*) = 1 THEN seen ELSE error({_NOT_OF_THE_LINE}) END FROM pool.release_line WHERE release = seen AND seen >= first)"
    yield Macro("pool.known_release", "seen, first", body, "第 seen 版，须在当前版本的沿革中；不在则报错", table=False)
    for name, table in tables.items():
        if name.endswith(HISTORY):
            subject = tables.get(name.removesuffix(HISTORY))
            yield from _of_history(table, since[name], has_versions=subject is not None and subject.versions)
        elif table.versions:
            yield Macro(f"pool.{name}_as_seen", "seen", _as_seen(table, since[name]), f"{table.name}：第 seen 版发布中的样子")


def _of_history(table: Contract, since: int, *, has_versions: bool) -> Iterator[Macro]:
    known_then = _known(since)
    name = f"pool.{table.dataset.removesuffix(HISTORY)}"
    rows = f"SELECT * EXCLUDE (known_from, known_to) FROM pool.{table.dataset}"
    on_day = "(effective_from IS NULL OR effective_from <= day) AND (effective_to IS NULL OR effective_to > day)"
    known = f"CASE WHEN seen IS NULL THEN known_to IS NULL ELSE {known_then} END"
    label = f"{table.name}：day 当日的情况，按当前版所知；seen := 12 为按第 12 版所知"
    yield Macro(f"{name}_as_of", "day, seen := NULL", f"{rows} WHERE {known} AND {on_day}", label)
    if not has_versions:
        yield Macro(f"{name}_as_seen", "seen", f"{rows} WHERE {known_then}", f"{table.name}：第 seen 版发布所知的全部")


def _as_seen(table: Contract, since: int) -> str:
    """The records of now that are as they were then, and the versions that have ended since."""
    name, key = table.dataset, record_key(table, "records")
    changed = f"SELECT key, max(release) AS release FROM pool.change WHERE table_name = '{name}' GROUP BY key"
    return f"""
        SELECT records.* FROM pool.{name} AS records LEFT JOIN ({changed}) AS changed ON changed.key = {key}
        WHERE coalesce(changed.release, {since}) <= {_then(since)}
        UNION ALL BY NAME
        SELECT * EXCLUDE (known_from, known_to) FROM pool.{version_table(name)} WHERE {_known(since)}"""


def _then(since: int) -> str:
    """SQL of the release that is asked for; an error where it is none that the table knows of."""
    return f"pool.known_release(seen, {since})"


def _known(since: int) -> str:
    """SQL of whether the release that is asked for held a row true."""
    return f"known_from <= {_then(since)} AND (known_to IS NULL OR known_to > {_then(since)})"
