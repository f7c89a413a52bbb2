"""Which rows, records and batches cost a score its points, as SQL: what an indicator counted as bad."""

from collections.abc import Callable, Iterable, Mapping

from expectations.scores import score_facts
from flow.delivered import QUARANTINE, batch_profile, file_key, rejected_rows, warned_rows
from flow.quality import BROKEN_FILE, RULES_FILE
from flow.quality_counts import has_drifted, kept_out
from flow.report_departments import department_ids
from flow.trace.behind import ROWS, Behind
from flow.workspace import sql_path
from pool.release_build import QUALITY
from schemas.contract import Contract
from transforms.erase import ERASED
from transforms.identity import sql_literal

SCORE = "score"
"""First part of the names: `score/<kind>/<scope>/<dimension>/<indicator>`."""
BROKEN_OF_DATASETS = "count(DISTINCT {'rule': rule, 'dataset': dataset, 'table_name': table_name, 'key': key})"
BROKEN_OF_TOWN = "count(DISTINCT {'rule': rule, 'table_name': table_name, 'key': key})"
"""What indicator `rules` counts: records, once for each rule that they break and each dataset that answers; of a town, whoever answers."""
NOTHING = f"SELECT {ROWS}, note FROM (SELECT NULL::VARCHAR AS batch, NULL::VARCHAR AS sheet, NULL::BIGINT AS row, NULL::VARCHAR AS note) WHERE FALSE"


def behind_score(behind: Behind, name: str) -> str:
    """SQL of what an indicator counted as bad: the columns of `Behind.select`, of indicator `rules` with rule and dataset."""
    _, kind, scope, dimension, indicator = name.split("/")
    contracts = _contracts(behind, kind, scope)
    if indicator == "rules":
        datasets = [each.id for each in contracts]
        return _broken(behind, dimension, *(("town", [scope]) if kind == "town" else ("dataset", datasets)))
    if indicator == "addresses":
        asking = [each for each in behind.asking() if each in contracts]
        return behind.addresses(asking, "status <> 'matched'" + (f" AND town = {sql_literal(scope)}" if kind == "town" else ""))
    of_dataset: Mapping[str, Callable[[Behind, Contract, str], str]] = {
        "rows": _rejected,
        "cells": _warned,
        "expectations": _unmet,
        "agreement": _outvoted,
        "drift": _drifted,
        "deliveries": _kept_out,
    }
    return " UNION ALL ".join(of_dataset[indicator](behind, contract, dimension) for contract in contracts)


def _contracts(behind: Behind, kind: str, scope: str) -> list[Contract]:
    """The datasets whose counts make up the score of a scope."""
    contracts = list(behind.context.contracts.values())
    if kind == "department":
        ids = department_ids(behind.context)
        return [contract for contract in contracts if ids[contract.department] == scope]
    return [contract for contract in contracts if contract.id == scope] if kind == "dataset" else contracts


def _batches(behind: Behind, contract: Contract) -> list[str]:
    return [batch for batch, receipt in behind.receipts.items() if receipt.contract == contract.id]


def _rejected(behind: Behind, contract: Contract, dimension: str) -> str:
    """Rows in quarantine for a reason of the dimension, each once."""
    folders = behind.context.pool.batches
    batches = [batch for batch in _batches(behind, contract) if (folders.folder(batch) / QUARANTINE).is_file()]
    if not batches:
        return NOTHING
    rejected = behind.made_once(
        ("rejected", contract.id),
        lambda: f"SELECT batch, sheet, row, unnest(reasons) AS reason FROM ({rejected_rows(behind.context, batches)})",
    )
    told = _of_dimension(behind, rejected, "reason", contract, dimension)
    return f"""
        SELECT {ROWS}, string_agg(DISTINCT reason.rule, '，' ORDER BY reason.rule) AS note
        FROM {rejected} WHERE {told} AND reason.rule <> {sql_literal(ERASED)} GROUP BY batch, sheet, row"""


