"""What Great Expectations said of the latest batch of a dataset: for its page, and beside it as JSON, rule by rule."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from expectations import report
from expectations.pool_rules import DIMENSIONS
from expectations.scores import score_facts
from expectations.suites import suite_for
from flow.context import Context
from pool import Receipt
from schemas.contract import Contract


def expectations_of(
    context: Context, contract: Contract, receipt: Receipt, profile: Mapping[str, Any]
) -> tuple[list[report.ExpectationReport], dict[str, Any]]:
    """The rules of the contract by which the batch was judged, and the content of their JSON: the same results in the same order, each with the
    whole answer of Great Expectations, without times."""
    path = context.pool.batches.folder(receipt.batch) / "validation.json"
    raw = json.loads(path.read_bytes()) if path.is_file() else {}
    answers = {answer["expectation_config"]["meta"]["name"]: answer for answer in raw.get("results", ())}
    unmet = {each["name"]: each for each in profile["expectations"]["unmet"]}
    told = [_told(meta, unmet.get(meta["name"])) for meta in _asked(contract, answers, profile["expectations"]["total"])]
    content = {
        "dataset": contract.id,
        "name": contract.name,
        "batch": receipt.batch,
        "file": receipt.file_name,
        "great_expectations_version": raw.get("meta", {}).get("great_expectations_version"),
        "statistics": {"evaluated": profile["expectations"]["total"], "met": profile["expectations"]["met"]},
        "results": [asdict(each) | {"great_expectations": answers.get(each.name)} for each in told],
    }
    return told, content


def _asked(contract: Contract, answers: Mapping[str, Any], total: int) -> Sequence[Mapping[str, str]]:
    """Name, description, dimension, severity of what was asked; of rows that were all taken over nothing was asked anew."""
    if len(answers) == total:
        return [answer["expectation_config"]["meta"] for answer in answers.values()]
    return [asdict(each) for each in suite_for(contract).expectations][:total]


def _told(meta: Mapping[str, str], unmet: Mapping[str, Any] | None) -> report.ExpectationReport:
    dimension = DIMENSIONS.get(score_facts().standard_dimension(meta["dimension"]), meta["dimension"])
    told = (meta["name"], meta["description"], dimension, meta["severity"])
    if unmet is None:
        return report.ExpectationReport(*told, success=True)
    return report.ExpectationReport(*told, unmet["success"], unmet["unexpected"], unmet["observed"], unmet["cause"])
