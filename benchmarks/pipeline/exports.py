"""The exports that are loaded, their rows as plain CSV for the baseline, and what a later delivery changes of them."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from flow.read import layout_of
from samples.generate import generate
from schemas.contract import source_contracts
from sources.folder import discover
from sources.readers import open_rows

CITY = Path(__file__).parents[2] / "cities" / "330381"
DAY, LATER = date(2025, 12, 31), date(2026, 1, 31)
CHANGING = ("public_security.resident_population", "public_security.rental_house", "market_regulation.market_entity")
"""Datasets of which a later delivery comes: the large ones that are lines of text."""
ONE_IN = 100
PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def make_exports(folder: Path, persons: int, seed: int) -> Path:
    """The exports of a generated city, made once; returns their folder."""
    exports = folder / "exports"
    if not exports.is_dir():
        generate(CITY, folder / "exports.part", folder / "truth", persons, seed, DAY, lambda _said: None)
        (folder / "exports.part").rename(exports)
    return exports


def make_text(exports: Path, text: Path) -> None:
    """Write the rows of every export as UTF-8 CSV, one file a dataset, unless they are there."""
    if text.is_dir():
        return
    part = text.with_name(f"{text.name}.part")
    part.mkdir(exist_ok=True)
    contracts = source_contracts()
    for found in discover(exports, contracts.values()):
        assert found.contract_id is not None
        rows = open_rows(found.path, layout_of(contracts[found.contract_id], found.path.name))
        schema = pa.schema([pa.field(name, pa.string()) for name in rows.header])
        with pa.csv.CSVWriter(part / f"{found.contract_id}.csv", schema) as writer:
            for batch in rows.batches():
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns[2:], schema=schema))
    part.rename(text)


def make_later(exports: Path, later: Path, *, whole: bool) -> None:
    """Write the next delivery of the datasets that change: every hundredth row has another phone; without `whole` only those rows."""
    contracts = source_contracts()
    for found in discover(exports, contracts.values()):
        if found.contract_id not in CHANGING:
            continue
        contract = contracts[found.contract_id]
        target = later / found.path.relative_to(exports).with_name(found.path.name.replace(f"{DAY:%Y%m%d}", f"{LATER:%Y%m%d}"))
        target.parent.mkdir(parents=True, exist_ok=True)
        encoding, headers = contract.encoding or "utf-8", 0 if found.path.suffix == ".jsonl" else 1
        with (
            found.path.open(encoding=encoding, newline="") as source,
            target.open("w", encoding=encoding, newline="") as written,
        ):
            written.writelines(_changed(source, headers, whole=whole))


def _changed(lines: Iterator[str], headers: int, *, whole: bool) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number < headers:
            yield line
        elif number % ONE_IN == 0:
            yield PHONE.sub(lambda found: found.group()[:-1] + str((int(found.group()[-1]) + 1) % 10), line)
        elif whole:
            yield line
