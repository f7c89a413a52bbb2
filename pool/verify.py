"""Proof that the pool is whole: every file against its hash, every count against the rows, every record against its neighbours."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pool.audit import AuditHead
from pool.errors import PoolError
from pool.files import file_sha256, files_in
from pool.folders import SealedFolders
from pool.ledger_tables import Batch, Release
from pool.paths import MANIFEST, PROFILE
from pool.pool import Pool
from pool.reading import reading
from pool.receipts import Receipt, batch_id
from pool.release_build import TABLES
from pool.verify_ledger import RESTORE, Finding, Hashes, audit_faults, noted_file_faults, sealed_entry_faults

UNCHANGED = "unchanged.parquet"
BATCH_FILES = {"accepted": ("accepted.parquet", UNCHANGED), "quarantined": ("quarantine.parquet",)}
# What reading JSON of another shape raises.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What the manifest of a release states, as far as it is checked here."""

    shares: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    batches: Sequence[str] = ()
    audit: AuditHead = field(default_factory=AuditHead)


def verify(pool: Pool) -> list[Finding]:
    """All that is not whole in a pool, empty when everything is; reads every byte once (hard-linked files too)."""
    hashes = Hashes()
    with pool.reading():
        return [
            *_raw_files(pool),
            *_receipts(pool),
            *_batches(pool, hashes),
            *_library(pool, hashes),
            *_releases(pool, hashes),
            *_outcomes(pool),
            *noted_file_faults(pool, hashes),
            *sealed_entry_faults(pool),
            *audit_faults(pool, _audit_heads(pool)),
        ]


def _raw_files(pool: Pool) -> Iterator[Finding]:
    delivered = {batch.sha256 for batch in pool.ledger.batches(retired=True)}
    for sha256 in pool.raw.hashes():
        path = pool.raw.path(sha256)
        if sha256 not in delivered:
            yield Finding(
                "unexpected",
                str(path),
                f"原始文件 {path} 没有对应的批次：接收曾中断，或不是本软件写入的。请重新运行 datapool run；仍在的，查明来源后移走。",
            )
        elif not pool.raw.is_redacted(sha256) and file_sha256(path) != sha256:
            yield Finding(
                "changed",
                str(path),
                f"原始文件 {path} 的内容与其文件名（SHA-256）不符，已被改动或损坏。请从备份恢复，或请来源部门重新报送。",
            )


def _receipts(pool: Pool) -> Iterator[Finding]:
    batches = {batch.batch: batch for batch in pool.ledger.batches(retired=True)}
    counting = {batch.sha256 for batch in pool.ledger.batches()}
    with_receipt = set(pool.receipts.batches())
    for name in sorted(with_receipt):
        path = pool.receipts.path(name)
        try:
            receipt = pool.receipts.read(name)
        except PoolError as cause:
            yield Finding("receipt", str(path), str(cause))
            continue
        file_faults = _receipt_file_faults(pool, receipt) if receipt.sha256 in counting or name not in batches else ()
        for fault in (*_receipt_faults(receipt, batches.get(name)), *file_faults):
            yield Finding("receipt", str(path), f"回执 {path} {fault}")
    for name in sorted(set(batches) - with_receipt):
        yield Finding("missing", str(pool.receipts.path(name)), f"台账中的批次 {name} 没有回执。请从备份恢复 {pool.receipts.path(name)}。")


def _receipt_faults(receipt: Receipt, batch: Batch | None) -> Iterator[str]:
    if receipt.batch != batch_id(receipt.contract, receipt.period, receipt.sha256):
        yield "的批次号与其数据集、期次、SHA-256 不符，已被改动。请从备份恢复。"
    if batch is None:
        yield "没有记入台账。请重新接收该文件（datapool run），它会补记。"
    elif batch.receipt_digest and batch.receipt_digest != receipt.digest():
        yield "的内容与台账记下的摘要不符，已被改动。请从备份恢复。"
    elif batch.sha256 != receipt.sha256 or batch.period != receipt.period or batch.contract != receipt.contract:
        yield "与台账的数据集、期次或 SHA-256 不一致，其一已被改动。请从备份恢复。"


