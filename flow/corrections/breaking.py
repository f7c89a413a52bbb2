"""Rows that answer for a record which breaks a quality rule of the current release: their departments are asked, each about its own row."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection

from expectations.pool_rules import PoolRule, pool_rules
from flow.context import Context
from flow.corrections.fault import Found
from flow.delivered import create_delivered, file_key
from flow.quality import BROKEN_FILE, RULES_FILE
from flow.quality_stated import STATED
from flow.workspace import sql_path
from pool import Receipt
from pool.release_build import QUALITY, TABLES
from schemas.contract import Contract
from schemas.model import Fact
from transforms.current import row_key
from transforms.deliveries import Delivered
from transforms.identity import sql_literal

EXPECTED = "请核对这一行；有误的在源系统更正后重新报送，符合这条规则后自动办结"
OF_CONFLICTS = "conflict"
"""Rules that read this table are about values on which sources differ."""
STATED_IN: Mapping[str, str] = {"division_code": "division_code", "longitude": "lon", "latitude": "lat"}
"""Column of `stated_place` to the part of an AddressUse."""
TELLING = ("name", "citizen_number", "document_number", "uscc", "source_key", "address")
"""By which columns a department finds the record that another one refers to."""
Place = tuple[str, str, int]
"""File key, sheet and row."""


@dataclass(slots=True)
class _Broken:
    """A rule that a row answers for, whatever number of records break it: what is said of them, and as whom the row names them."""

    rule: str
    sentence: str
    table: str
    details: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)


def breaking(connection: DuckDBPyConnection, context: Context, asked: Collection[tuple[str, str, int, str]]) -> Iterator[Found]:
    """One a rule and row that answers for a record which breaks it in the current release; none where there is no release.

    asked: batch, sheet, row and record of the values on which departments disagree: they are asked about these anyhow, and not once more by a rule.
    """
    number = context.pool.releases.current()
    if number is None or not (context.pool.releases.folder(number) / QUALITY / BROKEN_FILE).is_file():
        return
    receipts = [context.pool.receipts.read(batch) for batch in context.pool.releases.manifest(number)["inputs"]["batches"]]
    of_files = {(file_key(each.sha256), each.contract): each for each in receipts if each.contract in context.contracts}
    disputed = {name for name, rule in _rules().items() if OF_CONFLICTS in rule.reads}
    found: dict[str, dict[tuple[Place, str], _Broken]] = defaultdict(dict)
    for rule, dataset, file, sheet, row, table, key, detail, sentence, alias in _rows(connection, context, number):
        receipt = of_files.get((file, dataset))
        if receipt is not None and not (rule in disputed and (receipt.batch, sheet, row, key) in asked):
            broken = found[dataset].setdefault(((file, sheet, row), rule), _Broken(rule, sentence, table))
            broken.details |= {detail} - {""}
            broken.keys.add(key)
            broken.aliases |= {alias} - {""}
    for dataset, of_dataset in found.items():
        files = {file: of_files[file, dataset] for (file, _, _), _ in of_dataset}
        rows = _delivered(connection, context, context.contracts[dataset], files, {place for place, _ in of_dataset})
        for (place, _), broken in of_dataset.items():
            if place in rows:
                yield _found(context.contracts[dataset], files[place[0]], place, broken, rows[place])


def _rules() -> Mapping[str, PoolRule]:
    return {rule.name: rule for rule in pool_rules()}


def _rows(connection: DuckDBPyConnection, context: Context, number: int) -> Sequence[tuple[Any, ...]]:
    """Rule, dataset, file_key, sheet, row, table, record, detail, sentence, and as whom the row names the record."""
    folder = context.pool.releases.folder(number)
    broken, rules = (f"read_parquet({sql_path(folder / QUALITY / name)})" for name in (BROKEN_FILE, RULES_FILE))
    links = folder / TABLES / "entity_link.parquet"
    named = f"read_parquet({sql_path(links)})"
    return connection.execute(f"""
        SELECT rule, dataset, file_key, sheet, row, broken.table_name, key, coalesce(detail, ''), rules.sentence, coalesce(link.alias, '')
        FROM {broken} AS broken JOIN (SELECT rule, sentence FROM {rules}) AS rules USING (rule)
        LEFT JOIN {named} AS link USING (table_name, key, file_key, sheet, row)
        WHERE file_key IS NOT NULL AND dataset IS NOT NULL ORDER BY ALL""").fetchall()


def _delivered(
    connection: DuckDBPyConnection, context: Context, contract: Contract, files: Mapping[str, Receipt], wanted: Collection[Place]
) -> dict[Place, Mapping[str, str]]:
    """The cells of rows as they were accepted, by column; `row_key` beside them where there is one."""
    deliveries = [Delivered(each.batch, each.period, 0, 0, 0, file) for file, each in files.items()]
    rows = create_delivered(connection, context, contract, deliveries, prefix="breaking")
    names = [column.name for column in contract.columns if not column.ignored]
    listed = ", ".join(f"({sql_literal(key)}, {sql_literal(sheet)}, {row})" for key, sheet, row in sorted(wanted))
    key = row_key(contract) if contract.key else "NULL::VARCHAR"
    told = connection.execute(f"""
        SELECT file_key, sheet, "row", {key}, {", ".join(f'"{name}"::VARCHAR' for name in names)}
        FROM {rows} SEMI JOIN (VALUES {listed}) AS wanted(file_key, sheet, "row") USING (file_key, sheet, "row")""").fetchall()
    return {
        (file, sheet, row): {"row_key": key or "", **{name: value or "" for name, value in zip(names, values, strict=True)}}
        for file, sheet, row, key, *values in told
    }


def _found(contract: Contract, receipt: Receipt, place: Place, broken: _Broken, cells: Mapping[str, str]) -> Found:
    names = _columns(contract, broken)
    shown = [column for column in contract.columns if column.name in names and not column.ignored]
    return Found(
        about=("broken", contract.id, cells["row_key"] or json.dumps(sorted(broken.keys)), broken.rule),
        kind="broken",
        contract=contract.id,
        department=contract.department,
        batch=receipt.batch,
        file=receipt.file_name,
        period=receipt.period,
        received_at=receipt.received_at,
        sheet=place[1],
        row=place[2],
        column=shown[0].name if len(shown) == 1 else "",
        label="、".join(column.label for column in shown) or "整行",
        rule=broken.rule,
        text="\n".join(f"{column.label}：{cells[column.name]}" for column in shown if cells[column.name]),
        key="\n".join(f"{contract.column(each).label}：{cells[each]}" for each in contract.key if cells[each]),
        reason="；".join([f"不符合：{broken.sentence}", *sorted(broken.details)]),
        expected=EXPECTED,
    )


def _columns(contract: Contract, broken: _Broken) -> set[str]:
    """The columns of a row that say what a rule looks at."""
    rule = _rules().get(broken.rule)
    if rule is None:
        return set()
    if broken.table == STATED:
        uses = [use for use in contract.addresses if any(key.endswith(f"/{use.text}") for key in broken.keys)]
        return {name for use in uses for name in (use.text, *(getattr(use, STATED_IN[column]) for column in rule.columns)) if name}
    facts = [fact for fact in contract.facts if fact.table == broken.table]
    meant = [fact for fact in facts if fact.alias in broken.aliases] or facts
    return {name for fact in meant for column in rule.columns for name in _sources(contract, fact, column)}


def _sources(contract: Contract, fact: Fact, column: str) -> Iterator[str]:
    """The columns of a row from which a column of the pool comes: its own; the text of an address; of a reference those by which its record is told."""
    names = {each.name for each in contract.columns}
    for key in (column, column.removesuffix("_id"), "address" if column.startswith("address") else column):
        source = fact.columns.get(key)
        if isinstance(source, str) and source in names:
            yield source
        for other in contract.facts:
            if source is not None and other.alias == source:
                yield from (name for key in TELLING if isinstance(name := other.columns.get(key), str) and name in names)
