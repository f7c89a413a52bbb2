"""The city's own divisions and aliases: they travel the path like any export where no department has delivered such data."""

from flow.check import check
from flow.context import Context
from flow.delivered import accepted_deliveries
from flow.receive import receive_file


def ensure_city_reference(context: Context) -> None:
    """Receive and check the reference files of the city's folder for datasets that have no accepted delivery yet.

    A gate that kept them out is asked again: there is nothing else to know towns and villages by.
    """
    deliveries = accepted_deliveries(context)
    for contract, path in (("reference.division", context.city.divisions), ("reference.address_alias", context.city.aliases)):
        if not deliveries[contract]:
            batch = receive_file(context, path, contract, context.city.reference_date).batch
            entry = context.pool.ledger.batch(batch)
            if entry is not None and entry.status in ("blocked", "failed"):
                context.pool.ledger.set_batch_status(batch, "received", now=context.now)
            check(context, batch)
