"""Gates: what may go on and what is kept out, each refusal with its reason in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from expectations.rule_engine import RuleResult
from expectations.validation import ExpectationResult, ValidationResult
from schemas.contract import Contract


@dataclass(frozen=True, slots=True)
class Limits:
    """What a city tolerates, as shares between 0 and 1.

    `quarantined_share`: of a batch's rows in quarantine; `drop_share`: of a pool table's rows that may be gone in one release; `rules`: by quality
    rule, of the records it looks at that may break it.
    """

    quarantined_share: float
    drop_share: float
    rules: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a gate lets pass; `blocked_by` are the reasons why not, `details` the readings of every check, in Chinese.

    `shrunk` names the tables that lost too many rows, `broken` the quality rules that too many records break; each where that is all that blocks.
    """

    name: str
    passed: bool
    blocked_by: tuple[str, ...]
    details: tuple[str, ...]
    shrunk: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowAccount:
    """The rows received of one dataset and what became of them, by outcome."""

    dataset: str
    received: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One check of a gate: what was read, and why it blocks if it does."""

    detail: str
    reasons: tuple[str, ...] = ()
    shrunk: str = ""
    broken: tuple[str, ...] = ()


def batch_gate(contract: Contract, profile: Mapping[str, Any], validation: ValidationResult | None, limits: Limits) -> GateResult:
    """May this batch go into the pool?

    `profile` holds `received`, `accepted`, `quarantined` (rows) and `missing` (names of contract columns that the file lacks); where it was held
    against `compared` earlier batches, `anomalies`, how many there are, and `drift`, why those of them that are too large keep it out.
    Blocks on: a missing required column, no accepted row, too large a share in quarantine, such drift, an expectation of severity
    `block` or `reject` that the accepted rows break, an expectation that could not be checked. `validation` is None only
    when there were no rows to check.
    """
    readings = [_columns(contract, profile), _accepted(profile), _quarantined(profile, limits)]
    if "compared" in profile:
        readings.append(_drift(profile))
    if validation is not None:
        readings.append(_expectations(validation))
    return _gate(f"批次关卡：{contract.name}", readings)


def release_gate(
    tables: Mapping[str, int],
    previous: Mapping[str, int] | None,
    validations: Sequence[ValidationResult],
    accounts: Iterable[RowAccount],
    limits: Limits,
    rules: Sequence[RuleResult] = (),
) -> GateResult:
    """May this release be published?

    `tables` maps the Chinese name of a pool table to its rows, `previous` the same for the release before (None: there is
    none). Blocks on: broken keys, references or rules of the pool, an expectation that could not be checked, row accounts
    that do not add up, a table that lost more than the tolerated share of its rows; of the quality `rules` on those of severity `block` that are
    broken or could not be checked, and on any that more than the share is broken of which the limits tell.
    """
    readings = [_expectations(validation) for validation in validations]
    readings.append(_accounts(accounts))
    if rules:
        readings.append(_rules(rules, limits))
    readings.extend(_drop(name, rows, (previous or {}).get(name), limits) for name, rows in tables.items())
    gone = [name for name in previous or {} if name not in tables]
    readings.extend(_Reading(f"{name}：缺失", (f"表“{name}”在上一版中有，这一版没有",), name) for name in gone)
    return _gate("发布关卡", readings)


def _gate(name: str, readings: Sequence[_Reading]) -> GateResult:
    blocked_by = tuple(reason for reading in readings for reason in reading.reasons)
    shrunk = tuple(reading.shrunk for reading in readings if reading.reasons)
    details = tuple(reading.detail for reading in readings)
    broken = [reading.broken for reading in readings if reading.reasons]
    return GateResult(
        name,
        not blocked_by,
        blocked_by,
        details,
        shrunk if all(shrunk) else (),
        tuple(rule for rules in broken for rule in rules) if all(broken) else (),
    )


def _columns(contract: Contract, profile: Mapping[str, Any]) -> _Reading:
    absent = set(profile["missing"])
    required = [column for column in contract.columns if column.required and column.name in absent]
    reasons = tuple(f"缺少必填字段“{column.physical_name}”（{column.label}），请核对导出的表头" for column in required)
    return _Reading(f"必填字段：{'缺 ' + str(len(required)) + ' 个' if required else '齐全'}", reasons)


def _accepted(profile: Mapping[str, Any]) -> _Reading:
    accepted = int(profile["accepted"])
    reasons = () if accepted else (f"没有一行可以采纳（接收 {int(profile['received']):,} 行），请核对文件内容是否为本数据集",)
    return _Reading(f"采纳 {accepted:,} 行", reasons)


def _quarantined(profile: Mapping[str, Any], limits: Limits) -> _Reading:
    received, quarantined = int(profile["received"]), int(profile["quarantined"])
    share = quarantined / received if received else 0.0
    detail = f"隔离 {quarantined:,} / {received:,} 行（{share:.2%}），上限 {limits.quarantined_share:.0%}"
    if share <= limits.quarantined_share:
        return _Reading(detail)
    return _Reading(
        detail, (f"隔离比例 {share:.2%} 超过上限 {limits.quarantined_share:.0%}（{quarantined:,} / {received:,} 行），请查看隔离原因",)
    )


def _drift(profile: Mapping[str, Any]) -> _Reading:
    compared, found = int(profile["compared"]), int(profile["anomalies"])
    detail = f"与以往 {compared} 批相比：{f'{found} 处不同' if found else '没有异常'}" if compared else "与以往相比：还没有可比的批次"
    return _Reading(detail, tuple(profile["drift"]))


def _expectations(validation: ValidationResult) -> _Reading:
    reasons = tuple(_reason(result, validation.title) for result in validation.unmet if result.crashed or result.severity != "warn")
    return _Reading(f"{validation.title}：规则满足 {validation.met} / {len(validation.results)}", reasons)


def _reason(result: ExpectationResult, title: str) -> str:
    if result.crashed:
        return f"{title}：规则“{result.description}”未能检查（{result.cause}），请联系维护人员"
    return f"{title}：不满足“{result.description}”（{result.observed}）"


def _accounts(accounts: Iterable[RowAccount]) -> _Reading:
    accounts = tuple(accounts)
    received = sum(account.received for account in accounts)
    accounted = sum(sum(account.outcomes.values()) for account in accounts)
    off = [account for account in accounts if sum(account.outcomes.values()) != account.received]
    reasons = tuple(f"{one.dataset}：接收 {one.received:,} 行，去向合计 {sum(one.outcomes.values()):,} 行，不相等" for one in off)
    return _Reading(f"行去向合计 {accounted:,}，接收 {received:,}", reasons)


def _rules(results: Sequence[RuleResult], limits: Limits) -> _Reading:
    reasons = {result.rule.name: reason for result in results if (reason := _rule_reason(result, limits))}
    told = Counter(result.outcome for result in results)
    detail = f"质量规则：{len(results)} 条，符合 {told['met']}，有不符 {told['broken']}，未能检查 {told['error']}"
    crashed = any(result.outcome == "error" and result.rule.name in reasons for result in results)
    return _Reading(detail, tuple(reasons.values()), broken=() if crashed else tuple(reasons))


def _rule_reason(result: RuleResult, limits: Limits) -> str:
    rule, limit = result.rule, limits.rules.get(result.rule.name)
    if result.broken is None:
        return f"质量规则“{rule.sentence}”（{rule.name}）未能检查（{result.cause}），请联系维护人员" if rule.severity == "block" else ""
    if limit is None and rule.severity == "warn":
        return ""
    share = result.broken / result.checked if result.checked else float(result.broken > 0)
    if share <= (limit or 0.0):
        return ""
    allowed = f"，超过上限 {limit:.2%}" if limit else ""
    return f"质量规则“{rule.sentence}”（{rule.name}）：{result.broken:,} / {result.checked:,} 条不符{allowed}"


def _drop(name: str, rows: int, before: int | None, limits: Limits) -> _Reading:
    if not before:
        return _Reading(f"{name}：{rows:,} 行")
    change = (rows - before) / before
    detail = f"{name}：{rows:,} 行，较上一版 {change:+.2%}"
    if -change <= limits.drop_share:
        return _Reading(detail)
    reason = f"表“{name}”由 {before:,} 行降到 {rows:,} 行（{change:+.2%}），超过下降上限 {limits.drop_share:.0%}"
    return _Reading(detail, (reason,), name)
