"""The figures of the report that count a row."""

from collections.abc import Iterator, Mapping, Sequence

from duckdb import DuckDBPyConnection

from expectations.report.figures import figure_name, score_figure, slice_of
from expectations.scores import score_facts
from flow.conflicts import conflict_rows
from flow.context import Context
from flow.delivered import file_key
from flow.match import STOPPED_HIGHER
from flow.quality import BROKEN_FILE, RULES_FILE
from flow.report_datasets import told_key
from flow.report_departments import department_ids
from flow.trace.figures import figures
from flow.trace.found import AddressMatch, Check, Place
from flow.workspace import sql_path
from pool import PoolError, Receipt
from pool.release_build import QUALITY
from transforms.identity import sql_literal

COUNTED = ("published", "merged")
"""Outcomes of rows whose addresses count."""


def figures_of_row(
    connection: DuckDBPyConnection,
    context: Context,
    release: int,
    receipt: Receipt,
    place: Place,
    outcome: str,
    check: Check | None,
    matches: Sequence[AddressMatch],
    records: Sequence[str],
) -> list[str]:
    """The names of the figures that count a row of a release; tables by the `records` it supports.

    outcome: what became of it in that release. A row that stands several times in a figure is named once.
    """
    scopes = _Scopes(context)
    names = [*_of_account(context, receipt, outcome), *_of_check(context, scopes, receipt.contract, check)]
    for match in matches if outcome in COUNTED else ():
        if match.part == 1:
            names += _of_address(scopes, receipt.contract, match)
    names += _of_doubts(connection, context, scopes, release, receipt, place)
    names += [figure_name("tables", table) for table in records]
    reported = _reported(context, release)
    return [name for name in dict.fromkeys(names) if not reported or name in reported]


class _Scopes:
    """The scores in which a dataset counts."""

    def __init__(self, context: Context) -> None:
        departments = department_ids(context)
        self._departments = {each.id: departments[each.department] for each in context.contracts.values()}

    def figures(self, dataset: str, dimension: str, indicator: str) -> Iterator[str]:
        """The figures of what an indicator counts as bad there."""
        for kind, scope in (("pool", ""), ("department", self._departments.get(dataset, "")), ("dataset", dataset)):
            yield score_figure(kind, scope, dimension, indicator)


def _of_account(context: Context, receipt: Receipt, outcome: str) -> Iterator[str]:
    department = department_ids(context)[context.contracts[receipt.contract].department]
    for account in ("received", "quarantined" if outcome == "quarantined" else "accepted"):
        yield figure_name("total", account)
        yield figure_name("department", department, account)
        yield figure_name("dataset", receipt.contract, account)
    yield figure_name("batch", receipt.batch, "received")
    yield figure_name("dataset", receipt.contract, "outcome", outcome)


def _of_check(context: Context, scopes: _Scopes, dataset: str, check: Check | None) -> Iterator[str]:
    if check is None:
        return
    facts, rules = score_facts(), {rule.name: rule.dimension for rule in context.contracts[dataset].rules}
    for part, indicator, told in (("quarantined", "rows", check.reasons), ("warned", "cells", check.warnings)):
        for each in told:
            yield figure_name("dataset", dataset, part, told_key(each.column, each.rule))
            yield from scopes.figures(dataset, facts.dimension_of(each.rule, rules), indicator)


def _of_address(scopes: _Scopes, dataset: str, match: AddressMatch) -> Iterator[str]:
    for widest in (("total",), ("dataset", dataset)):
        yield figure_name(*widest, "addresses")
        yield figure_name(*widest, "addresses", slice_of(match.level, match.status))
        if match.status == "matched":
            yield figure_name(*widest, "addresses", "matched")
    if match.status != "matched":
        yield from scopes.figures(dataset, "consistency", "addresses")
        yield score_figure("town", match.town, "consistency", "addresses")
    yield figure_name("addresses", match.town, match.status)
    yield figure_name("matching", match.status, match.basis)
    if match.status == "matched" and match.basis in STOPPED_HIGHER:
        yield figure_name("stopped", match.address_id)


def _of_doubts(
    connection: DuckDBPyConnection, context: Context, scopes: _Scopes, release: int, receipt: Receipt, place: Place
) -> Iterator[str]:
    """Rules that records break for which the row answers, and values of it that lost."""
    folder = context.pool.releases.folder(release)
    condition = f"file_key = {sql_literal(file_key(receipt.sha256))} AND sheet = {sql_literal(place[0])} AND row = {place[1]}"
    broken = folder / QUALITY / BROKEN_FILE
    if broken.is_file():
        rules = sql_path(folder / QUALITY / RULES_FILE)
        for rule, dataset, town, dimension in connection.execute(f"""
            SELECT rule, dataset, coalesce(town, ''), dimension FROM read_parquet({sql_path(broken)}) AS broken JOIN read_parquet({rules}) AS rules USING (rule)
            WHERE {condition} ORDER BY ALL""").fetchall():
            yield figure_name("rules", rule)
            yield figure_name("rules", rule, dataset)
            yield from scopes.figures(dataset, dimension, "rules")
            yield score_figure("town", town, dimension, "rules")
    rows = conflict_rows(connection, folder / "pool", _receipts(context, release))
    lost = connection.execute(f"SELECT DISTINCT loser, winner, table_name, column_name FROM ({rows}) WHERE {condition} ORDER BY ALL")
    for each in lost.fetchall():
        yield figure_name("conflicts", *each)
        yield from scopes.figures(each[0], "consistency", "agreement")


def _receipts(context: Context, release: int) -> Mapping[str, Receipt]:
    return {batch: context.pool.receipts.read(batch) for batch in context.pool.releases.manifest(release)["inputs"]["batches"]}


def _reported(context: Context, release: int) -> set[str]:
    """The names that the report has; none where earlier software wrote it."""
    try:
        return {each.name for each in figures(context, release)[1]}
    except PoolError:
        return set()
