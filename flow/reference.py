"""The city's own divisions and aliases: received like any export, so that a pool without a reference delivery knows its towns and villages."""

from flow.context import Context
from flow.receive import receive_file


def receive_city_reference(context: Context) -> None:
    """Receive the reference files of the city's folder; a delivery from a department, being later, counts before them."""
    for contract, path in (("reference.division", context.city.divisions), ("reference.address_alias", context.city.aliases)):
        receive_file(context, path, contract, context.city.reference_date)
