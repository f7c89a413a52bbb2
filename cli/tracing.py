"""datapool trace: records, rows of files and figures of the report, down to their origin and up to what they became."""

from typing import Any

import typer
from typer.core import TyperGroup

from cli.trace_record import record
from cli.trace_report import report
from cli.trace_row import row

RECORD = "record"


class _Trace(TyperGroup):
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The word may be left out: `trace person KEY` is `trace record person KEY`."""
        named = args if args[0] in self.commands else [RECORD, *args]
        return super().resolve_command(ctx, named)


app = typer.Typer(
    cls=_Trace,
    help="""追溯：一条记录由哪些文件的哪些行得来；一个文件的一行变成了什么；报告里的一个数字由哪些行构成。

例：datapool trace person 编号 · datapool trace row 常住人口_20251231.csv 588 · datapool trace report dataset/civil_affairs.death/quarantined""",
    epilog="值默认脱敏。--unmasked 显示原值，须用 --reason 写明依据，一起记入审计日志。表名可直接写在 trace 之后，不写 record。",
    no_args_is_help=True,
    add_completion=False,
)
app.command(RECORD)(record)
app.command("row")(row)
app.command("report")(report)
