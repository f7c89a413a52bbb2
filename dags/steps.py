"""How a task enters the path: it opens the pool under the id of its DAG run and the ledger keeps account of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk import get_current_context

if TYPE_CHECKING:
    from flow.context import Context
    from flow.lineage import Lineage

_told: list[tuple[str, tuple[Any, ...]]] = []


@contextmanager
def step(verb: str, batch: str = "") -> Iterator[Context]:
    """One verb of the path, perhaps for one batch, as a stage of a run that spans the whole DAG run; an error is noted and goes on."""
    from flow.account import note_end, note_start
    from flow.context import open_context
    from pool import Run

    _told.clear()
    surroundings = cast(dict[str, Any], get_current_context())
    surroundings["batch"] = batch  # names the mapped task on Airflow's page
    dag_run = surroundings["dag_run"]
    context = open_context(run=f"{dag_run.dag_id}:{dag_run.run_id}")
    ledger = context.pool.ledger
    begins = not ledger.stages(context.run)
    ledger.start_run(Run(context.run, context.actor, dag_run.start_date or context.now, context.software))
    if begins:
        note_start(context)
    try:
        with context.stage(verb, batch):
            yield context
    finally:
        failed = any(stage.status == "failed" for stage in ledger.stages(context.run))
        ledger.finish_run(context.run, "failed" if failed else "succeeded", now=datetime.now(UTC))
        if failed:
            note_end(context, "failed", None)


def touches(verb: str, *arguments: Any) -> None:
    """This task has read and written something: `flow.lineage` says what to whom it concerns, and costs nothing otherwise."""
    _told[:] = [(verb, arguments)]


def told() -> Lineage | None:
    """What the task of this process last said that it touched."""
    from flow.lineage import STEPS

    return next((STEPS[verb](*arguments) for verb, arguments in _told), None)
