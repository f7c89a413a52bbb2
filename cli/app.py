"""The `datapool` command: what it knows, and what its exit codes mean (0 fine, 1 found problems, 2 could not run)."""

import sys
from collections.abc import Callable

import typer

from cli import contracts, doctor, matching, query, releases, run, status, tracing, verify
from cli.console import errors
from flow.publish import ReleaseBlocked
from pool import PoolError
from schemas.contract import ContractError

app = typer.Typer(
    name="datapool",
    help="社会治理基础数据池：各部门的导出文件，汇成一个可查、可追溯的基础库。",
    epilog="退出码：0 正常，1 发现问题，2 无法执行。数据目录由 --home 或环境变量 DATAPOOL_HOME 指定，默认 ./var。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: tuple[Callable[..., None], ...] = (
    run.run,
    status.status,
    query.query,
    tracing.trace,
    verify.verify,
    releases.releases,
    releases.rollback,
    releases.report,
    matching.match,
    doctor.doctor,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(contracts.app, name="contracts")


def main() -> None:
    """Run the command; an error that a user can mend is one message, not a stack."""
    try:
        app()
    except ReleaseBlocked as cause:
        errors.print(f"[red]已拦下：[/red]{cause}")
        sys.exit(1)
    except (PoolError, ContractError) as cause:
        errors.print(f"[red]无法执行：[/red]{cause}")
        sys.exit(2)
