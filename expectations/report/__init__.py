"""The quality report of a release: one offline page for everybody, one masked workbook for the auditor."""

from expectations.report.data import (
    AddressLevel,
    Anomaly,
    Batch,
    BlockedBatch,
    Change,
    CommunityMatch,
    Count,
    DatasetReport,
    DimensionScore,
    GateReport,
    Problem,
    QualityReport,
    ReportData,
    RuleReport,
    ScopeScore,
    ShareChange,
    TableRows,
    UnmetExpectation,
    Versions,
)
from expectations.report.digest import render_digest
from expectations.report.figures import Figure, figure_name, figures_of, slice_of
from expectations.report.page import render_report
from expectations.report.workbook import QuarantinedCell, write_quarantine_workbook

__all__ = [
    "AddressLevel",
    "Anomaly",
    "Batch",
    "BlockedBatch",
    "Change",
    "CommunityMatch",
    "Count",
    "DatasetReport",
    "DimensionScore",
    "Figure",
    "GateReport",
    "Problem",
    "QualityReport",
    "QuarantinedCell",
    "ReportData",
    "RuleReport",
    "ScopeScore",
    "ShareChange",
    "TableRows",
    "UnmetExpectation",
    "Versions",
    "figure_name",
    "figures_of",
    "render_digest",
    "render_report",
    "slice_of",
    "write_quarantine_workbook",
]
