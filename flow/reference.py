"""The city's own divisions and aliases: they travel the path like any export where no department has delivered such data."""

from flow.check import check
from flow.context import Context
from flow.delivered import accepted_batches
from flow.receive import receive_file


def ensure_city_reference(context: Context) -> None:
    """Receive and check the reference files of the city's folder for datasets that have no accepted delivery yet."""
    for contract, path in (("reference.division", context.city.divisions), ("reference.address_alias", context.city.aliases)):
        if not accepted_batches(context, contract):
            check(context, receive_file(context, path, contract, context.city.reference_date).batch)
