"""The ways of reading that are compared. Imports of each lie in its function: what it does not need takes no memory of it."""

import json
import resource
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

DATASET = "public_security.resident_population"


def pyarrow_csv(path: Path) -> int:
    """pyarrow's own streaming read of the file, in its encoding, as text."""
    import pyarrow as pa
    import pyarrow.csv

    header = path.open(encoding="gb18030").readline().strip().replace('"', "").split(",")
    reader = pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(encoding="gb18030", use_threads=False),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types={name: pa.string() for name in header}, strings_can_be_null=False),
    )
    return sum(batch.num_rows for batch in reader)


def our_csv(path: Path) -> int:
    """Our reader."""
    from sources.readers import Layout, open_rows

    return sum(batch.num_rows for batch in open_rows(path, Layout("csv", "gb18030")).batches())


def our_csv_checked(path: Path) -> int:
    """Our reader and the whole check of the rows by their contract, to accepted and quarantined ones and their profile."""
    return _checked(path, written=False)


def our_csv_written(path: Path) -> int:
    """The same, and the files of the batch: accepted rows, quarantine, digests."""
    return _checked(path, written=True)


def _checked(path: Path, *, written: bool) -> int:
    import duckdb

    from flow.read import Export
    from schemas.contract import source_contracts
    from sources.readers import Layout, open_rows
    from transforms.check import check_rows

    contract = source_contracts()[DATASET]
    export = Export(open_rows(path, Layout("csv", "gb18030")), contract)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as connection:
        connection.execute("SET threads = 1")  # as pyarrow: beside one another threads cost more
        connection.execute("SET memory_limit = '150MB'")
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute(f"ATTACH '{folder}/scratch.duckdb' AS scratch (RECOVERY_MODE 'NO_WAL_WRITES')")
        connection.execute("USE scratch")
        checked = check_rows(connection, export.reader(), contract, load_date=date(2026, 1, 2))
        for name in ("accepted", "quarantined", "digests") if written else ():
            getattr(checked, name).create_view(name)
            connection.execute(f"COPY {name} TO '{folder}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)")
    return checked.profile.received


def calamine_xlsx(path: Path) -> int:
    """python-calamine's own read of the sheet to Python values."""
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1


def our_xlsx(path: Path) -> int:
    """Our reader, its process included."""
    from sources.readers import Layout, open_rows

    return sum(batch.num_rows for batch in open_rows(path, Layout("xlsx")).batches())


WAYS: dict[str, Callable[[Path], int]] = {
    each.__name__: each for each in (pyarrow_csv, our_csv, our_csv_checked, our_csv_written, calamine_xlsx, our_xlsx)
}


def measured(way: str, path: Path, first: Path) -> dict[str, float]:
    """Rows, processor seconds (children included) and mebibytes at most of one way in this process.

    first: a small file that is read before, so that what is done once a process (imports, contracts, machine code) is not counted.
    """
    WAYS[way](first)
    before = _processor_seconds()
    rows = WAYS[way](path)
    seconds, children = _processor_seconds() - before, resource.getrusage(resource.RUSAGE_CHILDREN)
    # The kernel's account of this process begins before its program does, with what its parent had.
    [peak] = [int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return {"rows": rows, "seconds": seconds, "mebibytes": max(peak, children.ru_maxrss) / 1024}


def _processor_seconds() -> float:
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    import sys

    print(json.dumps(measured(sys.argv[1], *map(Path, sys.argv[2:]))))
