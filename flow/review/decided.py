"""What people have decided, as the library takes it."""

import pyarrow as pa

from flow.context import Context

ALIAS_TYPES = pa.schema(
    [
        ("kind", pa.string()),
        ("within", pa.string()),
        ("name", pa.string()),
        ("alias", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)


def decided_aliases(context: Context) -> pa.Table:
    """Alias rows of kind `text` from the decisions in force, sorted by alias: the text as people write it (`alias`) is the address (`name`)."""
    confirmed = [each for each in context.pool.ledger.review.in_force() if each.choice == "address"]
    rows = [{"kind": "text", "name": each.address_id, "alias": each.text} for each in sorted(confirmed, key=lambda each: each.text)]
    return pa.Table.from_pylist(rows, ALIAS_TYPES)
