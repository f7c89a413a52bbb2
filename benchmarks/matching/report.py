"""What a run prints and writes: figures, groups, misses."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.matching.score import calibration, groups
from benchmarks.matching.score.judge import row_of


def figures_text(found: dict[str, float], speed: dict[str, Any]) -> str:
    """The figures of one matcher as plain text."""
    lines = [
        f"F1 {found['f1']:.2%}  precision {found['precision']:.2%}  recall {found['recall']:.2%}  hard recall {found['hard_recall']:.2%}",
        f"false match on no-answer {found['false_match_rate']:.2%}  review {found['review_rate']:.2%}  wrong siblings {found['siblings']}",
        f"ambiguous listed {found['ambiguous_listed']:.2%}  ambiguous matched {found['ambiguous_matched']:.2%}  calibration error {found['calibration_error']:.4f}",
    ]
    lines += [f"{name}: {value:,.3f}" if isinstance(value, float) else f"{name}: {value}" for name, value in speed.items()]
    return "\n".join(lines)


def groups_text(table: pd.DataFrame, by: Iterable[str] = ("hardness", "style", "level", "noise")) -> str:
    """Figures by group, the worst recall first, and the reliability curve."""
    parts = []
    for name in by:
        frame = groups(table, name)
        if name == "noise":
            frame = frame.sort_values("recall")
        parts.append(frame.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    parts.append(calibration(table).to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    return "\n\n".join(parts)


def write_misses(table: pd.DataFrame, library: pa.Table, path: Path) -> int:
    """Write every query that was not answered as it should be; returns how many."""
    right = table["hit"] | table["listed"] | (table["kind"].eq("no_answer") & ~table["matched"])
    missed = table[~right]
    texts = library.column("full_text")

    def text(address_id: Any) -> str:
        return texts[row_of(address_id)].as_py() if isinstance(address_id, str) and address_id.startswith("330381") else "-"

    frame = pd.DataFrame(
        {
            "text": missed["text"].str.replace("\t", "␉"),
            "as_of": missed["as_of"],
            "truth": [
                "; ".join(text(one) for one in found) if len(found) else text(truth)
                for truth, found in zip(missed["truth"], missed["candidates"], strict=True)
            ],
            "truth_level": missed["level"],
            "answer": [text(found) for found in missed["address_id"]],
            "answer_level": missed["level_found"],
            "status": missed["status"],
            "reason": missed["reason"],
            "score": missed["score"],
            "faults": missed["faults"],
            "candidates": ["; ".join(text(one) for one in found) if found is not None else "" for found in missed["candidates_found"]],
            "verdict": _verdict(missed),
            "noise": ["+".join(found) for found in missed["noise"]],
            "hardness": missed["hardness"],
            "style": missed["style"],
            "query_id": missed["query_id"],
        }
    )
    frame.sort_values(["verdict", "noise"]).to_csv(path, sep="\t", index=False)
    return len(frame)


def _verdict(missed: pd.DataFrame) -> list[str]:
    return [
        "false" if false else "sibling" if sibling else "wrong" if wrong else str(status)
        for false, sibling, wrong, status in zip(missed["false"], missed["sibling"], missed["wrong"], missed["status"], strict=True)
    ]