def _receipt_file_faults(pool: Pool, receipt: Receipt) -> Iterator[str]:
    if not pool.raw.holds(receipt.sha256):
        yield f"对应的原始文件 {receipt.sha256} 已丢失。请从备份恢复，或请来源部门重新报送。"
    elif receipt.replacement != pool.raw.replacement(receipt.sha256):
        yield f"与脱敏替换后的原始文件 {pool.raw.path(receipt.sha256)} 不符，该文件已被改动，或替换中断。请重做替换或从备份恢复。"
    elif not receipt.replacement and pool.raw.path(receipt.sha256).stat().st_size != receipt.size:
        yield "的文件大小与原始文件不符。请从备份恢复。"


def _sealed(folder: Path, hashes: Hashes) -> Iterator[Finding]:
    """The files of a sealed folder against its manifest."""
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        noted = {name: facts["sha256"] for name, facts in files.items()}
    except (OSError, *MALFORMED) as cause:
        yield Finding("changed", str(folder / MANIFEST), f"清单 {folder / MANIFEST} 无法读取：{cause}。{RESTORE}")
        return
    present = {path.relative_to(folder).as_posix(): path for path in files_in(folder)}
    for name in sorted(noted.keys() - present.keys()):
        yield Finding("missing", str(folder / name), f"文件 {folder / name} 已丢失。{RESTORE}")
    for name in sorted(present.keys() - noted.keys()):
        yield Finding("unexpected", str(folder / name), f"文件 {folder / name} 不在清单中，不是本软件写入的。请查明来源后移走。")
    for name in sorted(noted.keys() & present.keys()):
        if hashes.of(present[name]) != noted[name]:
            yield Finding("changed", str(present[name]), f"文件 {present[name]} 的 SHA-256 与清单不符，已被改动或损坏。{RESTORE}")


def _sealed_folders(folders: SealedFolders, hashes: Hashes) -> Iterator[Finding]:
    for name in folders.names():
        yield from _sealed(folders.folder(name), hashes)


def _library(pool: Pool, hashes: Hashes) -> Iterator[Finding]:
    yield from _sealed_folders(pool.library, hashes)


def _batches(pool: Pool, hashes: Hashes) -> Iterator[Finding]:
    yield from _sealed_folders(pool.batches, hashes)
    known = {batch.batch: batch for batch in pool.ledger.batches()}
    for name in sorted(set(pool.batches.names()) - set(pool.ledger.upkeep.retired("batch"))):
        yield from _batch_counts(pool.batches.folder(name), known.get(name))
        yield from _rows_held_elsewhere(pool, name)
    for name, batch in known.items():
        if batch.status == "accepted" and not pool.batches.is_sealed(name):
            folder = pool.batches.folder(name)
            yield Finding("missing", str(folder), f"台账中已接受的批次 {name} 没有数据目录 {folder}。请从备份恢复，或重放该批次。")


def _batch_counts(folder: Path, batch: Batch | None) -> Iterator[Finding]:
    if batch is None:
        yield Finding("ledger", folder.name, f"批次目录 {folder} 没有记入台账。请重新运行 datapool run，它会补记。")
    try:
        rows = json.loads((folder / PROFILE).read_bytes())["rows"]
        stated = {name: int(rows[name]) for name in ("received", *BATCH_FILES)}
        counted = {name: sum(_rows_of(folder / file) for file in files) for name, files in BATCH_FILES.items()}
    except (OSError, *MALFORMED, pa.ArrowException) as cause:
        yield Finding("counts", str(folder), f"批次 {folder} 的行数无法核对：{cause}。{RESTORE}")
        return
    counted["received"] = sum(counted.values())
    for name, count in counted.items():
        if stated[name] != count:
            message = f"批次 {folder} 的 {name} 行数：profile.json 记为 {stated[name]}，数据文件有 {count}。{RESTORE}"
            yield Finding("counts", str(folder), message)
    if batch is not None and batch.counts is not None and asdict(batch.counts) != counted:
        yield Finding(
            "ledger",
            folder.name,
            f"批次 {folder.name} 的行数：台账记为 {asdict(batch.counts)}，数据文件有 {counted}。台账已被改动，请从备份恢复。",
        )


