"""Which batches may go: those past the retention of their contract of whose rows nothing stands, and upon which nothing stands."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flow.blame import COUNTING
from flow.build import BUILD_FILE
from flow.context import Context
from flow.delivered import batch_content, deliveries_of, holders
from pool import Batch
from schemas.contract import Contract


@dataclass(frozen=True, slots=True)
class BatchFate:
    """A batch past its retention: whether it may go, and in Chinese why, or why not."""

    batch: str
    contract: str
    may_go: bool
    reason: str


def batch_fates(context: Context, releases: Collection[int], contracts: Iterable[str] | None = None) -> list[BatchFate]:
    """What is to become of the batches (default: of all contracts) that are past the retention of their contract.

    releases: those that stay. A batch stays while a row of it is published or merged in one of these, while a build that is under way reads it, while it is
    the last full export of one (what it does not hold is withdrawn by it), while a batch that stays takes rows over from it,
    and while the current release is not what counts now.
    """
    chosen = context.contracts if contracts is None else contracts
    due = {id: _due(context, context.contracts[id]) for id in chosen}
    if not any(due.values()):
        return []
    needed = _Needed(context, releases)
    return [fate for id, entries in due.items() if entries for fate in _fates(context, context.contracts[id], entries, needed)]


def _due(context: Context, contract: Contract) -> dict[str, Batch]:
    """The batches whose period ended and which were received longer ago than the contract keeps them."""
    if contract.retention is None:
        return {}
    today, after = context.local_date(context.now), contract.retention.after
    entries = context.pool.ledger.batches(contract=contract.id)
    return {
        entry.batch: entry
        for entry in entries
        if after(date.fromisoformat(entry.period)) <= today and after(context.local_date(entry.received_at)) <= today
    }


class _Needed:
    """For what the releases that stay, and those under way, need batches."""

    def __init__(self, context: Context, releases: Collection[int]) -> None:
        self._context = context
        self._rows = context.pool.ledger.counting_rows(releases, COUNTING)
        self._inputs = {number: context.pool.releases.manifest(number).get("inputs", {}) for number in sorted(releases)}
        self._building = {batch for build in context.pool.releases.builds() for batch in _batches_of_build(build / BUILD_FILE)}
        current = context.pool.releases.current()
        inputs = self._inputs.get(current, {}) if current is not None else {}
        self._published: Mapping[str, str] = inputs.get("content", {})
        self._contracts: Mapping[str, str] = inputs.get("contracts", {})

    def reasons(self, contract: Contract, due: Mapping[str, Batch]) -> dict[str, str]:
        """Why batches have to stay, for those that have to."""
        last, unsettled = self._last_exports(contract), self._unsettled(contract)
        found = {batch: self._reason(entry, last) or (unsettled if entry.status == "accepted" else "") for batch, entry in due.items()}
        return {batch: reason for batch, reason in found.items() if reason}

    def _reason(self, entry: Batch, last: Mapping[str, str]) -> str:
        batch = entry.batch
        if entry.status == "received":
            return "还没有检查"
        if batch in self._rows:
            number, rows = max(self._rows[batch].items())
            return f"发布 {number} 采用着它的 {rows:,} 行"
        if batch in self._building:
            return "正在构建的发布要读它"
        if entry.status == "accepted" and self._published.get(batch) != batch_content(self._context, batch):
            return "还没有随发布计入，或在那以后重新检查过"
        return last.get(batch, "")

    def _unsettled(self, contract: Contract) -> str:
        """Why nobody can tell by the current release what the next one will need: rows that it has not may count again in the place of others."""
        if self._contracts.get(contract.id) != contract.version:
            return "契约在当前发布以后改过，等下一版"
        for entry in self._context.pool.ledger.batches(contract=contract.id):
            said = self._published.get(entry.batch)
            if said and (entry.status != "accepted" or batch_content(self._context, entry.batch) != said):
                return f"批次 {entry.batch} 在当前发布以后撤回或重新检查过，等下一版"
        return ""

    def _last_exports(self, contract: Contract) -> dict[str, str]:
        """The batches of the last full export: of those that count now and of each release."""
        if contract.delivery != "full":
            return {}
        entries = {entry.batch: entry for entry in self._context.pool.ledger.batches(contract=contract.id)}
        sets = {f"发布 {number}": inputs.get("batches", []) for number, inputs in self._inputs.items()}
        sets["现在"] = [batch for batch, entry in entries.items() if entry.status == "accepted"]
        found: dict[str, str] = {}
        for name, batches in sets.items():
            placed = deliveries_of(self._context, contract, [entries[batch] for batch in batches if batch in entries])
            found |= {each.batch: f"{name}的最近一份全量：没有列出的由它撤下" for each in placed if each.snapshot == placed[-1].snapshot}
        return found


def _fates(context: Context, contract: Contract, due: Mapping[str, Batch], needed: _Needed) -> Iterator[BatchFate]:
    staying = needed.reasons(contract, due)
    entries = context.pool.ledger.batches(contract=contract.id)
    taken = {entry.batch: holders(context, entry.batch) for entry in entries if context.pool.batches.is_sealed(entry.batch)}
    _keep_held(due, staying, taken)
    for batch, entry in due.items():
        if batch in staying:
            yield BatchFate(batch, contract.id, False, staying[batch])
        else:
            received = context.local_date(entry.received_at)
            reason = f"期次 {entry.period}、收到于 {received}，都已超过留存期限 {contract.retention}；没有行仍被采用"
            yield BatchFate(batch, contract.id, True, reason)


def _keep_held(due: Mapping[str, Batch], staying: dict[str, str], taken: Mapping[str, Sequence[str]]) -> None:
    """Let those stay, too, from which one that stays takes rows over, and those from which these do."""
    asking = [batch for batch in taken if batch not in due or batch in staying]
    while asking:
        batch = asking.pop()
        for holder in taken.get(batch, ()):
            if holder in due and holder not in staying:
                staying[holder] = f"批次 {batch} 沿用它的行"
                asking.append(holder)


def _batches_of_build(note: Path) -> list[str]:
    """The batches that a release under way is made of; none where its note is not written yet: then nobody goes on with it."""
    try:
        batches: list[str] = json.loads(note.read_text(encoding="utf-8"))["inputs"]["batches"]
    except (FileNotFoundError, ValueError, KeyError):
        return []
    return batches
