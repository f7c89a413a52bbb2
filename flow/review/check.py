"""Every decision is a test of the matcher: does the library of today answer as people decided?"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from address_matching import AddressIndex, match
from flow.context import Context
from flow.library import Library
from flow.private_file import new_private_file
from flow.progress import Progress
from flow.reference import current_library
from flow.review.cases import library_rows
from flow.workspace import workspace
from pool import ReviewDecision
from schemas.codes import code_list
from transforms.review import HINTS

INPUT_TYPES = {"DATE": pa.date32(), "VARCHAR": pa.string(), "DOUBLE": pa.float64()}
INPUT = pa.schema([("record_id", pa.string()), ("text", pa.string()), *((name, INPUT_TYPES[kind]) for name, kind in HINTS.items())])
CASE_COLUMNS = ("decision", "text", *HINTS, "choice", "expected_address_id", "expected_full_text", "excluded_address_ids", "decided_on")

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A decision in force that is answered otherwise; `found` and `cause` are Chinese."""

    decision: ReviewDecision
    found: str
    cause: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to: how many decisions were matched again, and those that are answered otherwise."""

    library: Library
    decisions: Sequence[ReviewDecision]
    deviations: Sequence[Deviation]


def check_decisions(context: Context, *, progress: Progress) -> Checked:
    """Match the texts of all decisions in force again, by the library of now and with the hints they were decided with.

    A confirmed address must be the answer; where the safe answer was enough it must be the answer still; what people said the library lacks
    must not be matched to a candidate they turned down. Undecidable texts are not tested.
    """
    progress("准备地址库", 0, 1)
    library = current_library(context)
    progress("准备地址库", 1, 1)
    decisions = [each for each in context.pool.ledger.review.in_force() if each.choice != "undecidable"]
    results = match(AddressIndex.open(library.folder / "index"), _inputs(decisions)).to_pylist()
    answers = {result["record_id"]: result for result in results if result["part"] == 1}
    names = _names(context, library, decisions, list(answers.values()))
    return Checked(library, decisions, list(_deviations(decisions, answers, names)))


def write_regression_cases(decisions: Sequence[ReviewDecision], path: Path) -> None:
    """Write decisions as test cases of the matcher: a new CSV file (UTF-8) that only its owner may read.

    Columns: CASE_COLUMNS; `choice` is a code of `review_choice`; the text with its hints must be answered by `expected_address_id` and, where that is
    empty, not be matched to any of `excluded_address_ids` (separated by blanks).
    """
    with new_private_file(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CASE_COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(map(_regression_case, decisions))


def _regression_case(decision: ReviewDecision) -> dict[str, Any]:
    excluded = [each["address_id"] for each in decision.candidates] if decision.choice == "not_in_library" else []
    return {
        "decision": decision.decision,
        "text": decision.text,
        **decision.hints,
        "choice": decision.choice,
        "expected_address_id": decision.address_id,
        "expected_full_text": decision.full_text,
        "excluded_address_ids": " ".join(excluded),
        "decided_on": decision.decided_at.date().isoformat(),
    }


def _inputs(decisions: Sequence[ReviewDecision]) -> pa.Table:
    rows = []
    for decision in decisions:
        hints = dict(decision.hints)
        if "as_of" in hints:
            hints["as_of"] = date.fromisoformat(hints["as_of"])
        rows.append({"record_id": decision.decision, "text": decision.text, **hints})
    return pa.Table.from_pylist(rows, INPUT)


def _names(context: Context, library: Library, decisions: Sequence[ReviewDecision], answers: Sequence[Result]) -> dict[str, str]:
    """Full texts of the library of now, by address id."""
    ids = {decision.address_id for decision in decisions} | {answer["address_id"] or "" for answer in answers}
    with workspace(context.pool) as connection:
        return {row["address_id"]: row["full_text"] for row in reversed(library_rows(connection, library, "address_id", ids))}


def _deviations(decisions: Sequence[ReviewDecision], answers: dict[str, Result], names: dict[str, str]) -> Iterator[Deviation]:
    statuses = code_list("match_status")
    for decision in decisions:
        answer = answers[decision.decision]
        if _is_as_decided(decision, answer):
            continue
        found = f"{statuses[answer['status']]}：{names.get(answer['address_id'], '没有地址')}"
        gone = decision.address_id and decision.address_id not in names
        yield Deviation(decision, found, "标准地址库已没有决定的这个地址" if gone else "匹配结果与决定不同")


def _is_as_decided(decision: ReviewDecision, answer: Result) -> bool:
    match decision.choice:
        case "address":
            return bool(answer["status"] == "matched" and answer["address_id"] == decision.address_id)
        case "safe_answer":
            return bool(answer["address_id"] == decision.address_id)
        case _:
            turned_down = {each["address_id"] for each in decision.candidates}
            return bool(answer["status"] != "matched" or answer["address_id"] not in turned_down)
