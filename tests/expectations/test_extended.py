"""The results for a table of which only the new rows were validated."""

from expectations.suites import Expectation, Suite
from expectations.validation import ExpectationResult, ValidationResult, extend_validation

NAMED = Expectation("name.required", "", "required", "“名称”不为空", "completeness", "reject")
DATED = Expectation("dates_in_order", "", "dates_in_order", "日期有序", "consistency", "warn")
SUITE = Suite("suite", "社会组织", "organisations", (NAMED, DATED))


def result(expectation: Expectation, success: bool | None, unexpected: int | None = 0) -> ExpectationResult:
    observed = f"{unexpected:,} 行不符合" if unexpected else "全部符合"
    return ExpectationResult(
        expectation.name, expectation.rule, expectation.description, expectation.dimension, expectation.severity, success, observed, unexpected,
        crashed=success is None,
    )  # fmt: skip


def validation(*results: ExpectationResult) -> ValidationResult:
    return ValidationResult("suite", "社会组织", 3, results, {"success": True})


def test_rows_that_were_validated_before_break_what_they_broke_before() -> None:
    extended = extend_validation(SUITE, validation(result(NAMED, True), result(DATED, True)), 10, {"dates_in_order": 2})
    assert extended.results == (result(NAMED, True), result(DATED, False, 2))
    assert (extended.rows, extended.met, extended.raw) == (10, 1, {"success": True})


def test_rows_broken_are_those_of_the_whole_table() -> None:
    extended = extend_validation(SUITE, validation(result(NAMED, True), result(DATED, False, 1)), 10, {"dates_in_order": 3})
    assert extended.results[1] == result(DATED, False, 3)


def test_where_no_row_is_new_all_is_as_it_was_counted() -> None:
    assert extend_validation(SUITE, None, 10, {}).results == (result(NAMED, True), result(DATED, True))
    assert extend_validation(SUITE, None, 10, {"dates_in_order": 4}).results == (result(NAMED, True), result(DATED, False, 4))


def test_what_failed_or_could_not_be_checked_stays_so() -> None:
    failed, crashed = result(NAMED, False, 1), result(DATED, None, None)
    assert extend_validation(SUITE, validation(failed, crashed), 10, {}).results == (failed, crashed)