def _rows_held_elsewhere(pool: Pool, batch: str) -> Iterator[Finding]:
    """Rows that a batch took over from earlier ones: are they there?"""
    path = pool.batches.folder(batch) / UNCHANGED
    if not path.exists():
        return
    try:
        last = pq.read_table(path, columns=["holder", "position"]).group_by("holder").aggregate([("position", "max")]).to_pylist()
        held = {each["holder"]: _rows_of(pool.batches.folder(each["holder"]) / BATCH_FILES["accepted"][0]) for each in last}
    except (OSError, PoolError, *MALFORMED, pa.ArrowException) as cause:
        yield Finding("changed", str(path), f"文件 {path} 无法读取：{cause}。{RESTORE}")
        return
    for each in last:
        if each["position_max"] >= held[each["holder"]]:
            message = f"批次 {batch} 沿用批次 {each['holder']} 的行，那里已没有。请从备份恢复，或运行 datapool replay {batch}。"
            yield Finding("missing", str(path), message)


def _rows_of(path: Path) -> int:
    """Rows of a Parquet file; none where there is no file: a batch of the wrong columns has none, and a lost one was reported."""
    return int(pq.read_metadata(path).num_rows) if path.exists() else 0


def _releases(pool: Pool, hashes: Hashes) -> Iterator[Finding]:
    published = {release.release: release for release in pool.ledger.releases()}
    numbers = pool.releases.numbers()
    retired = pool.ledger.upkeep.retired_releases()  # asked for after the folders: what goes is noted first
    for number in sorted(set(numbers) - retired):
        yield from _release(pool, number, published.get(number), hashes)
    for number in sorted(published.keys() - set(numbers) - retired):
        yield Finding("missing", str(pool.releases.folder(number)), f"台账中的发布 {number} 没有目录。请从备份恢复。")
    yield from _pointers(pool)


def _release(pool: Pool, number: int, entry: Release | None, hashes: Hashes) -> Iterator[Finding]:
    folder = pool.releases.folder(number)
    with ExitStack() as held:
        with suppress(FileNotFoundError):  # one that was retired meanwhile, or one whose manifest is lost
            held.enter_context(reading(folder / MANIFEST))
        if number in pool.ledger.upkeep.retired_releases():
            return
        yield from _sealed(folder, hashes)
        if entry is None:
            yield Finding("ledger", str(number), f"发布 {folder} 没有记入台账：发布曾中断。请重新运行 datapool run，它会补完。")
        elif (folder / MANIFEST).is_file() and hashes.of(folder / MANIFEST) != entry.manifest_sha256:
            yield Finding("changed", str(folder / MANIFEST), f"发布清单 {folder / MANIFEST} 与台账记下的 SHA-256 不符，已被改动。{RESTORE}")
        yield from _release_parts(pool, number, hashes)


def _release_parts(pool: Pool, number: int, hashes: Hashes) -> Iterator[Finding]:
    """Rows of the tables and shares of a release against its manifest."""
    manifest = _manifest(pool, number)
    for share, sha256 in manifest.shares.items():
        folder = pool.shares.folder(share, number)
        if not pool.shares.is_sealed(share, number):
            yield Finding("missing", str(folder), f"发布 {number} 的共享 {folder} 已丢失。{RESTORE}")
            continue
        yield from _sealed(folder, hashes)
        if (folder / MANIFEST).is_file() and hashes.of(folder / MANIFEST) != sha256:
            yield Finding(
                "changed", str(folder / MANIFEST), f"共享清单 {folder / MANIFEST} 与发布 {number} 记下的 SHA-256 不符，已被改动。{RESTORE}"
            )
    for table, rows in manifest.rows.items():
        yield from _table_rows(pool.releases.folder(number), table, rows)


