"""Runs in the audit log: who began one, with what configuration, and how it ended."""

from flow.configuration import note_configuration
from flow.context import Context
from pool import RunStatus

RUN = "run"
"""Action in the audit log."""


def note_start(context: Context) -> None:
    """Put on record that a run begins, and which files of the configuration are others than in the last one."""
    context.pool.audit.append(RUN, context.run, context.actor, "started", context.now, {"software": context.software})
    note_configuration(context)


def note_end(context: Context, status: RunStatus, release: int | None) -> None:
    """Put on record how a run ended; release: the new one, if there is any."""
    context.pool.audit.append(RUN, context.run, context.actor, status, context.now, {"release": release})
