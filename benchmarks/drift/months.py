"""A year of monthly exports of one dataset, made from a sample export with the change that is natural, and their judgement."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from flow.drift import shape_of_file
from flow.read import Export, layout_of
from schemas.contract import Contract
from sources.readers import Layout, TextRows, open_rows
from transforms.check import check_rows
from transforms.drift.anomaly import Anomaly
from transforms.drift.columns import column_anomalies
from transforms.drift.compare import anomalies
from transforms.drift.delivery import SHAPE, Delivery

MONTHS = 12
MONTH = timedelta(days=30)
FIRST_SHARE, COMING, GOING, CORRECTED = 0.8, 0.015, 0.007, 0.01
"""Of a full export: the rows that the first month has, and what each later month brings, loses and corrects."""
INCREMENT, SEASON, UNREST = 0.12, 0.3, 0.15
"""Of an incremental one: a month's share of the rows, how much the seasons and chance move it."""


class GivenRows(TextRows):
    """Rows that are in memory, as a reader gives those of a file."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(Path("given"), Layout("csv"))
        self.header = tuple(frame.columns)
        self._frame = frame

    def _read(self) -> Iterator[pa.RecordBatch]:
        columns = [pa.array(self._frame.iloc[:, place].tolist(), pa.string()) for place in range(len(self.header))]
        yield self._batch(pa.array(range(2, len(self._frame) + 2), pa.int64()), columns)


def read_frame(file: Path, contract: Contract) -> pd.DataFrame:
    """An export as text, one column a header."""
    table = pa.Table.from_batches(open_rows(file, layout_of(contract, file.name)).batches())
    frame: pd.DataFrame = table.drop(["sheet", "row"]).to_pandas().astype("object")
    return frame


def year(frame: pd.DataFrame, contract: Contract, last: date, seed: int) -> Iterator[tuple[date, pd.DataFrame]]:
    """Period and rows of each month, the last one that of the sample."""
    randomness = np.random.default_rng(seed)
    periods = [last - MONTH * (MONTHS - 1 - month) for month in range(MONTHS)]
    monthly = _full if contract.delivery == "full" else _increments
    yield from zip(periods, monthly(frame, randomness), strict=True)


def _full(frame: pd.DataFrame, randomness: np.random.Generator) -> Iterator[pd.DataFrame]:
    order = randomness.permutation(len(frame))
    present, waiting = list(order[: int(FIRST_SHARE * len(frame))]), list(order[int(FIRST_SHARE * len(frame)) :])
    rows = frame.copy()
    for _ in range(MONTHS):
        yield rows.iloc[sorted(present)]
        coming = min(len(waiting), randomness.poisson(COMING * len(frame)))
        going = set(randomness.choice(present, randomness.poisson(GOING * len(present)), replace=False))
        present = [row for row in present if row not in going] + waiting[:coming]
        del waiting[:coming]
        _correct(rows, present, randomness)


def _correct(rows: pd.DataFrame, present: Sequence[int], randomness: np.random.Generator) -> None:
    """Give some rows the cell of another in one column that is no key."""
    for row in randomness.choice(present, randomness.poisson(CORRECTED * len(present)), replace=False):
        column = int(randomness.integers(2, rows.shape[1]))
        rows.iat[row, column] = str(rows.iat[int(randomness.choice(present)), column])


def _increments(frame: pd.DataFrame, randomness: np.random.Generator) -> Iterator[pd.DataFrame]:
    for month in range(MONTHS):
        expected = INCREMENT * len(frame) * (1 + SEASON * np.sin(2 * np.pi * month / MONTHS)) * randomness.lognormal(0, UNREST)
        yield frame.iloc[sorted(randomness.choice(len(frame), min(len(frame), randomness.poisson(expected)), replace=False))]


def judged(frame: pd.DataFrame, contract: Contract, period: date, earlier: Sequence[Delivery]) -> tuple[Delivery, list[Anomaly]]:
    """What a delivery is, and what is not as usual in it, as a check of its file would find."""
    export = Export(GivenRows(frame), contract)
    with duckdb.connect() as connection:
        checked = check_rows(connection, export.reader(), contract, load_date=period, period=period)
        shape = shape_of_file(connection, export, contract, export.refused(checked.profile.refused), checked.shapes)
    now = Delivery.from_profile(checked.profile.to_dict() | {SHAPE: shape})
    found = column_anomalies(export.conformity, now, earlier, contract, "文件")
    return now, [*found, *anomalies(now, earlier, contract, "文件")]
