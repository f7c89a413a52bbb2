"""What the rows of a dataset said over all its deliveries: one row for each time that a source row began to say something else."""

from collections.abc import Collection, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import AddressUse, Contract, Fact
from transforms.current import ever, row_key
from transforms.deliveries import Delivered
from transforms.placed import placed_select

SPOKEN_COLUMNS = ("row_key", "sequence", "seen_from", "seen_to", "appeared", "runs")
"""Columns of spoken rows beside those of current rows."""


def speaks_of(contract: Contract, tables: Collection[str]) -> bool:
    """Whether the rows of a contract say anything of these pool tables."""
    return any(fact.table in tables for fact in contract.facts)


def is_said_once(contract: Contract, deliveries: Sequence[Delivered]) -> bool:
    """Whether each row of a dataset can only have said one thing so far: then what it says is what it claims now."""
    return len(deliveries) == 1 and not _moments(contract, deliveries)


def create_spoken(
    connection: DuckDBPyConnection, contract: Contract, current: str, spoken: str, deliveries: Sequence[Delivered], tables: Collection[str]
) -> None:
    """Create `spoken`: the placed rows (see transforms.placed), of all ever delivered, that began to say something else of `tables`, with state `current`.

    current: table of current rows, beside which that of the placed ones and the view of all ever delivered stand (see transforms.current).
    Adds seen_from (DATE, end of the period of the first delivery that says so), seen_to (end of that of the first one that no longer
    does, NULL while it is said), appeared (whether a full export for an earlier period did not have the row) and runs (how often the source row said
    something else, itself included). Increments whose keys differ in nothing but a date, as the months of an allowance, are one row that says
    something else from month to month.
    """
    moments = _moments(contract, deliveries)
    days = ", ".join(f"({each.sequence}, {each.snapshot}, DATE '{each.period}')" for each in deliveries)
    series, place = "row_key", "sequence"
    if moments:
        series = row_key(contract, without=moments)
        place = f"row_number() OVER (PARTITION BY {series} ORDER BY {', '.join(moments)}, sequence)"
    connection.execute(f"""
        CREATE OR REPLACE TABLE {spoken}_row AS
        WITH day(sequence, snapshot, period_end) AS (VALUES {days}),
             export AS (SELECT snapshot, min(period_end) AS period_end FROM day GROUP BY snapshot),
             heard AS (SELECT * REPLACE ({series} AS row_key), {place} AS place FROM {ever(current)}),
             begun AS (
                SELECT * FROM (SELECT *, hash({", ".join(_said(contract, tables))}) AS said FROM heard)
                WINDOW of_row AS (PARTITION BY row_key ORDER BY place)
                QUALIFY lag(said) OVER of_row IS DISTINCT FROM said OR lag(run) OVER of_row IS DISTINCT FROM run),
             followed AS (
                SELECT *, lag(run) OVER of_row IS DISTINCT FROM run AS opens,
                       CASE WHEN lead(run) OVER of_row = run THEN lead(sequence) OVER of_row END AS next_sequence,
                       CASE WHEN lead(run) OVER of_row IS DISTINCT FROM run THEN last_snapshot + 1 END AS export_without,
                       count(*) OVER (PARTITION BY row_key) AS runs
                FROM begun
                WINDOW of_row AS (PARTITION BY row_key ORDER BY place))
        SELECT followed.* EXCLUDE (said, opens, next_sequence, export_without, place) REPLACE ('current' AS state, place AS sequence),
               since.period_end AS seen_from, coalesce(next.period_end, export.period_end) AS seen_to,
               opens AND (first.period_end > (SELECT min(period_end) FROM export WHERE snapshot > 0)) IS TRUE AS appeared
        FROM followed JOIN day AS since ON since.sequence = followed.sequence LEFT JOIN day AS next ON next.sequence = next_sequence
        LEFT JOIN export ON export.snapshot = export_without LEFT JOIN export AS first ON first.snapshot = first_snapshot""")
    connection.execute(f"CREATE OR REPLACE VIEW {spoken} AS {placed_select(contract, f'{spoken}_row')}")


def _moments(contract: Contract, deliveries: Sequence[Delivered]) -> tuple[str, ...]:
    """The dates of the key of an incremental dataset whose rows have other parts of a key besides."""
    dates = tuple(column.name for column in contract.columns if column.name in contract.key and column.logical_type == "date")
    return dates if len(dates) < len(contract.key) and not any(each.snapshot for each in deliveries) else ()


def _said(contract: Contract, tables: Collection[str]) -> list[str]:
    """The columns of a contract on which it depends what a row says of the tables: who, where, when."""
    facts = [fact for fact in contract.facts if fact.table in tables]
    named = [other for fact in facts for other in contract.facts if other.alias in fact.references.values()]
    columns = {column for fact in (*facts, *named) for column in _columns(contract, fact)}
    return [column.name for column in contract.columns if column.name in columns]


def _columns(contract: Contract, fact: Fact) -> set[str]:
    found = {value for name, value in fact.columns.items() if isinstance(value, str) and name not in fact.references}
    uses = [use for use in contract.addresses if use.text == fact.columns.get("address")]
    return found | {column for use in uses for column in _hints(use)}


def _hints(use: AddressUse) -> list[str]:
    parts = (use.text, use.as_of, use.division_code, use.community, use.source_address_id, use.lon, use.lat)
    return [part for part in parts if part]
