"""Pull: what departments let us fetch becomes files of the inbox, each whole or not there, and is then received like any other."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from flow.context import Context
from flow.progress import Progress, silent
from flow.pull_files import pull_files
from flow.pull_job import Job, Pulled
from flow.pull_records import pull_records
from flow.pull_rows import pull_rows
from pool import Contact, PoolBusy, PoolError
from schemas.contract import Contract
from schemas.pull import ApiPull, FilePull, SqlPull
from sources.connection import Resolve, from_environment
from sources.pull.errors import PullError, Unready
from sources.pull.patience import Patience

PULLERS: Mapping[type[Any], Callable[[Job[Any]], None]] = {FilePull: pull_files, SqlPull: pull_rows, ApiPull: pull_records}


def pull(
    context: Context,
    *,
    contract: str | None = None,
    resolve: Resolve | None = None,
    patience: Patience | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> list[Pulled]:
    """Fetch what is new at the sources of every contract (or one) into the inbox; what became of each source is told and stands in the ledger.

    resolve: finds connections, by default in the environment. dry_run: nothing is written, sources are asked what they have.
    A source that fails does not stop the others. May be repeated: what has not changed is not fetched again, what broke off goes on.
    """
    resolve = resolve or from_environment(os.environ)
    outcomes = []
    for each in context.contracts.values():
        if each.pulls and contract in (None, each.id):
            outcomes += _pull_dataset(context, each, resolve, patience or Patience(), dry_run, progress)
    return outcomes


def _pull_dataset(
    context: Context, contract: Contract, resolve: Resolve, patience: Patience, dry_run: bool, progress: Progress
) -> list[Pulled]:
    try:
        with context.pool.pulling_lock(contract.id):
            outcomes = [_pull(Job(context, contract, each, patience, progress, dry_run), resolve) for each in contract.pulls]
            if not dry_run and not any(outcome.fault or outcome.waiting for outcome in outcomes):
                context.pool.inbox.drop_parts(contract.system, contract.dataset)
    except PoolBusy as busy:
        return [Pulled(contract.id, each.server, fault=str(busy)) for each in contract.pulls]
    return outcomes


def _pull(job: Job[Any], resolve: Resolve) -> Pulled:
    outcome = _fetch(job, resolve)
    if not job.dry_run:
        contact = Contact(job.contract.id, job.source.server, job.context.now, job.context.run, outcome.fault)
        job.context.pool.ledger.pulls.note_contact(contact)
    return outcome


def _fetch(job: Job[Any], resolve: Resolve) -> Pulled:
    fault = ""
    try:
        if job.source.connection:
            job.connection = resolve(job.source.connection)
        PULLERS[type(job.source)](job)
    except (PullError, PoolError) as cause:
        fault = job.connection.hide(str(cause))
    except Unready as cause:
        job.waiting.append(job.connection.hide(str(cause)))
    faults = [*job.faults, fault] if fault else job.faults
    return Pulled(job.contract.id, job.source.server, tuple(job.files), tuple(job.waiting), "\n".join(faults))
