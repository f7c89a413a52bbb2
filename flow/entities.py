"""What resolving takes from outside: what is known of characters, the city's names and authorities, decisions, the order of deliveries."""

import pyarrow as pa

from address_matching.fuzzy import plain_sound
from address_matching.words import similar_characters, simplified_characters
from flow.context import Context
from schemas.city import City
from transforms.resolving.entities import ARRIVALS, Setting
from transforms.resolving.likeness import Characters


def resolving_setting(context: Context) -> Setting:
    """The setting of this moment."""
    return Setting(
        key=context.key,
        characters=Characters(plain_sound, similar_characters(), simplified_characters()),
        places=place_names(context.city),
        authority=context.city.authority,
        arrivals=_arrivals(context),
    )


def place_names(city: City) -> list[str]:
    """The divisions that names of organisations begin with, with and without their ending."""
    whole = (city.province, city.city, city.county)
    return [*whole, *(name[:-1] for name in whole)]


def _arrivals(context: Context) -> pa.Table:
    """The order in which batches were received; what came at one instant came together."""
    entries = context.pool.ledger.batches()
    order = {instant: place for place, instant in enumerate(sorted({entry.received_at for entry in entries}))}
    return pa.Table.from_pylist([{"batch": entry.batch, "arrival": order[entry.received_at]} for entry in entries], schema=ARRIVALS)
