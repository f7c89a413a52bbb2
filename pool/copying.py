"""From one pool to another: what was received and what people decided, from which all the rest can be made."""

from collections.abc import Callable
from dataclasses import replace

from pool.ledger import Ledger
from pool.ledger_tables import Batch
from pool.pool import Pool


def copy_received(source: Pool, target: Pool, is_set_aside: Callable[[Batch], bool], progress: Callable[[int, int], None]) -> None:
    """Take over raw files, receipts and the batches of the ledger, those set aside as they are, the others as received. May be repeated.

    progress: told how many of how many batches are done.
    """
    entries = source.ledger.batches()
    for done, entry in enumerate(entries):
        progress(done, len(entries))
        target.raw.adopt(source.raw, entry.sha256)
        target.receipts.write(source.receipts.read(entry.batch))
        received = entry if is_set_aside(entry) else replace(entry, status="received", reason="")
        target.ledger.record_batch(replace(received, counts=None))
        for gate in source.ledger.gates(subject=entry.batch) if received is entry else ():
            target.ledger.record_gate(gate)
    progress(len(entries), len(entries))


def copy_decisions(source: Ledger, target: Ledger) -> None:
    """Take over the edits of the address library, the decisions on address texts, undone ones included, what was accepted as the new usual,
    what departments were asked to correct and answered, and what must not come back. May be repeated.
    """
    target.erasures.adopt(source.erasures.digests())
    target.drift.accept(source.drift.acceptances().values())
    items = source.corrections.items()
    for sheet in source.corrections.sheets():
        target.corrections.issue(sheet, [each for each in items if each.receipt == sheet.receipt])
    target.corrections.answer(source.corrections.answers())
    numbers: dict[int, int] = {}
    for edit in source.library_edits():
        payload = {**edit.payload, "edit": numbers[edit.payload["edit"]]} if edit.kind == "undo" else edit.payload
        numbers[edit.number] = target.record_library_edit(replace(edit, payload=payload)).number
    for decision, undo in source.review.history():
        target.review.record([decision])
        if undo is not None:
            target.review.undo(undo)
