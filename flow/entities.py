"""What resolving takes from outside: what is known of characters, the city's names and authorities, what people decided."""

import hashlib
import json

import pyarrow as pa

from address_matching.fuzzy import plain_sound
from address_matching.words import similar_characters, simplified_characters
from flow.context import Context
from schemas.city import City
from transforms.resolving.entities import DECISIONS, Setting
from transforms.resolving.likeness import Characters


def resolving_setting(context: Context) -> Setting:
    """The setting of this moment."""
    return Setting(
        key=context.key,
        characters=Characters(plain_sound, similar_characters(), simplified_characters()),
        places=place_names(context.city),
        authority=context.city.authority,
        decisions=_decisions(context),
    )


def decisions_digest(context: Context) -> str:
    """Digest of what people decided on pairs, as far as it changes a release."""
    return hashlib.sha256(json.dumps(_decisions(context).to_pylist()).encode()).hexdigest()[:16]


def place_names(city: City) -> list[str]:
    """The divisions that names of organisations begin with, with and without their ending."""
    whole = [name for name in (city.province, city.city, city.county) if name]
    return [*whole, *(name[:-1] for name in whole)]


def _decisions(context: Context) -> pa.Table:
    """The decisions in force that join or part, in a stable order."""
    taken = [each for each in context.pool.ledger.pairs.in_force() if each.choice in ("same", "different")]
    rows = [(each.table_name, each.left_id, each.right_id, each.choice == "same") for each in taken]
    return pa.Table.from_pylist([dict(zip(DECISIONS.names, row, strict=True)) for row in sorted(rows)], schema=DECISIONS)
