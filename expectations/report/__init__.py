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
    GateReport,
    Problem,
    ReportData,
    ShareChange,
    TableRows,
    UnmetExpectation,
    Versions,
)
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
    "GateReport",
    "Problem",
    "QuarantinedCell",
    "ReportData",
    "ShareChange",
    "TableRows",
    "UnmetExpectation",
    "Versions",
    "render_report",
    "write_quarantine_workbook",
]
