"""Options that the commands on the address library share, and the question before something is written."""

import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import context_of
from flow.context import Context
from pool import PoolError

ISO_DATE = "%Y-%m-%d"
Who = Annotated[str | None, typer.Option(help="经办人（默认 DATAPOOL_ACTOR，否则操作系统用户）", show_default=False)]
Why = Annotated[str, typer.Option(help="原因或依据，如文号，记入台账和审计日志")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接写入")]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="只看不写")]


def context_as(home: Path | None, who: str | None) -> Context:
    """The pool, worked on by a person."""
    context = context_of(home)
    return replace(context, actor=who) if who else context


def as_day(moment: datetime | None) -> date | None:
    """The day of an option."""
    return moment.date() if moment else None


def confirmed(*, yes: bool, dry_run: bool, what: str = "写入") -> bool:
    """Whether what was shown is to be written, or done: the person is asked where there is one. Raises PoolError where nobody can be asked."""
    if dry_run or yes:
        return not dry_run
    if sys.stdin is None or not sys.stdin.isatty():
        raise PoolError(f"没有{what}：请核对以上内容，再加 --yes 确认；只想看看请用 --dry-run。")
    return typer.confirm(f"确定{what}？")
