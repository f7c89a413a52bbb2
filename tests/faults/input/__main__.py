"""Receives and checks the corpus in a folder and prints what became of each file as JSON: `python -m tests.faults.input DROP HOME`.

A process of its own, so that what it takes at most can be measured.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from flow.check import check
from flow.context import Context
from flow.delivered import batch_profile
from flow.receive import receive, waiting_batches
from schemas.contract import Contract
from sources.readers import READERS
from tests.faults.input.corpus import PASSWORD, SHORT_HEADERS
from tests.small_exports import ORGANISATIONS, context_at

SYNONYMS = dict(zip(("uscc", "name", "registered_address_text", "approved_on"), SHORT_HEADERS, strict=True))


def main(drop: str, home: str) -> None:
    context = context_at(Path(home))
    contract = of_any_format(context.contracts[ORGANISATIONS])
    context = replace(context, contracts={ORGANISATIONS: contract})
    deliveries = receive(context, Path(drop), period=date(2025, 6, 30), secrets={"locked archives": PASSWORD}.get)
    names = {each.batch: context.pool.receipts.read(each.batch) for each in deliveries}
    before_checks = time.process_time()
    outcomes = {receipt.origin + "/" + receipt.file_name: outcome(context, batch) for batch, receipt in names.items()}
    assert not waiting_batches(context)
    problems = {each.file: (each.kind, each.cause) for each in context.pool.ledger.problems()}
    used = {
        "peak_mebibytes": peak_mebibytes(),
        "cpu_seconds": time.process_time() - before_checks,
    }
    print(json.dumps({"outcomes": outcomes, "problems": problems, **used}, ensure_ascii=False))


def peak_mebibytes() -> int:
    """The most this process held; `ru_maxrss` would count what its parent held before it began."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM:"))


def outcome(context: Context, batch: str) -> dict[str, object]:
    """What became of a batch."""
    started = time.monotonic()
    status = check(context, batch)
    entry = context.pool.ledger.batch(batch)
    assert entry is not None
    found: dict[str, object] = {"status": status, "reason": entry.reason, "seconds": time.monotonic() - started}
    if context.pool.batches.is_sealed(batch):
        profile = batch_profile(context, batch)
        quarantine = context.pool.batches.folder(batch) / "quarantine.parquet"
        reasons = duckdb.sql(f"SELECT sheet, row, reasons[1].message, reasons[1].column, original FROM '{quarantine}'").fetchall()
        found |= {"rows": profile["rows"], "beside": profile["beside"], "quarantined": reasons, "drift": profile["drift"]["unknown"]}
    return found


def of_any_format(contract: Contract) -> Contract:
    """The contract, as if its department sent every format there is."""
    formats = [*READERS]
    folder = contract.path_patterns[0].rpartition("/")[0]
    columns = tuple(
        replace(each, synonyms=(*each.synonyms, SYNONYMS[each.name])) if each.name in SYNONYMS else each for each in contract.columns
    )
    return replace(
        contract,
        path_patterns=tuple(f"{folder}/*.{format}" for format in formats),
        formats=tuple(formats),
        columns=columns,
        archive_passwords=("locked archives",),
        delivery="incremental",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
