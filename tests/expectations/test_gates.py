"""Gates let good data pass and say in words why they keep the rest out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given, strategies as st

from expectations.gates import GateResult, Limits, RowAccount, batch_gate, release_gate
from expectations.pool_rules import pool_rules
from expectations.rule_engine import RuleResult
from expectations.validation import ExpectationResult, ValidationResult
from tests.expectations.tables import letting

LIMITS = Limits(quarantined_share=0.2, drop_share=0.1)


def result(severity: str, success: bool | None, cause: str = "") -> ExpectationResult:
    return ExpectationResult(
        "one", "one", "起止日期有序", "consistency", severity, success, "3 行不符合", 3, crashed=success is None, cause=cause
    )


def validation(*results: ExpectationResult) -> ValidationResult:
    return ValidationResult("suite", "出租房屋", 100, results, {})


def gate_of_batch(
    received: int = 100, quarantined: int = 5, missing: Sequence[str] = (), checked: ValidationResult | None = None
) -> GateResult:
    profile = {"received": received, "accepted": received - quarantined, "quarantined": quarantined, "missing": missing}
    return batch_gate(letting(), profile, checked or validation(result("reject", True)), LIMITS)


def gate_of_release(
    tables: dict[str, int] | None = None,
    previous: dict[str, int] | None = None,
    checked: ValidationResult | None = None,
    accounts: Sequence[RowAccount] = (),
) -> GateResult:
    return release_gate(tables or {"人员": 100}, previous, [checked or validation(result("block", True))], accounts, LIMITS)


def test_a_good_batch_passes_and_its_readings_are_told() -> None:
    gate = gate_of_batch()
    assert (gate.passed, gate.blocked_by) == (True, ())
    assert gate.details == ("必填字段：齐全", "采纳 95 行", "隔离 5 / 100 行（5.00%），上限 20%", "出租房屋：规则满足 1 / 1")


def test_a_missing_required_column_blocks_naming_the_header_to_look_for() -> None:
    (reason,) = gate_of_batch(missing=["address_text", "grade_code"]).blocked_by
    assert "房屋地址_详址" in reason
    assert "grade" not in reason


def test_a_batch_without_an_accepted_row_blocks() -> None:
    profile = {"received": 0, "accepted": 0, "quarantined": 0, "missing": ()}
    (reason,) = batch_gate(letting(), profile, None, LIMITS).blocked_by
    assert "没有一行可以采纳" in reason


@pytest.mark.parametrize(("quarantined", "passed"), [(0, True), (20, True), (21, False)])
def test_the_share_in_quarantine_may_reach_the_limit_but_not_pass_it(quarantined: int, passed: bool) -> None:
    assert gate_of_batch(quarantined=quarantined).passed is passed


@pytest.mark.parametrize(("severity", "passed"), [("warn", True), ("reject", False), ("block", False)])
def test_a_broken_expectation_blocks_unless_it_only_warns(severity: str, passed: bool) -> None:
    assert gate_of_batch(checked=validation(result(severity, False))).passed is passed


@pytest.mark.parametrize("severity", ["warn", "reject", "block"])
def test_an_expectation_that_could_not_be_checked_blocks_whatever_its_severity(severity: str) -> None:
    checked = validation(result(severity, None, "Binder Error"))
    for gate in (gate_of_batch(checked=checked), gate_of_release(checked=checked)):
        (reason,) = gate.blocked_by
        assert "未能检查（Binder Error）" in reason


def test_a_first_release_passes_with_nothing_to_compare() -> None:
    assert gate_of_release().passed


@pytest.mark.parametrize(("rows", "passed"), [(120, True), (100, True), (90, True), (89, False), (0, False)])
def test_a_table_may_lose_rows_up_to_the_limit(rows: int, passed: bool) -> None:
    assert gate_of_release({"人员": rows}, {"人员": 100}).passed is passed


def test_a_table_that_is_gone_blocks() -> None:
    assert gate_of_release({"人员": 5}, {"人员": 5, "房屋": 9}).blocked_by == ("表“房屋”在上一版中有，这一版没有",)


def test_a_dataset_whose_rows_do_not_add_up_blocks() -> None:
    whole = RowAccount("常住人口", 10, {"published": 8, "quarantined": 2})
    short = RowAccount("出租房屋", 10, {"published": 8, "quarantined": 1})
    (reason,) = gate_of_release(accounts=[whole, short]).blocked_by
    assert reason == "出租房屋：接收 10 行，去向合计 9 行，不相等"


def test_two_wrong_accounts_do_not_cancel_out() -> None:
    accounts = [RowAccount("甲", 10, {"published": 9}), RowAccount("乙", 10, {"published": 11})]
    assert len(gate_of_release(accounts=accounts).blocked_by) == 2


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_gate_passes_exactly_when_it_has_no_reason_not_to(accepted: int, quarantined: int) -> None:
    profile = {"received": accepted + quarantined, "accepted": accepted, "quarantined": quarantined, "missing": ()}
    gate = batch_gate(letting(), profile, None, LIMITS)
    assert gate.passed is not bool(gate.blocked_by)
    assert gate.passed is (accepted > 0 and quarantined <= LIMITS.quarantined_share * (accepted + quarantined))


def test_tables_that_shrank_are_named_only_where_nothing_else_blocks() -> None:
    broken = validation(result("block", False))
    assert gate_of_release({"人员": 80, "单位": 95}, {"人员": 100, "单位": 100}).shrunk == ("人员",)
    assert gate_of_release({"人员": 100}, {"人员": 100, "单位": 100}).shrunk == ("单位",)
    assert gate_of_release({"人员": 80}, {"人员": 100}, broken).shrunk == ()
    assert gate_of_release({"人员": 100}, {"人员": 100}).shrunk == ()


def ruled(severity: Literal["block", "warn"], broken: int | None, limits: Mapping[str, float] | None = None) -> GateResult:
    rule = replace(pool_rules()[0], name="one", severity=severity)
    found = RuleResult(rule, 100, broken, "" if broken is not None else "Conversion Error")
    return release_gate({"人员": 100}, None, [], [], Limits(0.2, 0.1, limits or {}), [found])


@pytest.mark.parametrize(
    ("severity", "broken", "limits", "passes"),
    [
        ("warn", 40, {}, True),
        ("block", 0, {}, True),
        ("block", 1, {}, False),
        ("block", 5, {"one": 0.05}, True),
        ("block", 6, {"one": 0.05}, False),
        ("warn", 6, {"one": 0.05}, False),
        ("warn", 5, {"one": 0.05}, True),
        ("warn", 1, {"one": 0.0}, False),
        ("warn", None, {}, True),
        ("block", None, {}, False),
        ("block", None, {"one": 1.0}, False),
    ],
)
def test_quality_rules_keep_a_release_back_by_severity_and_limit(severity, broken, limits, passes):
    result = ruled(severity, broken, limits)
    assert result.passed == passes
    assert result.broken == (("one",) if not passes and broken is not None else ()), (
        "the records to blame are known, those of a crash are not"
    )


def test_reasons_of_quality_rules_say_what_was_found():
    assert "1 / 100 条不符" in ruled("block", 1).blocked_by[0]
    assert "超过上限 5.00%" in ruled("warn", 6, {"one": 0.05}).blocked_by[0]
    assert "未能检查（Conversion Error）" in ruled("block", None).blocked_by[0]
    assert "未能检查 1" in ruled("warn", None).details[-2]