def _warned(behind: Behind, contract: Contract, dimension: str) -> str:
    """Cells of which a check says something of the dimension; a row of which two things are said stands twice."""
    batches = _batches(behind, contract)
    if not batches:
        return NOTHING
    warned = behind.made_once(
        ("warned", contract.id),
        lambda: f"SELECT batch, sheet, row, unnest(warnings) AS warning FROM ({warned_rows(behind.context, batches)})",
    )
    return f"SELECT {ROWS}, warning.rule AS note FROM {warned} WHERE {_of_dimension(behind, warned, 'warning', contract, dimension)}"


def _of_dimension(behind: Behind, table: str, told: str, contract: Contract, dimension: str) -> str:
    """Condition on what was told of rows: that it counts in a dimension."""
    facts, rules = score_facts(), {rule.name: rule.dimension for rule in contract.rules}
    known = [rule for (rule,) in behind.connection.execute(f"SELECT DISTINCT {told}.rule FROM {table}").fetchall()]
    listed = ", ".join(sql_literal(rule) for rule in known if facts.dimension_of(rule, rules) == dimension)
    return f"{told}.rule IN ({listed})" if listed else "FALSE"


def _unmet(behind: Behind, contract: Contract, dimension: str) -> str:
    """What the latest batch of a dataset does not meet; where its rows are, the batch's quarantine and warnings tell."""
    batches = _batches(behind, contract)
    unmet = batch_profile(behind.context, batches[-1])["expectations"]["unmet"] if batches else []
    return _of_batches((batches[-1], each["name"]) for each in unmet if score_facts().standard_dimension(each["dimension"]) == dimension)


def _drifted(behind: Behind, contract: Contract, _dimension: str) -> str:
    """Batches that were not as usual."""
    return _of_batches((batch, "与以往不同") for batch in _batches(behind, contract) if has_drifted(batch_profile(behind.context, batch)))


def _kept_out(behind: Behind, contract: Contract, _dimension: str) -> str:
    """Batches that a gate or a reader kept out, as the ledger knows them now."""
    return _of_batches((entry.batch, entry.reason) for entry in kept_out(behind.context) if entry.contract == contract.id)


def _outvoted(behind: Behind, contract: Contract, _dimension: str) -> str:
    """Rows of a dataset of which a value lost, once for each record of which they say something."""
    files = ", ".join(sorted({sql_literal(file_key(each.sha256)) for each in behind.receipts.values() if each.contract == contract.id}))
    return behind.with_batches(f"""
        SELECT file_key, sheet, row, table_name, key, string_agg(DISTINCT column_name, '，' ORDER BY column_name) AS note
        FROM read_parquet({sql_path(behind.tables / "conflict.parquet")}) WHERE file_key IN ({files or "''"})
        GROUP BY file_key, sheet, row, table_name, key""")


def _broken(behind: Behind, dimension: str, column: str, scopes: Iterable[str]) -> str:
    """Records that break a rule of the dimension, each with the rows that answer for it; of a delivery its batch."""
    folder = behind.tables.parent / QUALITY
    broken, rules = (f"read_parquet({sql_path(folder / name)})" for name in (BROKEN_FILE, RULES_FILE))
    listed = ", ".join(map(sql_literal, scopes))
    return behind.with_batches(f"""
        SELECT rule, dataset, file_key, sheet, row, broken.table_name, key, concat_ws('：', rules.sentence, detail) AS note
        FROM {broken} AS broken JOIN {rules} AS rules USING (rule)
        WHERE rules.dimension = {sql_literal(dimension)} AND {column} IN ({listed})""")


def _of_batches(found: Iterable[tuple[str, str]]) -> str:
    listed = ", ".join(f"({sql_literal(batch)}, NULL::VARCHAR, NULL::BIGINT, {sql_literal(note)})" for batch, note in found)
    return f"SELECT {ROWS}, note FROM (VALUES {listed}) AS told(batch, sheet, row, note)" if listed else NOTHING
