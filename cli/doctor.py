"""datapool doctor: what is installed, configured, reachable, and what to do about what is not."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from cli.console import AsJson, Home, print_json, tell
from flow.context import Context, key_file, open_context
from flow.home import data_home, is_pool
from flow.pull import pull
from sources.pull.patience import Patience

PACKAGES = ("apache-airflow", "duckdb", "pyarrow", "pandas", "great-expectations", "rapidfuzz")
SMALLEST_DISK = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found, and the cure when it is not fine."""

    check: str
    fine: bool
    found: str
    cure: str = ""


def doctor(home: Home = None, as_json: AsJson = False) -> None:
    """检查环境：版本、配置、契约、台账、来源能否连上、磁盘、密钥、时钟；有问题的给出办法。

    退出码：0 都好，1 有待处理的问题。
    """
    findings = list(_findings(home))
    if as_json:
        print_json([{"check": each.check, "fine": each.fine, "found": each.found, "cure": each.cure} for each in findings])
    else:
        for each in findings:
            label, style, cure = ("好", "green", "") if each.fine else ("待处理", "red", f" → {each.cure}")
            tell(label, f"{each.check}：{each.found}{cure}", style)
    if not all(each.fine for each in findings):
        raise typer.Exit(1)


def _findings(home: Path | None) -> Iterator[Finding]:
    version = sys.version_info
    yield Finding("Python", (3, 11) <= version[:2] <= (3, 13), f"{version.major}.{version.minor}.{version.micro}", "请改用 3.11 至 3.13")
    for package in PACKAGES:
        yield _package(package)
    yield from _pool(home)
    yield _key(home)
    lag = datetime(2025, 1, 1, tzinfo=UTC)
    yield Finding("时钟", datetime.now(UTC) > lag, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "系统时间不对，请校时")


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "没有安装", "请运行 make run，或按 requirements.lock 安装")


def _pool(home: Path | None) -> Iterator[Finding]:
    if not is_pool(data_home(home)):
        yield Finding("数据池", True, f"{data_home(home)} 中还没有，首次 datapool run 时建立")
        return
    try:
        context = open_context(home)
    except Exception as cause:  # a doctor reports whatever keeps the pool from opening
        yield Finding("数据池", False, f"{type(cause).__name__}：{cause}", "请按提示修正后重试")
        return
    release = context.pool.releases.current()
    yield Finding("契约", True, f"{len(context.contracts)} 个数据集，{len(context.tables)} 张池表")
    yield Finding("城市", True, f"{context.city.name}（{context.city.code}，时区 {context.city.time_zone}）")
    ledger = "PostgreSQL" if os.environ.get("DATAPOOL_LEDGER") else "SQLite"
    yield Finding(
        "数据目录",
        os.access(context.pool.home, os.W_OK),
        f"{context.pool.home}（台账 {ledger}，发布 {release or '无'}）",
        "目录不可写，请检查权限",
    )
    free = shutil.disk_usage(context.pool.home).free
    yield from _connections(context)
    yield Finding("磁盘", free > SMALLEST_DISK, f"剩余 {free / (1 << 30):.1f} GB", "请清理或扩容，至少留 2 GB")


def _connections(context: Context) -> Iterator[Finding]:
    """Whether every source that a contract pulls from answers, tried once."""
    for source in pull(context, patience=Patience(tries=1), dry_run=True):
        found = source.fault or f"连接正常，可拉取 {len(source.files)} 个文件" + (
            f"，{len(source.waiting)} 个还要等" if source.waiting else ""
        )
        yield Finding(f"来源 {source.contract}（{source.server}）", not source.fault, found, "处理后再运行 datapool doctor")


def _key(home: Path | None) -> Finding:
    path = key_file()
    if not path.is_file():
        return Finding("假名密钥", not is_pool(data_home(home)), f"{path} 还没有", "请从备份恢复：换用新的密钥会改变所有人员和单位的编号")
    private = path.is_file() and path.stat().st_mode & 0o077 == 0
    return Finding("假名密钥", private, str(path), f"请执行 chmod 600 {path}，并另行备份：丢失后所有人员编号都会改变")
