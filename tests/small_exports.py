"""Exports of a few rows, written as their contracts say, for tests that run the whole path."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from flow.context import Context, open_context
from samples.identifiers import citizen_numbers, credit_codes
from schemas.contract import source_contracts

NOW = datetime(2025, 7, 1, 2, 0, tzinfo=UTC)
ORGANISATIONS = "civil_affairs.social_organisation"
RESIDENTS = "public_security.resident_population"


def context_at(home: Path, *, now: datetime = NOW, run: str = "run-1") -> Context:
    """A pool of the test's own, at a given time."""
    return open_context(home, now=now, run=run)


def write_export(folder: Path, contract_id: str, rows: Iterable[Mapping[str, str]], *, period: str = "20250630", without: str = "") -> Path:
    """Write a CSV export with all columns of its contract but `without`; returns the file."""
    contract = source_contracts()[contract_id]
    columns = [column for column in contract.columns if column.name != without]
    path = folder / contract.system / contract.dataset / f"{contract.dataset}_{period}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=contract.encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerows([[contract.name]] * contract.title_rows)
        writer.writerow([column.physical_name for column in columns])
        writer.writerows([[row.get(column.name, "") for column in columns] for row in rows])
    return path


def organisations(count: int, *, first: int = 0) -> list[dict[str, str]]:
    """Social organisations with valid codes."""
    codes = credit_codes(["51"] * count, ["330381"] * count, [f"MJ{number:06d}" for number in range(first, first + count)])
    return [
        {"uscc": code, "name": f"瑞安市第{place}书画协会", "registered_address_text": "瑞安市安阳街道兴隆社区", "approved_on": "2015-03-02"}
        for place, code in enumerate(codes, start=first)
    ]


def residents(count: int) -> list[dict[str, str]]:
    """Residents with valid numbers."""
    births = np.array([19900101 + number % 28 for number in range(count)])
    numbers = citizen_numbers(np.full(count, 330381), births, np.array([900 + number // 28 for number in range(count)]))
    return [
        {"citizen_number": number, "name": f"张某{place}", "registered_address_text": "浙江省温州市瑞安市安阳街道兴隆社区"}
        for place, number in enumerate(numbers)
    ]
