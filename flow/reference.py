"""The city's own divisions and aliases: they travel the path like any export where no department has delivered such data."""

from flow.context import Context
from flow.delivered import accepted_deliveries
from flow.judge import judge
from flow.library import ALIASES, DIVISIONS, Library, library_of
from flow.receive import receive_file, waiting_batches


def current_library(context: Context) -> Library:
    """The library of the reference batches that count and the edits in force, the city's own where there are none."""
    ensure_city_reference(context)
    return library_of(context, accepted_deliveries(context))


def ensure_city_reference(context: Context) -> None:
    """Receive and check the reference files of the city's folder for datasets that have no accepted delivery yet.

    Deliveries that wait are judged first. A gate that kept the city's files out is asked again: there is nothing else to know towns and
    villages by.
    """
    for contract, path in ((DIVISIONS, context.city.divisions), (ALIASES, context.city.aliases)):
        if accepted_deliveries(context)[contract]:
            continue
        for batch in waiting_batches(context, contract):
            judge(context, batch)
        if not accepted_deliveries(context)[contract]:
            batch = receive_file(context, path, contract, context.city.reference_date).batch
            entry = context.pool.ledger.batch(batch)
            if entry is not None and entry.status in ("blocked", "failed"):
                context.pool.ledger.set_batch_status(batch, "received", now=context.now)
            judge(context, batch)
