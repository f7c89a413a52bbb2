"""What every trace begins with: which release, by what it was made, and whether values may be shown in full."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.trace.found import Setting
from pool import PoolError
from transforms.pseudonym import pseudonyms

UNMASKED = "trace.unmasked"
"""Action in the audit log."""


def traced_release(context: Context, release: int | None) -> int:
    """The release asked for, the current one if none is. Raises PoolError where there is none."""
    number = context.pool.releases.current() if release is None else release
    if number is None:
        raise PoolError("还没有发布，无法追溯。请先运行 datapool run。")
    return number


def setting_of(connection: DuckDBPyConnection, context: Context, manifest: Mapping[str, Any], tables: Path) -> Setting:
    """By what a release was made."""
    return Setting(connection, context, tables, manifest["inputs"]["library"], manifest["inputs"]["rules"])


def require_reason(unmasked: bool, reason: str) -> None:
    """Raises PoolError where somebody wants to see values in full and does not say what for."""
    if unmasked and not reason.strip():
        raise PoolError(
            '不脱敏显示须写明依据：加 --reason，例如 --reason "信访件 2025-17 核对"；不要写姓名、号码。依据和记录一起记入审计日志。'
        )


def note_unmasked(context: Context, kind: str, key: str, release: int | None, reason: str) -> None:
    """Put on record that somebody saw a record, or a row (`kind` row), in full, and what for."""
    details = {"release": release, "reason": reason}
    context.pool.audit.append(UNMASKED, f"{kind}/{audited_key(context, key)}", context.actor, "shown", context.now, details)


def audited_key(context: Context, key: str) -> str:
    """How the audit log names a record: by a keyed digest, for what is written there can never be erased; by nothing where the key is lost."""
    return str(pseudonyms(pa.array([key]), context.key, "audit")[0].as_py()) if context.key else ""
