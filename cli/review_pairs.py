"""How pairs of persons or organisations that may be one are shown, and what people decided on them."""

from typing import Any

from cli.console import table
from flow.context import Context
from flow.review.pair import NAMES
from schemas.codes import code_list

SIDE_VALUES = 4
"""How many of the values known of a side a line of the list has room for."""


def print_pairs(listed: list[dict[str, Any]]) -> None:
    """Pairs as a table, one line each."""
    rows = [
        (
            each["case"],
            NAMES[each["kind"]],
            each["reason"],
            _side(each["left"]),
            _side(each["right"]),
            "、".join(each["differing"]),
        )
        for each in listed
    ]
    table("可能是同一个的人员、单位", ["案例", "类别", "相符之处", "甲", "乙", "不同"], rows, whole=2)


def print_pair_decisions(context: Context, listed: list[dict[str, Any]]) -> None:
    """Decisions as a table, nothing where there are none."""
    pair_rows = [
        (
            each["decision"],
            f"{context.local_time(each['decided_at']):%Y-%m-%d %H:%M}",
            each["decided_by"],
            NAMES[each["kind"]],
            code_list("pair_choice")[each["choice"]],
            f"{each['left_id'][:8]}… 与 {each['right_id'][:8]}…",
            each["reason"],
            state_of(each),
        )
        for each in listed
    ]
    if pair_rows:
        table("人员、单位", ["编号", "时间", "决定人", "类别", "决定", "记录", "理由", "状态"], pair_rows, whole=3)


def state_of(decision: dict[str, Any]) -> str:
    """Whether a decision holds."""
    undone = decision["undone"]
    return f"已撤销：{undone['by']}，{undone['reason']}" if undone else "有效"


def _side(side: dict[str, Any]) -> str:
    return " ".join(item["value"] for item in side["known"][:SIDE_VALUES])
