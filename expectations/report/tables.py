"""The tables of the report as one workbook: a sheet a table, text that is never a formula, the same bytes for the same data."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from expectations.report.data import AddressLevel, DatasetReport, ReportData
from expectations.report.figures import figures_of, slice_of
from expectations.report.intervals import wilson
from expectations.report.scored import QualityReport
from expectations.report.workbook import CHARACTERS_OF_A_CELL, CREATED, OPTIONS, ROWS_OF_A_SHEET
from schemas.codes import code_list

Cell = str | int | float | None
WIDEST = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title names the sheet."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def tables_of(data: ReportData) -> list[Sheet]:
    """Every table of the report; those without rows, too, so that the sheets are always the same."""
    return [
        *_of_quality(data.quality),
        *_of_departments(data),
        *_of_datasets(data),
        *_of_matching(data),
        *_of_release(data),
        *_of_grids(data),
        Sheet("数字编号", ("编号", "数的是什么", "数"), [(each.name, each.label, each.rows) for each in figures_of(data)]),
    ]


def write_tables(sheets: Iterable[Sheet], path: Path, *, rows_of_a_sheet: int = ROWS_OF_A_SHEET) -> None:
    """Write the sheets to an .xlsx file; what a sheet cannot hold is left out and said so in its last line."""
    with xlsxwriter.Workbook(path, OPTIONS) as workbook:
        workbook.set_properties({"title": "质量报告的表格", "created": CREATED})
        heading = workbook.add_format({"bold": True, "bg_color": "#1F4E8C", "font_color": "#FFFFFF"})
        for sheet in sheets:
            _write(workbook.add_worksheet(sheet.title), sheet, heading, rows_of_a_sheet)


def _write(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet, heading: xlsxwriter.format.Format, most: int) -> None:
    for column, title in enumerate(sheet.headings):
        longest = max((len(str(row[column])) for row in sheet.rows[:200]), default=0)
        worksheet.set_column(column, column, min(WIDEST, 4 + 1.8 * max(len(title), longest)))
        worksheet.write_string(0, column, title, heading)
    worksheet.freeze_panes(1, 0)
    rows = sheet.rows
    if len(rows) > most:
        rows = [*rows[: most - 1], (f"还有 {len(rows) - most + 1} 行，工作表放不下",)]
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                worksheet.write_number(line, column, value)
            elif value:
                worksheet.write_string(line, column, value[:CHARACTERS_OF_A_CELL])


def _of_quality(quality: QualityReport | None) -> Iterator[Sheet]:
    scopes = [quality.pool, *quality.scopes] if quality else []
    dimensions = quality.dimensions if quality else []
    kinds = {"pool": "数据池", "department": "部门", "dataset": "数据集", "town": "乡镇街道"}
    headings = ("范围", "名称", "总分", "等次", *(each.label for each in dimensions), "上一版总分")
    rows = [
        (
            kinds[each.kind],
            each.label,
            _score(each.score),
            each.band,
            *(_score(each.dimensions.get(one.name)) for one in dimensions),
            _score(each.trend[-2][1]) if len(each.trend) > 1 else None,
        )
        for each in scopes
    ]
    yield Sheet("评分", headings, rows)
    counted = [
        (
            kinds[each.kind],
            each.label,
            one.dimension,
            one.label,
            one.good,
            one.checked,
            one.bad,
            _score(one.score),
            round(one.lost, 4),
            one.opens,
            one.figure if one.bad else "",
        )
        for each in scopes
        for one in each.indicators
    ]
    yield Sheet(
        "评分的指标",
        ("范围", "名称", "维度", "指标", "合格", "检查", "不合格", "得分", "使总分少", "扣分的行在哪里", "不合格的编号"),
        counted,
    )
    yield Sheet("怎样算", ("维度", "权重", "算法"), [(each.label, each.weight, each.formula) for each in dimensions])
    rules = quality.rules if quality else []
    told = [(each.name, each.kind, each.sentence, each.dimension, each.severity, each.checked, each.broken, each.cause) for each in rules]
    yield Sheet("质量规则", ("编号", "类别", "规则", "维度", "严重程度", "查过", "不符", "未能检查的原因"), told)
    broken = [(each.name, each.sentence, dataset, rows) for each in rules for dataset, rows in each.by_dataset.items()]
    yield Sheet("不符的记录", ("规则编号", "规则", "数据集", "不符"), broken)


def _of_departments(data: ReportData) -> Iterator[Sheet]:
    names = {each.id: each.name for each in data.datasets}
    rows = []
    for department in data.departments:
        own = [each for each in data.datasets if each.id in department.datasets]
        counts = (sum(each.received for each in own), sum(each.accepted for each in own), sum(each.quarantined for each in own))
        rows.append((department.name, len(own), *counts, len(department.deliveries)))
    yield Sheet("部门", ("部门", "数据集", "接收", "采纳", "隔离", "报送问题"), rows)
    conflicts = dict.fromkeys(conflict for department in data.departments for conflict in department.conflicts)
    told = [
        (names.get(each.loser, each.loser), names.get(each.winner, each.winner), each.table_label, each.column_label, each.rows)
        for each in conflicts
    ]
    yield Sheet("来源不一致", ("未采用", "采用", "表", "列", "值"), told)
    faults = [
        (department.name, names.get(each.dataset, each.dataset), each.file, each.period, each.rule, each.detail)
        for department in data.departments
        for each in department.deliveries
    ]
    yield Sheet("报送问题", ("部门", "数据集", "文件", "业务期", "规则", "情况"), faults)


def _of_datasets(data: ReportData) -> Iterator[Sheet]:
    outcomes = code_list("row_outcome")
    headings = ("编号", "数据集", "部门", "接收", "采纳", "隔离", *outcomes.values(), "规则满足", "规则")
    yield Sheet("数据集", headings, [_account(each, outcomes) for each in data.datasets])
    for title, counts in (("隔离原因", "quarantined_by"), ("提示", "warnings")):
        rows = [(each.id, each.name, one.key, one.label, one.rows) for each in data.datasets for one in getattr(each, counts)]
        yield Sheet(title, ("编号", "数据集", "原因编号", "原因", "行"), rows)
    expectations = [
        (each.id, each.name, one.name, one.description, one.dimension, one.severity, _told(one.success), one.unexpected, one.observed)
        for each in data.datasets
        for one in each.expectations
    ]
    yield Sheet("契约规则", ("编号", "数据集", "规则编号", "规则", "维度", "严重程度", "结果", "不符", "看到"), expectations)
    anomalies = [
        (each.name, one.file, one.label, one.severity, one.message, one.usual, one.now, one.cure)
        for each in data.datasets
        for one in each.anomalies
    ]
    yield Sheet("与以往不同", ("数据集", "文件", "项目", "严重程度", "变化", "以往", "这次", "怎么办"), anomalies)
    batches = [
        (each.name, one.file, one.period, f"{one.received_at:%Y-%m-%d %H:%M}", one.rows, one.quarantined, one.sha256, one.id)
        for each in data.datasets
        for one in each.batches
    ]
    yield Sheet("批次", ("数据集", "文件", "业务期", "接收时间", "行", "隔离", "SHA-256", "批次"), batches)


def _of_matching(data: ReportData) -> Iterator[Sheet]:
    labels = {**code_list("address_level"), **code_list("match_status")}
    headings = ("名称", "条数", "匹配", "匹配率", "区间下限", "区间上限", *(label for key, label in labels.items() if key != "matched"))
    every = [address for each in data.datasets for address in each.addresses]
    named = [("全部", every), *((each.name, list(each.addresses)) for each in data.datasets if each.addresses)]
    yield Sheet("地址匹配（来源和层级）", headings, [(name, *_rates(found), *_levels(found, labels)) for name, found in named])
    towns = [
        (
            each.town,
            each.community,
            each.matched,
            each.review,
            each.unmatched,
            *_interval(each.matched, each.matched + each.review + each.unmatched),
        )
        for each in data.communities
    ]
    yield Sheet("地址匹配（乡镇街道）", ("乡镇街道", "村社区", "匹配", "待核", "未匹配", "匹配率", "区间下限", "区间上限"), towns)
    statuses = code_list("match_status")
    reasons = [(statuses[each.status], each.reason, each.label, each.rows, each.texts) for each in data.reasons]
    yield Sheet("地址匹配（依据）", ("结果", "编号", "依据", "条", "不同的写法"), reasons)
    stops = [(each.address_id, each.text, each.level, each.town, each.rows, each.texts) for each in data.stops]
    yield Sheet("地址库可能缺的", ("地址编号", "止于", "层级", "乡镇街道", "条", "不同的写法"), stops)


def _of_release(data: ReportData) -> Iterator[Sheet]:
    tables = [(each.name, each.label, each.rows, each.rows_before, each.content) for each in data.tables]
    yield Sheet("各表", ("表", "名称", "这一版", "上一版", "内容摘要"), tables)
    yield Sheet(
        "记录的变化", ("表", "新增", "消失", "内容改变"), [(each.label, each.added, each.removed, each.changed) for each in data.changes]
    )
    gates = [(each.name, "通过" if each.passed else "拦截", "；".join(each.details)) for each in data.gates]
    yield Sheet("关卡", ("关卡", "结果", "读数"), gates)
    kept_out = [
        *((each.dataset, each.file, "；".join(each.reasons), "") for each in data.blocked),
        *(("", each.file, each.cause, each.advice) for each in data.problems),
    ]
    yield Sheet("未入池的文件", ("数据集", "文件", "原因", "怎么办"), kept_out)
    versions = [
        ("软件", data.versions.software),
        ("标准地址库", data.versions.library),
        ("匹配规则", data.versions.rules),
        *data.versions.others,
        *((f"契约 {name}", version) for name, version in data.versions.contracts),
        ("运行", data.run),
        ("操作者", data.by),
        ("发布时间", f"{data.published_at:%Y-%m-%d %H:%M}"),
    ]
    yield Sheet("版本", ("项目", "版本"), versions)


def _of_grids(data: ReportData) -> Iterator[Sheet]:
    grids, sizes, findings = data.grids, code_list("grid_size"), code_list("grid_overlap_finding")
    by_town: list[Sequence[Cell]] = [
        (town, *(counted.get(each, 0) for each in sizes), held) for town, counted, held in (grids.sizes if grids else ())
    ]
    yield Sheet("网格规模", ("乡镇街道", *sizes.values(), "户"), by_town)
    shared: list[Sequence[Cell]] = [
        (network, *(counted.get(each, 0) for each in findings)) for network, counted in (grids.overlaps if grids else ())
    ]
    yield Sheet("网格重叠", ("网格体系", *findings.values()), shared)
    yield Sheet("网格问题", ("问题", "处", "地址"), list(grids.gaps) if grids else [])


def _account(dataset: DatasetReport, outcomes: Iterable[str]) -> tuple[Cell, ...]:
    became = (dataset.outcomes.get(each, 0) for each in outcomes)
    rules = (dataset.expectations_met, dataset.expectations_total)
    return (dataset.id, dataset.name, dataset.department, dataset.received, dataset.accepted, dataset.quarantined, *became, *rules)


def _told(success: bool | None) -> str:
    return "未能检查" if success is None else "满足" if success else "不满足"


def _score(score: float | None) -> float | None:
    return None if score is None else round(score, 2)


def _rates(addresses: Sequence[AddressLevel]) -> tuple[Cell, ...]:
    whole = sum(each.rows for each in addresses)
    matched = sum(each.rows for each in addresses if each.status == "matched")
    return (whole, matched, *_interval(matched, whole))


def _interval(part: int, whole: int) -> tuple[Cell, ...]:
    """The rate and its interval, none where there is nothing."""
    return (round(part / whole, 4), *(round(each, 4) for each in wilson(part, whole))) if whole else (None, None, None)


def _levels(addresses: Sequence[AddressLevel], keys: Iterable[str]) -> list[Cell]:
    return [sum(each.rows for each in addresses if slice_of(each.level, each.status) == key) for key in keys if key != "matched"]
