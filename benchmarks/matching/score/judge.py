"""One verdict a query: hit, wrong, sibling confused, review with the right candidates."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.matching.library.nodes import COMPONENTS

ANSWER_SCHEMA = pa.schema(
    [
        ("query_id", pa.string()),
        ("address_id", pa.string()),
        ("level", pa.string()),
        ("status", pa.string()),
        ("score", pa.float64()),
        ("reason", pa.string()),
        ("faults", pa.string()),
        ("candidates", pa.list_(pa.string())),
    ]
)
"""What every matcher returns, one row a query; matchers that know no review or reason leave these null."""

NUMBER_UNKNOWN = frozenset(("wrong_digit", "room_unknown", "truncated_number", "unit_missing"))
_DIRECTION = re.compile(r"[东西南北中](?=大道|大街|路|街|巷)")


def judge(queries: pa.Table, answers: pa.Table, library: pa.Table) -> pd.DataFrame:
    """Join queries with answers and judge them.

    Adds `hit` (matched to the right address), `false` (matched although nothing is right), `wrong` (matched to something else),
    `sibling` (wrong, and what was confused is a number or a direction), `listed` (review with all right candidates).
    """
    table: pd.DataFrame = queries.to_pandas().merge(
        answers.to_pandas(), on="query_id", how="left", suffixes=("", "_found"), validate="one_to_one"
    )
    matched = table["status"].eq("matched")
    answerable = table["kind"].eq("answer")
    same = table["address_id"].eq(table["truth"]) & table["address_id"].notna()
    also = pd.Series([found in others for found, others in zip(table["address_id"], table["also"], strict=True)], index=table.index)
    table["matched"], table["review"] = matched, table["status"].eq("review")
    table["hit"] = matched & answerable & (same | also)
    table["false"] = matched & table["kind"].eq("no_answer")
    table["wrong"] = matched & ~table["hit"]
    table["listed"] = table["kind"].eq("ambiguous") & table["review"] & pd.Series(_listed(table), index=table.index)
    table["sibling"] = False
    doubtful = table.index[table["wrong"] & answerable]
    table.loc[doubtful, "sibling"] = [_sibling(library, table.loc[number]) for number in doubtful]
    return table


def _listed(table: pd.DataFrame) -> list[bool]:
    return [
        len(wanted) > 0 and found is not None and set(wanted) <= set(np.asarray(found).tolist())
        for wanted, found in zip(table["candidates"], table["candidates_found"], strict=True)
    ]


def row_of(address_id: str) -> int:
    """Row of the library an id stands for."""
    return int(address_id.removeprefix("330381"))


def _sibling(library: pa.Table, query: "pd.Series[Any]") -> bool:
    """Whether found and right address differ in a number below the same parent, or in the direction of the road alone."""
    found, right = (_components(library, query[name]) for name in ("address_id", "truth"))
    different = [name for name in COMPONENTS if found[name] != right[name] and name not in ("floor", "community")]
    if len(different) == 1 and all(found[name] and right[name] for name in different):
        name = different[0]
        return name != "road" or _DIRECTION.sub("", str(found["road"])) == _DIRECTION.sub("", str(right["road"]))
    guessed = all(right[name] is None for name in different)
    return guessed and bool(different) and bool(NUMBER_UNKNOWN & set(query["noise"]))


def _components(library: pa.Table, address_id: str) -> dict[str, str | None]:
    row = library.slice(row_of(address_id), 1)
    return {name: row.column(name)[0].as_py() for name in COMPONENTS}
