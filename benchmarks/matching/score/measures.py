"""Figures from verdicts: precision, recall, F1, rates, by group, and calibration."""

from typing import Any

import numpy as np
import pandas as pd

Figures = dict[str, float]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _accuracy(table: pd.DataFrame) -> Figures:
    hits, matched, answerable = int(table["hit"].sum()), int(table["matched"].sum()), int(table["kind"].eq("answer").sum())
    precision, recall = _share(hits, matched), _share(hits, answerable)
    return {"precision": precision, "recall": recall, "f1": _share(2 * hits, matched + answerable)}


def summary(table: pd.DataFrame) -> Figures:
    """Figures over all queries, as shares; `siblings` is a count."""
    none, unclear = table["kind"].eq("no_answer"), table["kind"].eq("ambiguous")
    hard = table["hardness"].eq("hard") & table["kind"].eq("answer")
    return {
        "queries": len(table),
        **_accuracy(table),
        "false_match_rate": _share(int(table["false"].sum()), int(none.sum())),
        "review_rate": _share(int((table["review"] & ~unclear).sum()), int((~unclear).sum())),
        "ambiguous_listed": _share(int(table["listed"].sum()), int(unclear.sum())),
        "ambiguous_matched": _share(int((table["matched"] & unclear).sum()), int(unclear.sum())),
        "siblings": int(table["sibling"].sum()),
        "hard_recall": _share(int((table["hit"] & hard).sum()), int(hard.sum())),
        "calibration_error": calibration_error(table),
    }


def groups(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Figures by `level`, `style`, `noise` or `hardness`; a query counts in each of its noise classes."""
    rows: list[dict[str, Any]] = []
    exploded = table.explode(by) if by == "noise" else table
    for name, group in exploded.groupby(by, sort=True):
        answerable = group["kind"].eq("answer")
        rows.append(
            {
                by: name,
                "queries": len(group),
                "recall": _share(int(group["hit"].sum()), int(answerable.sum())),
                "precision": _share(int(group["hit"].sum()), int(group["matched"].sum())),
                "wrong": int(group["wrong"].sum()),
                "review": int(group["review"].sum()),
                "unmatched": int((~group["matched"] & ~group["review"]).sum()),
                "siblings": int(group["sibling"].sum()),
            }
        )
    return pd.DataFrame(rows)


def calibration(
    table: pd.DataFrame, edges: tuple[float, ...] = (0, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 1.0001)
) -> pd.DataFrame:
    """Reliability curve of matched results: mean score against the share that is right, by band of score."""
    matched = table[table["matched"] & table["score"].notna()]
    band = np.digitize(matched["score"].to_numpy(dtype=float), edges) - 1
    rows = []
    for number in range(len(edges) - 1):
        inside = matched[band == number]
        if len(inside):
            rows.append({"from": edges[number], "to": min(edges[number + 1], 1.0), "results": len(inside),
                         "score": float(inside["score"].mean()), "right": float(inside["hit"].mean())})  # fmt: skip
    return pd.DataFrame(rows, columns=["from", "to", "results", "score", "right"])


def calibration_error(table: pd.DataFrame) -> float:
    """Expected calibration error over the bands."""
    curve = calibration(table)
    return _share(float((curve["results"] * (curve["score"] - curve["right"]).abs()).sum()), float(curve["results"].sum()))
