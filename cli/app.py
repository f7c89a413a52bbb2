"""The `datapool` command: what it knows, and what its exit codes mean (0 fine, 1 found problems, 2 could not run).

A command is loaded when it is asked for: all of them together take seconds.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

HELP = "显示这段说明"
COMMANDS: Mapping[str, str] = {
    "run": "cli.run",
    "pull": "cli.pull",
    "status": "cli.status",
    "query": "cli.query",
    "trace": "cli.tracing",
    "audit": "cli.audit",
    "verify": "cli.verify",
    "releases": "cli.releases",
    "release": "cli.release",
    "space": "cli.upkeep",
    "retire": "cli.upkeep",
    "rollback": "cli.set_aside",
    "withdraw": "cli.set_aside",
    "report": "cli.releases",
    "replay": "cli.replay",
    "erase": "cli.erase",
    "match": "cli.matching",
    "doctor": "cli.doctor",
    "address": "cli.address",
    "review": "cli.review",
    "corrections": "cli.corrections",
    "contracts": "cli.contracts",
}
"""Where each command stands: a function of its name, or of several commands an `app`."""


def _speak_chinese() -> None:
    """Give help and errors their Chinese words; what draws them takes a quarter of the time of a short command to load."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.ERRORS_PANEL_TITLE = "用法有误"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.RICH_HELP = "详见 [blue]'{command_path} {help_option}'[/]"


@contextmanager
def _errors_in_chinese() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        from typer._click.exceptions import NoArgsIsHelpError, UsageError  # they have no public names

        _speak_chinese()
        if isinstance(error, UsageError) and not isinstance(error, NoArgsIsHelpError):
            from cli.usage import in_chinese

            raise UsageError(in_chinese(error.format_message()), error.ctx) from error
        raise


def _helping_in_chinese(command: Any) -> Any:
    """A command, and those below it, whose help is in Chinese, the option --help like everything else."""
    option_of, format_help = command.get_help_option, command.format_help

    def help_option(ctx: Any) -> Any:
        option = option_of(ctx)
        option.help = HELP
        return option

    def formatted(ctx: Any, formatter: Any) -> None:
        _speak_chinese()
        format_help(ctx, formatter)

    command.get_help_option, command.format_help = help_option, formatted
    for each in getattr(command, "commands", {}).values():
        _helping_in_chinese(each)
    return command


class _Commands(TyperGroup):
    def make_context(self, *arguments: Any, **options: Any) -> Any:
        with _errors_in_chinese():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        with _errors_in_chinese():
            return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _speak_chinese()
        super().format_help(ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        option: Any = super().get_help_option(ctx)
        option.help = HELP
        return option

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        if hasattr(module, "app"):
            command = get_command(module.app)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command()(getattr(module, cmd_name))
            command = get_command(alone)
        command.name = cmd_name
        return _helping_in_chinese(command)


commands = typer.Typer(
    cls=_Commands,
    name="datapool",
    help="社会治理基础数据池：各部门的导出文件，汇成一个可查、可追溯的基础库。",
    epilog="退出码：0 正常，1 发现问题，2 无法执行。数据目录由 --home 或环境变量 DATAPOOL_HOME 指定，默认 ./var。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@commands.callback()
def _datapool() -> None:
    pass


def app() -> None:
    """Run the command; an error that a user can mend is one message, not a stack."""
    try:
        commands(prog_name="datapool")
    except Exception as cause:
        from cli.mendable import exit_code

        sys.exit(exit_code(cause))
