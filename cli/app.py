"""The `datapool` command: what it knows, and what its exit codes mean (0 fine, 1 found problems, 2 could not run)."""

import sys
from collections.abc import Callable

import duckdb
import typer
from typer import rich_utils

from address_matching import LibraryError, RecordsError
from cli import (
    address,
    contracts,
    doctor,
    erase,
    matching,
    query,
    releases,
    replay,
    review,
    run,
    set_aside,
    status,
    tracing,
    upkeep,
    verify,
)
from cli.console import errors, tell
from flow.publish import ReleaseBlocked
from pool import PoolError
from pool.machine import in_words
from schemas.contract import ContractError
from sources.readers import ReadError

MENDABLE = (PoolError, ContractError, ReadError, LibraryError, RecordsError, duckdb.Error, OSError)
"""What a user can do something about: one message, not a stack."""

rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
rich_utils.OPTIONS_PANEL_TITLE = "选项"
rich_utils.COMMANDS_PANEL_TITLE = "命令"
rich_utils.ERRORS_PANEL_TITLE = "用法有误"

commands = typer.Typer(
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
    upkeep.space,
    upkeep.retire,
    set_aside.rollback,
    set_aside.withdraw,
    releases.report,
    replay.replay,
    erase.erase,
    matching.match,
    doctor.doctor,
)
for command in COMMANDS:
    commands.command()(command)
commands.add_typer(address.app, name="address")
commands.add_typer(review.app, name="review")
commands.add_typer(contracts.app, name="contracts")


def app() -> None:
    """Run the command; an error that a user can mend is one message, not a stack."""
    try:
        commands(prog_name="datapool")
    except ReleaseBlocked as cause:
        tell("已拦下：", str(cause), "red", errors)
        sys.exit(1)
    except MENDABLE as cause:
        tell("无法执行：", in_words(cause), "red", errors)
        sys.exit(2)
