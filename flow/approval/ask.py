"""Does a release need a person's approval, and how it is asked for."""

from collections.abc import Sequence

from flow.approval.sheet import approval_sheet
from flow.approval.waiting import ASKED, SHEET, settle_waiting
from flow.blame import new_batches
from flow.build import Build, note_build, resume_build
from flow.context import Context


def needs_approval(context: Context, number: int) -> bool:
    """Whether a release that is being built has new batches of a dataset whose contract asks for approval."""
    return bool(batches_to_approve(context, resume_build(context, number)))


def batches_to_approve(context: Context, build: Build) -> list[str]:
    """The batches, new or judged anew, of datasets whose contract asks for approval."""
    return [batch for batch in new_batches(context, build) if context.contracts[context.pool.receipts.read(batch).contract].approval]


def ask(context: Context, build: Build, batches: Sequence[str]) -> None:
    """Let a release, whose report is written, wait for approval; one that waited before is superseded. Needs the publisher's lock."""
    sheet = approval_sheet(context, build, batches)
    (build.release.report / SHEET).write_text(sheet, encoding="utf-8")
    asked = {"batches": list(batches), "previous": build.release.previous, "since": context.now.isoformat()}
    note_build(context, build.release, build.facts | {ASKED: asked})
    context.pool.releases.put_to_wait(build.release)
    settle_waiting(context)
