"""A delivery against the usual of the last ones: number of rows, quarantine, and of every column what it holds and how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from schemas.contract import Column, Contract
from schemas.drift import COLUMNS, Limit, Variant, default_limit, drift_facts
from transforms.drift.anomaly import Anomaly, Class, Severity, classes_of, in_words, kind_label, percent, worst
from transforms.drift.delivery import MIXED_SIZES, Delivery
from transforms.drift.distance import Shares, count_floor, noise_floor, total_variation, two_classes, usual_shares
from transforms.standardise import kept_columns

FIRST = ("nulls", "placeholders", "forms", "codes", "values")
"""Measures of a column that say most; the others are asked where these find nothing."""
SECOND = ("lengths", "commonest", "distinct")
SHARES = ("nulls", "placeholders", "commonest", "distinct")
"""Measures that compare one share."""
DISTRIBUTIONS = ("forms", "values")
"""Measures by which one column is known from another."""
ROUND = 0.05
"""Limits are proposed in such steps."""
UNITS = {"nulls": "没有值", "placeholders": "是占位词", "commonest": "是同一个值", "distinct": "各不相同"}


@dataclass(frozen=True, slots=True)
class Changed:
    """How far a distribution is from the usual: the reading of one measure."""

    change: float
    usual: Shares
    now: Shares
    severity: Severity | None
    limit: float | None


def anomalies(now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str) -> list[Anomaly]:
    """What is not as usual in a delivery whose columns are judged elsewhere.

    earlier: the deliveries that make up the usual, none: nothing is told. where: names the file (and sheet) in messages.
    """
    if not earlier or not now.received:
        return []
    found = [*_row_count(now, earlier, contract, where), *_rules(now, earlier, contract, where)]
    readings = {column.name: readings_of(column, now, earlier, contract) for column in kept_columns(contract) if column.name in now.order}
    swapped = list(_swapped(readings, now, earlier, contract, where))
    told = {name for each in swapped for name in each.column.split("、")}
    for name, changed in readings.items():
        if name not in told:
            found += _of_column(contract.column(name), changed, now, earlier, contract, where)
    return [*found, *swapped]


def readings_of(column: Column, now: Delivery, earlier: Sequence[Delivery], contract: Contract) -> dict[str, Changed]:
    """The measures of a column that can be compared, with what they read."""
    alike = comparable(column.name, now, earlier)
    readings = {measure: changed(measure, column, now, alike, contract) for measure in (*FIRST, *SECOND)}
    return {measure: reading for measure, reading in readings.items() if reading is not None}


def comparable(column: str, now: Delivery, earlier: Sequence[Delivery]) -> list[Delivery]:
    """The earlier deliveries that had a column, as the same element."""
    shape = now.shapes.get(column)
    return [
        each
        for each in earlier
        if shape and column in each.order and column in each.shapes and each.shapes[column].element == shape.element
    ]


def changed(measure: str, column: Column, now: Delivery, earlier: Sequence[Delivery], contract: Contract) -> Changed | None:
    """How far a column is from the usual by one measure; None where there is nothing to compare."""
    here, cells = now.distribution(measure, column.name)
    before = [each for each in (one.distribution(measure, column.name) for one in earlier) if each[1]]
    if not cells or not before:
        return None
    sizes = [size for _, size in before]
    if measure == "distinct" and not 1 / MIXED_SIZES <= cells / median(sizes) <= MIXED_SIZES:
        return None
    usual = usual_shares([each for each, _ in before])
    change = total_variation(here, usual)
    floor = noise_floor(usual, cells, int(median(sizes)), drift_facts().false_alarm)
    scatter = max(total_variation(each, usual) for each, _ in before)
    severity, limit = judged(change, measure, column, contract, len(before), floor, scatter)
    fewer = measure in ("nulls", "placeholders") and here["yes"] < usual["yes"]
    if fewer and severity:  # more is known than before: worth a word, no reason to keep it out
        severity = "warn" if measure == "nulls" else None
    return Changed(change, usual, here, severity, limit)


def judged(
    change: float, measure: str, column: Column | None, contract: Contract, batches: int, floor: float, scatter: float
) -> tuple[Severity | None, float | None]:
    """What a change comes to, and from where on it is told. A limit of the contract holds as written, another one with reserve."""
    own = contract.drift.of(measure, column.name if column else "")
    limit = own or default_limit(measure, *_variants(column, contract))
    if own is None:
        limit = Limit(*(_reserved(share, measure, batches, floor, scatter) for share in (limit.warn, limit.block)))
    if limit.block is not None and change >= limit.block:
        return "block", limit.block
    if limit.warn is not None and change >= limit.warn:
        return "warn", limit.warn
    return None, limit.warn


def _variants(column: Column | None, contract: Contract) -> list[Variant]:
    found: list[Variant] = ["incremental"] if contract.delivery == "incremental" else []
    is_parsed = column is not None and (column.logical_type != "string" or (column.element is not None and bool(column.element.code_list)))
    return [*found, "parsed"] if is_parsed else found


def _reserved(share: float | None, measure: str, batches: int, floor: float, scatter: float) -> float | None:
    """A default limit with what few batches, chance and the usual unrest ask for."""
    if share is None:
        return None
    facts = drift_facts()
    widened = min(share * max(1.0, facts.small_history / batches), facts.most)
    return max(widened, floor, facts.usual_scatter * scatter if batches >= facts.scatter_from else 0.0)


def _row_count(now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str) -> Iterator[Anomaly]:
    usual = median(each.received for each in earlier)
    if not usual:
        return
    change = abs(now.received - usual) / usual
    scatter = max(abs(each.received - usual) / usual for each in earlier)
    floor = count_floor(usual, len(earlier), drift_facts().false_alarm)
    severity, limit = judged(change, "row_count", None, contract, len(earlier), floor, scatter)
    if severity:
        was, is_now = f"{usual:,.0f} 行", f"{now.received:,} 行"
        direction = "多" if now.received > usual else "少"
        message = f"{where}：行数 {is_now}，以往{_batches(earlier)}通常 {was}，{direction}了 {percent(change) if change < 1 else f'{change:.1f} 倍'}"
        advice = "请与部门核实是否漏报、重报或换了范围" + _limit_line("row_count", None, change, severity)
        yield Anomaly("row_count", "", severity, message, advice, was, is_now, change, limit)


def _rules(now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str) -> Iterator[Anomaly]:
    """Reasons of quarantine, and warnings, that more rows have than usual."""
    for measure, side, whole, label in (
        ("quarantined", "reasons", "received", "隔离"),
        ("warnings", "warnings", "accepted", "提示"),
    ):
        rows = getattr(now, whole)
        for (name, rule), (told, count) in getattr(now, side).items():
            past = [getattr(each, side).get((name, rule), ("", 0))[1] / getattr(each, whole) for each in earlier if getattr(each, whole)]
            if not past or not rows:
                continue
            usual, share = median(past), count / rows
            column = next((each for each in contract.columns if each.name == name), None)
            floor = noise_floor(two_classes(usual), rows, int(median(getattr(each, whole) for each in earlier)), drift_facts().false_alarm)
            scatter = max(abs(each - usual) for each in past)
            severity, limit = judged(share - usual, measure, column, contract, len(past), floor, scatter)
            if severity:
                message = f"{where}：{label}“{told}”的行占 {percent(share)}（{count:,} 行），以往{_batches(past)}通常占 {percent(usual)}"
                advice = "请与部门核实这一列或这条规则" + _limit_line(
                    measure, column if measure == "warnings" else None, share - usual, severity
                )
                yield Anomaly(
                    measure,
                    name,
                    severity,
                    message,
                    advice,
                    percent(usual),
                    percent(share),
                    share - usual,
                    limit,
                    (Class(told, usual, share),),
                )


def _of_column(
    column: Column, readings: Mapping[str, Changed], now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str
) -> list[Anomaly]:
    told = [measure for measure in FIRST if measure in readings and readings[measure].severity]
    told = told or [measure for measure in SECOND if measure in readings and readings[measure].severity][:1]
    found = []
    for measure in told:
        reading = readings[measure]
        likeness = _like(column, readings, now, earlier, contract) if measure in DISTRIBUTIONS else ""
        found.append(_anomaly(measure, column, reading, len(comparable(column.name, now, earlier)), now, where, likeness))
    return found


def _anomaly(measure: str, column: Column, reading: Changed, batches: int, now: Delivery, where: str, likeness: str) -> Anomaly:
    severity = reading.severity or "warn"
    if measure in SHARES:
        was, is_now = percent(reading.usual["yes"]), percent(reading.now["yes"])
        classes: tuple[Class, ...] = (Class(UNITS[measure], reading.usual["yes"], reading.now["yes"]),)
        said = f"{is_now}{UNITS[measure]}，以往 {batches} 批通常{was}"
    else:
        classes = classes_of(measure, column, reading.usual, reading.now)
        was, is_now = in_words(classes, is_now=False), in_words(classes, is_now=True)
        said = f"{kind_label(measure)}变了：这次{is_now}，以往 {batches} 批通常{was}"
    header = now.headers.get(column.name, column.physical_name)
    advice = "请与部门核实这一列的含义和导出设置" + likeness + _limit_line(measure, column, reading.change, severity)
    return Anomaly(
        measure, column.name, severity, f"{where}：列“{header}”{said}", advice, was, is_now, reading.change, reading.limit, classes
    )


def _limit_line(measure: str, column: Column | None, change: float, severity: Severity) -> str:
    """The line for the contract, for who finds that such changes are usual; none where all of the column has changed."""
    share = (int(change / ROUND) + 1) * ROUND
    if share > 1 and measure != "row_count":
        return ""  # such a limit would be none
    line = f"{measure}: {{{severity}: {share:.2f}}}"
    if column is not None:
        line = f"{COLUMNS}: {{{column.name}: {{{line}}}}}"
    return f"；今后都会有这样的变化，可在契约的 drift 里写 {line}"


def _swapped(
    readings: Mapping[str, Mapping[str, Changed]], now: Delivery, earlier: Sequence[Delivery], contract: Contract, where: str
) -> Iterator[Anomaly]:
    """Pairs of columns each of which now looks as the other did."""
    changed = [name for name, each in readings.items() if any(each[measure].severity for measure in DISTRIBUTIONS if measure in each)]
    taken: set[str] = set()
    for place, one in enumerate(changed):
        for other in changed[place + 1 :]:
            if taken.isdisjoint((one, other)) and _looks_like(one, other, readings) and _looks_like(other, one, readings):
                taken |= {one, other}
                yield _swap(contract.column(one), contract.column(other), readings, now, earlier, contract, where)


def _swap(
    one: Column,
    other: Column,
    readings: Mapping[str, Mapping[str, Changed]],
    now: Delivery,
    earlier: Sequence[Delivery],
    contract: Contract,
    where: str,
) -> Anomaly:
    parts = [each for column in (one, other) for each in _of_column(column, readings[column.name], now, earlier, contract, where)]
    first, second = (now.headers.get(column.name, column.physical_name) for column in (one, other))
    telling = next(each for each in parts if each.kind in DISTRIBUTIONS)
    message = f"{where}：列“{first}”和“{second}”像是对调了：两列的内容各像对方以往{_batches(earlier)}的样子"
    return replace(
        telling,
        kind="swapped_columns",
        column=f"{one.name}、{other.name}",
        severity=worst(parts) or "warn",
        message=f"{message}（{first}：这次{telling.now}，以往{telling.usual}）",
        cure="请与部门核对表头和内容是否错位，重新导出并报送",
    )


def _looks_like(one: str, other: str, readings: Mapping[str, Mapping[str, Changed]]) -> bool:
    """Whether a column now is at most half as far from the usual of another as from its own, in all they can be compared in."""
    shared = [measure for measure in DISTRIBUTIONS if measure in readings[one] and measure in readings[other]]
    if not shared:
        return False
    own = max(readings[one][measure].change for measure in shared)
    return max(total_variation(readings[one][measure].now, readings[other][measure].usual) for measure in shared) <= own / 2


def _like(column: Column, readings: Mapping[str, Changed], now: Delivery, earlier: Sequence[Delivery], contract: Contract) -> str:
    """The column whose usual content a changed one has, in words, if one alone fits."""
    here = readings["forms"].now if "forms" in readings else {}
    fitting = []
    for other in kept_columns(contract):
        before = [each.distribution("forms", other.name)[0] for each in comparable(other.name, now, earlier)]
        usual = usual_shares([each for each in before if each]) if any(before) else {}
        if other.name != column.name and here and usual and total_variation(here, usual) <= readings["forms"].change / 4:
            fitting.append(other)
    return f"（内容像“{fitting[0].physical_name}”列）" if len(fitting) == 1 else ""


def _batches(earlier: Sequence[object]) -> str:
    return f" {len(earlier)} 批"
