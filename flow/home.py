"""Where the pool is: the data home that is given or that the environment names."""

import os
from pathlib import Path

from pool import Pool, PoolError
from pool.paths import PoolPaths


def data_home(home: Path | None = None) -> Path:
    """The data home that is given, else the one that the environment names."""
    return home or Path(os.environ.get("DATAPOOL_HOME", "var"))


def is_pool(home: Path) -> bool:
    """Whether a pool was made there."""
    return PoolPaths(home, home).receipts.is_dir()


def open_pool(home: Path | None = None, *, existing: bool = False) -> Pool:
    """Open the pool that is given or that DATAPOOL_HOME, DATAPOOL_LEDGER and DATAPOOL_SHARES name; one that must be `existing` is not made.

    Raises PoolError.
    """
    home = data_home(home)
    if existing and not is_pool(home):
        raise PoolError(
            f"{home} 中没有数据池。请先运行 datapool run 目录（或 make run），或用 --home、环境变量 DATAPOOL_HOME 指明数据目录。"
        )
    shares = os.environ.get("DATAPOOL_SHARES")
    return Pool.open(home.absolute(), ledger_url=os.environ.get("DATAPOOL_LEDGER"), shares=Path(shares).absolute() if shares else None)
