"""Options that the traces share, and how they show a row."""

import sys
from typing import Annotated

import typer

from cli.console import output
from flow.trace.found import Found
from pool import PoolError

FROM_INPUT = "-"

Release = Annotated[int | None, typer.Option(help="哪一版发布（默认当前）", show_default=False)]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="不脱敏显示，须写明 --reason（记入审计日志）")]
Reason = Annotated[str, typer.Option(help="不脱敏显示的依据，如办文号；长期保留，不要写姓名、号码", show_default=False)]


def read_key(key: str) -> str:
    """The key of the command line, or where that is `-` the one read from keyboard or standard input, which no shell remembers."""
    if key != FROM_INPUT:
        return key
    is_typed = sys.stdin.isatty()
    text = typer.prompt("编号或证件号码（不显示）", hide_input=True, err=True) if is_typed else sys.stdin.readline()
    if not text.strip():
        raise PoolError("没有读到编号。请从键盘或标准输入给出。")
    return str(text.strip())


def print_found(found: Found) -> None:
    """How a row was judged and matched."""
    check = found.check
    passed = f"，满足规则：{'；'.join(check.passed)}" if check.passed else ""
    output.print(f"      检查：契约 {check.version}，{check.columns} 列{passed}")
    for label, told in (("隔离原因", check.reasons), ("提示", check.warnings)):
        for each in told:
            output.print(f"      {label}：{each.message}（{f'{each.column}.' if each.column else ''}{each.rule}）", style="yellow")
    for match in found.addresses:
        output.print(f"      地址：{match.sentence()}", style="cyan")
