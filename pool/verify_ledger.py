"""The part of verifying that holds files and entries against what the ledger and the audit log noted of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pool.audit import AuditHead, AuditRecord
from pool.audit_days import digest_faults
from pool.errors import PoolError
from pool.files import file_sha256
from pool.pool import Pool

RESTORE = "请从备份恢复，或由原始文件重新生成。"
RESTORE_LEDGER = "请从备份恢复台账；确属有意修改的，请查明是谁、为何。"
WRONG = {"changed": "已被改动", "missing": "已被删除", "added": "不是本软件写入的"}
TABLES = {
    "batch": "批次",
    "gate": "关卡结论",
    "review_decision": "地址决定",
    "pair_decision": "归并决定",
    "review_undo": "决定的撤销",
    "library_edit": "地址库修改",
    "drift_acceptance": "对变化的接受",
    "release_approval": "版本审批",
    "correction_sheet": "更正单",
    "correction_item": "更正单的项",
    "correction_answer": "更正单的答复",
}
UNNOTED = 1
"""Records that the ledger may be behind the log: one, when a process was killed between the two."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not whole.

    `kind`: `missing`, `changed` (bytes differ from the hash noted), `unexpected` (a file nobody noted), `receipt`, `ledger`, `counts`, `outcomes`,
    `pointer`, `audit`. `path` is a file, or what the ledger calls the object; `message` is Chinese and says what to do.
    """

    kind: str
    path: str
    message: str


class Hashes:
    """SHA-256 of files, each inode read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], str] = {}

    def of(self, path: Path) -> str:
        status = path.stat()
        inode = status.st_dev, status.st_ino
        if inode not in self._known:
            self._known[inode] = file_sha256(path)
        return self._known[inode]


def noted_file_faults(pool: Pool, hashes: Hashes) -> Iterator[Finding]:
    """Files against the hashes that the ledger noted: manifests of batches and libraries, and address results.

    That one is gone is no fault here: a folder that counts is missed elsewhere, and results are made again.
    """
    noted = pool.ledger.noted_files()
    for name, sha256 in sorted(noted.items()):
        path = pool.home / name
        if path.is_file() and hashes.of(path) != sha256:
            yield Finding("changed", str(path), f"文件 {path} 与台账记下的 SHA-256 不符，已被改动或损坏。{RESTORE}")
    for path in pool.matches.files():
        if pool.matches.note_of(path) not in noted:
            yield Finding("unexpected", str(path), f"地址结果 {path} 没有记入台账。请移走它，再运行 datapool run，它会重新匹配。")
            continue
        try:
            below = pool.matches.layers_of(path.parts[-3], path.parts[-2], path.stem)
        except (OSError, ValueError, pa.ArrowException):
            continue  # its hash has told
        for layer in below:
            if not layer.path.is_file():
                yield Finding(
                    "missing", str(layer.path), f"地址结果 {layer.path} 已丢失，{path} 以它为底。请再运行 datapool run，它会重新匹配。"
                )


def sealed_entry_faults(pool: Pool) -> Iterator[Finding]:
    """Entries of the ledger that are not as they were written."""
    for table, key, wrong in pool.ledger.broken_seals():
        yield Finding("ledger", key, f"台账的{TABLES[table]} {key} {WRONG[wrong]}。{RESTORE_LEDGER}")


def audit_faults(pool: Pool, heads: Mapping[str, AuditHead]) -> Iterator[Finding]:
    """The audit log in itself, against the heads noted in the ledger and at the places of `heads`, and what it says against ledger and pointer."""
    anchors = {"台账": pool.ledger.audit_head(), **heads}
    faults = pool.audit.verify(anchors)
    yield from (Finding("audit", "audit", fault if "请" in fault else f"{fault}请从备份恢复，并查明是谁改动的。") for fault in faults)
    if faults:
        return
    records = list(pool.audit.records())
    yield from (Finding("audit", "audit", f"{fault}请从备份恢复，并与签字的日摘要核对。") for fault in digest_faults(records))
    if len(records) > pool.ledger.audit_head().number + UNNOTED:
        yield Finding(
            "audit", "audit", "审计日志比台账记下的多出几条：有人添加了记录，或台账是旧的。请核对日志末尾，并从同一时刻的备份恢复台账。"
        )
    yield from _against_ledger(pool, records)
    yield from _against_pointer(pool, records)


def _against_ledger(pool: Pool, records: list[AuditRecord]) -> Iterator[Finding]:
    batches = {batch.batch: batch.receipt_digest for batch in pool.ledger.batches(retired=True)}
    releases = {str(release.release): release.manifest_sha256 for release in pool.ledger.releases()}
    written = (("receive",), batches, "批次", "receipt"), (("release.publish", "release.rewrite"), releases, "发布", "manifest")
    for actions, known, what, digest in written:
        last = {record.object: record for record in records if record.action in actions}
        for name, record in last.items():
            if name not in known:
                yield Finding("ledger", name, f"审计日志记有{what} {name}，台账中没有。请重新运行 datapool run；仍没有的，从备份恢复台账。")
            elif record.details.get(digest, known[name]) != known[name]:
                yield Finding("ledger", name, f"台账中{what} {name} 的摘要与审计日志记下的不符，已被改动。{RESTORE_LEDGER}")


def _against_pointer(pool: Pool, records: list[AuditRecord]) -> Iterator[Finding]:
    """The release that counts is the one that was published or gone back to last; a rollback may have been killed after it was announced."""
    last = next((record for record in reversed(records) if record.action in ("release.publish", "release.rollback")), None)
    try:
        current = pool.releases.current()
    except PoolError:
        return  # reported with the pointers
    if last is None or current not in pool.releases.numbers():
        return
    allowed = {last.object, str(last.details.get("from"))} if last.result == "started" else {last.object}
    if str(current) not in allowed and current in {release.release for release in pool.ledger.releases()}:
        message = f"releases/current 指向发布 {current}，审计日志中最后一次发布或回退的是 {last.object}：有人改动了指向。请运行 datapool rollback 选定发布。"
        yield Finding("pointer", "releases/current", message)
