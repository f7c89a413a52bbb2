"""What people decided on a person, or on an address text that only their rows had, and what departments were asked and answered of them."""

from collections.abc import Collection, Sequence

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import create_held, file_key
from flow.erase.search import FoundFile
from transforms.erase import Needles

TEXTS = "decided_text"


def decisions_of(
    connection: DuckDBPyConnection, context: Context, ids: Collection[str], files: Sequence[FoundFile], needles: Needles
) -> list[str]:
    """Numbers of the decisions that go with a person: on pairs of which they are one, and on texts that nobody else's rows have."""
    pairs = [each.decision for each, _ in context.pool.ledger.pairs.history() if {each.left_id, each.right_id} & set(ids)]
    texts = texts_of_nobody_else(connection, context, files)
    quoted = {*needles.identifiers, *needles.names}
    on_texts = [
        each.decision for each, _ in context.pool.ledger.review.history() if each.text in texts or any(part in each.text for part in quoted)
    ]
    return sorted([*pairs, *on_texts])


def corrections_of(context: Context, files: Sequence[FoundFile], needles: Needles) -> list[str]:
    """Numbers of what departments were asked to correct in rows that tell of a person, with the answers; and of other answers that quote them."""
    ledger = context.pool.ledger.corrections
    places = {(batch, *place) for each in files for batch in each.batches for place in each.cuts.cells}
    items = {each.item for each in ledger.items() if (each.batch, each.sheet, each.row) in places}
    quoted = (*needles.identifiers, *needles.names)
    answers = {
        each.answer
        for each in ledger.answers()
        if each.item in items or any(part in text for part in quoted for text in (each.value, each.reason, each.note))
    }
    return sorted(items | answers)


def texts_of_nobody_else(connection: DuckDBPyConnection, context: Context, files: Sequence[FoundFile]) -> set[str]:
    """Address texts that people decided on and that stand in rows that go, and in no others."""
    decided = sorted({each.text for each, _ in context.pool.ledger.review.history()})
    if not decided:
        return set()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {TEXTS} AS SELECT unnest($1::VARCHAR[]) AS text", [decided])
    whole = {(file_key(each.sha256), *place) for each in files for place in each.cuts.whole}
    of_person: set[str] = set()
    of_others: set[str] = set()
    for text, *place in _places_of_texts(connection, context):
        (of_person if tuple(place) in whole else of_others).add(text)
    return of_person - of_others


def _places_of_texts(connection: DuckDBPyConnection, context: Context) -> list[tuple[str, str, str, int]]:
    """Where the texts stand in the rows that batches hold; rows taken over stand where they are held, and are the same."""
    found: list[tuple[str, str, str, int]] = []
    for entry in context.pool.ledger.batches():
        contract = context.contracts.get(entry.contract)
        if contract is None or not contract.addresses or not context.pool.batches.is_sealed(entry.batch):
            continue
        held = create_held(connection, context, contract, entry.batch)
        for use in contract.addresses:
            rows = f'SELECT {use.text}, file_key, sheet, "row" FROM {held} WHERE {use.text} IN (SELECT text FROM {TEXTS})'
            found += connection.execute(rows).fetchall()
    return found
