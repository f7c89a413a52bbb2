"""The release that waits for approval, and how it comes to wait no longer without anybody's decision."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flow.blame import RELEASE_GATE
from flow.build import BUILD_FILE
from flow.context import Context
from pool import Approval, ApprovalState, Gate
from pool.release_build import REPORT

ASKED = "approval"
"""Among the facts of a build, and in the manifest: why a release needed approval, and who gave it."""
SHEET = "approval.md"
COMMAND_LINE, AIRFLOW, SOFTWARE = "命令行", "Airflow", "软件"
"""By way of what somebody decided."""
ACTIONS: Mapping[str, str] = {
    "asked": "release.wait",
    "approved": "release.approve",
    "refused": "release.refuse",
    "superseded": "release.supersede",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release that waits: what it is made of, the new batches of datasets that ask for approval, and the sheet on which a person decides."""

    release: int
    previous: int | None
    run: str
    since: datetime
    batches: Sequence[str]
    sheet: str
    facts: Mapping[str, Any]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What it is made of, see resolve.release_inputs."""
        found: Mapping[str, Any] = self.facts["inputs"]
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of the sheet, which names those of the report and of the tables: by it a person says what was seen."""
        return hashlib.sha256(self.sheet.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """What a program needs to tell somebody of it."""
        return {"release": self.release, "previous": self.previous, "since": self.since, "batches": self.batches, "digest": self.digest}


def waiting(context: Context) -> Waiting | None:
    """The release that waits for approval, if any."""
    with suppress(FileNotFoundError):  # who looks on without the lock may find it gone in between
        if numbers := context.pool.releases.waiting():
            return read_waiting(context, numbers[-1])
    return None


def read_waiting(context: Context, number: int) -> Waiting:
    """One that is there, by its number."""
    folder = context.pool.releases.waiting_folder(number)
    facts = json.loads((folder / BUILD_FILE).read_text(encoding="utf-8"))
    asked = facts[ASKED]
    return Waiting(
        release=number,
        previous=asked["previous"],
        run=facts["run"],
        since=datetime.fromisoformat(asked["since"]),
        batches=asked["batches"],
        sheet=(folder / REPORT / SHEET).read_text(encoding="utf-8"),
        facts={name: fact for name, fact in facts.items() if name != "run"},
    )


def is_waiting(context: Context, inputs: Mapping[str, Any]) -> bool:
    """Whether a release of just this waits: building it again would change nothing."""
    waits = waiting(context)
    return waits is not None and waits.inputs == inputs


def settle_waiting(context: Context) -> None:
    """Complete what a killed process left of an asking, a refusal or a superseding; supersede what could not be published any more.

    At most one release waits, the newest, and it follows the current one. Needs the publisher's lock.
    """
    numbers = context.pool.releases.waiting()
    for number in numbers:
        waits, states = read_waiting(context, number), context.pool.ledger.approvals.of(number)
        if "refused" in states:
            carry_out_refusal(context, waits, states["refused"])
        elif number != numbers[-1]:
            _supersede(context, waits, f"发布 {numbers[-1]} 取代了它")
        elif waits.previous != context.pool.releases.current():
            _supersede(context, waits, f"当前发布已是 {context.pool.releases.current()}，它不再是下一版")
        elif "asked" not in states:
            note_step(context, waits, "asked", person="", reason="、".join(waits.batches), channel=SOFTWARE)


def supersede_waiting(context: Context, reason: str) -> None:
    """Let no release wait any longer: what it holds must not be published. Needs the publisher's lock."""
    for number in context.pool.releases.waiting():
        _supersede(context, read_waiting(context, number), reason)


def note_step(context: Context, waits: Waiting, state: ApprovalState, *, person: str, reason: str, channel: str) -> Approval:
    """Put a step on record in ledger and audit log, with what the person saw; returns what stands, for it may have been noted before."""
    step = Approval(
        release=waits.release,
        state=state,
        at=context.now,
        person=person,
        reason=reason,
        channel=channel,
        recorded_by=context.actor,
        sheet_sha256=waits.digest,
        sheet=waits.sheet,
    )
    context.pool.ledger.approvals.record(step)
    stands = context.pool.ledger.approvals.of(waits.release)[state]
    details = {"run": waits.run, "person": person, "reason": reason, "channel": channel, "sheet": waits.digest}
    context.pool.audit.append_once(ACTIONS[state], str(waits.release), context.actor, "done", context.now, details)
    return stands


def carry_out_refusal(context: Context, waits: Waiting, refusal: Approval) -> list[str]:
    """Keep out the batches that needed approval, as a gate does, and remove the release; returns the batches that were kept out."""
    content = waits.inputs["content"]
    reason = f"发布 {waits.release} 未获批准（{refusal.person}）：{refusal.reason}"
    kept_out = []
    for batch in waits.batches:
        entry = context.pool.ledger.batch(batch)
        if entry is not None and entry.status == "accepted" and batch in content:
            context.pool.ledger.record_gate(Gate(context.run, batch, RELEASE_GATE, False, context.now, reason))
            context.pool.ledger.set_batch_status(batch, "blocked", now=context.now, reason=reason)
            kept_out.append(batch)
    _remove(context, waits.release)
    return kept_out


def _supersede(context: Context, waits: Waiting, reason: str) -> None:
    note_step(context, waits, "superseded", person="", reason=reason, channel=SOFTWARE)
    _remove(context, waits.release)


def _remove(context: Context, number: int) -> None:
    context.pool.ledger.record_outcomes(number, [])
    context.pool.releases.wait_no_longer(number)