def _table_rows(release: Path, table: str, noted: int) -> Iterator[Finding]:
    files = [path for path in files_in(release / TABLES) if path.relative_to(release / TABLES).parts[0].removesuffix(".parquet") == table]
    try:
        rows = sum(pq.read_metadata(path).num_rows for path in files)
    except (OSError, pa.ArrowException) as cause:
        yield Finding("counts", str(release / TABLES / table), f"表 {table} 的行数无法核对：{cause}。{RESTORE}")
        return
    if rows != noted:
        yield Finding("counts", str(release / TABLES / table), f"表 {table} 的行数：清单记为 {noted}，数据文件有 {rows}。{RESTORE}")


def _pointers(pool: Pool) -> Iterator[Finding]:
    try:
        current = pool.releases.current()
        if current is None and pool.ledger.releases():
            message = "releases/current 已丢失，读者看不到任何发布。请运行 datapool rollback 选定发布。"
            yield Finding("pointer", "releases/current", message)
        elif current is not None and current not in pool.releases.numbers():
            message = f"releases/current 指向发布 {current}，该发布不存在。请运行 datapool rollback 选择现有的发布。"
            yield Finding("pointer", "releases/current", message)
        elif current is not None:
            yield from _share_pointers(pool, current)
    except PoolError as cause:
        yield Finding("pointer", "current", str(cause))


def _share_pointers(pool: Pool, current: int) -> Iterator[Finding]:
    for share in _manifest(pool, current).shares:
        if pool.shares.current(share) != current:
            message = f"共享 {share} 指向发布 {pool.shares.current(share)}，数据池当前为 {current}。请重新运行 datapool run，它会改正。"
            yield Finding("pointer", f"{share}/current", message)


def _outcomes(pool: Pool) -> Iterator[Finding]:
    """Outcomes of the current release against the rows received in the batches it was made from."""
    current = _current(pool)
    if current is None:
        return
    stated: dict[str, int] = defaultdict(int)
    for outcome in pool.ledger.outcomes(current):
        stated[outcome.batch] += outcome.rows
    received = {batch.batch: batch.counts.received for batch in pool.ledger.batches(retired=True) if batch.counts is not None}
    for name in sorted({*stated, *_manifest(pool, current).batches}):
        if stated.get(name, 0) != received.get(name):
            message = f"批次 {name} 在发布 {current} 中：收到 {received.get(name)} 行，有去向的 {stated.get(name, 0)} 行。请重新运行 datapool run，仍不符则从备份恢复台账。"
            yield Finding("outcomes", name, message)


def _audit_heads(pool: Pool) -> dict[str, AuditHead]:
    """The last record of the audit log at several moments, by where that stands."""
    heads = {f"发布 {number} 的清单": _manifest(pool, number).audit for number in pool.releases.numbers()}
    return heads | {
        f"清退发布 {name} 时的台账": AuditHead(**each.detail["audit"]) for name, each in pool.ledger.upkeep.retired("release").items()
    }


def _current(pool: Pool) -> int | None:
    """The current release if it is named and there; that it is not was reported with the pointers."""
    try:
        current = pool.releases.current()
    except PoolError:
        return None
    return current if current in pool.releases.numbers() else None


def _manifest(pool: Pool, number: int) -> _Manifest:
    """What a release states; nothing when its manifest cannot be read, which was reported with its files."""
    try:
        manifest = pool.releases.manifest(number)
        return _Manifest(
            shares=dict(manifest["shares"]),
            rows={table: int(facts["rows"]) for table, facts in manifest.get("tables", {}).items()},
            batches=list(manifest.get("inputs", {}).get("batches", [])),
            audit=AuditHead(**manifest["audit"]),
        )
    except (PoolError, *MALFORMED):
        return _Manifest()
