"""Releases: immutable folders of the whole pool with a manifest; `current` names the one that counts.

The moment `releases/<n>.part` becomes `releases/<n>` the release exists. All that follows (the `current` files and the ledger's row) is derived
from its manifest and is completed by whoever publishes next, should the publisher die in between.
"""

import dataclasses
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pool.audit import AuditLog
from pool.errors import PoolError
from pool.files import describe_files, file_sha256, finish_folder, folder_size, make_folder, remove_folder, seal_folder
from pool.ledger import Ledger
from pool.ledger_tables import Release
from pool.locks import FileLock
from pool.paths import CURRENT, MANIFEST, PART, PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE, WAITING
from pool.pointer import Pointer
from pool.reading import reading, unread
from pool.release_build import ReleaseBuild, make_parts
from pool.replacing import fresh_folder, replace_folder
from pool.shares import Shares
from pool.upkeep import Retirement

KEPT_OF_MANIFEST = ("tables", "shares", "audit")
"""What the ledger keeps of the manifest of a release that is retired."""


class Releases:
    """Starting, committing, abandoning and rolling back need the publisher's lock; reading needs nothing."""

    def __init__(self, folder: Path, shares: Shares, ledger: Ledger, audit: AuditLog, publisher: FileLock) -> None:
        self._root = folder
        self._shares = shares
        self._ledger = ledger
        self._audit = audit
        self._publisher = publisher
        self._current = Pointer(folder / CURRENT, PRIVATE_FILE_MODE)

    def current(self) -> int | None:
        """The release that counts, None before the first."""
        return self._current.read()

    def folder(self, number: int) -> Path:
        """Where a release rests."""
        return self._root / str(number)

    def numbers(self) -> list[int]:
        """The releases that are here, oldest first."""
        return sorted(int(path.name) for path in self._root.glob("*/") if path.name.isdecimal())

    def manifest(self, number: int) -> dict[str, Any]:
        """The manifest of a release; raises PoolError when the release is not here."""
        path = self.folder(number) / MANIFEST
        try:
            manifest: dict[str, Any] = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise PoolError(self.absence(number)) from None
        except ValueError as cause:
            raise PoolError(f"发布 {number} 的清单 {path} 已损坏：{cause}。请从备份恢复，或回退到其他发布。") from None
        return manifest

    def absence(self, number: int) -> str:
        """Why a release is not here, and which ones are, in Chinese."""
        retirement = self._ledger.upkeep.retired("release").get(str(number))
        if retirement is None:
            return f"没有发布 {number}：{self.folder(number) / MANIFEST} 不存在。现有发布：{self.numbers()}。"
        return f"发布 {number} 已于 {retirement.at:%Y-%m-%d %H:%M} UTC 清退：{retirement.reason}。现有发布：{self.numbers()}。"

    @contextmanager
    def reading(self, number: int) -> Iterator[Path]:
        """The folder of a release, which is not retired while the body runs; raises PoolError when it is not here."""
        with ExitStack() as held:
            try:
                held.enter_context(reading(self.folder(number) / MANIFEST))
            except FileNotFoundError:
                raise PoolError(self.absence(number)) from None
            yield self.folder(number)

    def retire(self, number: int, reason: str, *, actor: str, now: datetime) -> bool:
        """Keep a release no longer: its folder and its shares go, what the ledger says of it stays. False, and nothing done, while somebody reads it.

        Files that other releases hold, too, live on. Killed in between, this is completed by `recover`. Raises PoolError for the current release.
        """
        self._require_publisher()
        if number == self.current():
            raise PoolError(f"发布 {number} 是当前发布，不能清退。")
        manifest = self.manifest(number)
        with unread(self._manifests(number, manifest)) as is_free:
            if is_free:
                detail = {name: manifest[name] for name in KEPT_OF_MANIFEST if name in manifest} | {
                    "bytes": folder_size(self.folder(number))
                }
                self._audit.append("release.retire", str(number), actor, "started", now, {"reason": reason})
                self._ledger.upkeep.retire(Retirement("release", str(number), now, actor, reason, detail))
                self._remove(number, manifest)
                self._audit.append("release.retire", str(number), actor, "done", now, {"reason": reason})
        return is_free

    def complete_retirements(self) -> None:
        """Remove what killed processes left of releases that are kept no longer, but for those that somebody reads."""
        self._require_publisher()
        for part in self._root.glob(f"*.removed{PART}/"):
            remove_folder(part)
        self._shares.remove_dead_parts()
        for number in sorted(self._ledger.upkeep.retired_releases() & set(self.numbers())):
            manifest = self.manifest(number)
            with unread(self._manifests(number, manifest)) as is_free:
                if is_free:
                    self._remove(number, manifest)

    def _manifests(self, number: int, manifest: Mapping[str, Any]) -> list[Path]:
        """The files by which readers hold a release or a share of it."""
        return [
            folder / MANIFEST for folder in (self.folder(number), *(self._shares.folder(share, number) for share in manifest["shares"]))
        ]

    def _remove(self, number: int, manifest: Mapping[str, Any]) -> None:
        """The folder goes last, so that whoever has to complete this finds it."""
        for share in manifest["shares"]:
            self._shares.remove(share, number)
        remove_folder(self.folder(number))

    def start(self, *, now: datetime) -> ReleaseBuild:
        """Begin the next release on top of the current one, after completing or removing what killed publishers left."""
        self.recover(now=now)
        known = (
            *self.numbers(),
            *(release.release for release in self._ledger.releases()),
            *self.waiting(),
            *self._ledger.approvals.releases(),
        )
        number = 1 + max([0, *known])
        make_parts(self._part(number))
        return self._build(number)

    def resume(self, number: int) -> ReleaseBuild:
        """The release being built under this number, for a step in another process; raises PoolError when it is no more."""
        if not self._part(number).is_dir():
            raise PoolError(f"正在构建的发布 {number} 已不存在，可能已被另一次发布清除。请重新运行发布。")
        return self._build(number)

    def builds(self) -> list[Path]:
        """The folders of releases that are being built, perhaps by a process that is dead, or wait for approval."""
        return [part for end in (PART, WAITING) for part in self._root.glob(f"*{end}/") if part.stem.isdecimal()]

    def _build(self, number: int) -> ReleaseBuild:
        previous = self.current()
        return ReleaseBuild(number, self._part(number), previous, self.folder(previous) if previous is not None else None)

    def _part(self, number: int) -> Path:
        return self._root / f"{number}{PART}"

    def waiting(self) -> list[int]:
        """The releases that wait for a person's approval, oldest first."""
        return sorted(int(path.stem) for path in self._root.glob(f"*{WAITING}/") if path.stem.isdecimal())

    def waiting_folder(self, number: int) -> Path:
        """Where a release rests while it waits: its shares are not written yet, and no reader sees it."""
        return self._root / f"{number}{WAITING}"

    def put_to_wait(self, build: ReleaseBuild) -> None:
        """Let what was built wait for approval, with the hashes of its files; whoever publishes next leaves it alone."""
        self._require_publisher()
        files = {"files": describe_files(build.folder, known=self._known_hashes(build.previous))}
        seal_folder(build.folder, self.waiting_folder(build.number), files, file_mode=PRIVATE_FILE_MODE, folder_mode=PRIVATE_FOLDER_MODE)

    def go_on(self, number: int, *, without: Collection[str] = ()) -> ReleaseBuild:
        """Build on a release that waits: all its files but those `without` stand linked in `<n>.part`, and it waits on until it is committed.

        Raises PoolError where a file is no longer what it was when the release was put to wait.
        """
        self._require_publisher()
        waiting, part = self.waiting_folder(number), self._part(number)
        noted = json.loads((waiting / MANIFEST).read_bytes())["files"]
        if {name: facts for name, facts in describe_files(waiting).items() if name != MANIFEST} != noted:
            raise PoolError(
                f"发布 {number} 在等待批准期间被改动，不能发布。请查明是谁改动的，用 datapool release refuse {number} 放弃它，再重新运行。"
            )
        remove_folder(part)
        make_parts(part)
        for name in noted:
            if name not in without:
                make_folder((part / name).parent, PRIVATE_FOLDER_MODE)
                os.link(waiting / name, part / name)
        return self._build(number)

    def wait_no_longer(self, number: int) -> None:
        """Remove a release that waited: it was refused, or something else takes its place."""
        self._require_publisher()
        remove_folder(self.waiting_folder(number))

    def abandon(self, build: ReleaseBuild) -> None:
        """Remove an unfinished release and its shares."""
        self._require_publisher()
        remove_folder(build.folder)
        self._shares.remove_release(build.number)

    def commit(
        self, build: ReleaseBuild, manifest: Mapping[str, Any], shares: Sequence[str], *, run: str, actor: str, now: datetime
    ) -> int:
        """Make a release of what was built, with its finished shares, and make it current; returns its number.

        Adds to the manifest: release, previous, run, actor, published_at, files (SHA-256, size), shares (SHA-256 of their manifests), audit (head of the log).
        Raises PoolError when a share is not finished.
        """
        self._require_publisher()
        head = self._audit.head()
        facts = {
            "release": build.number,
            "previous": build.previous,
            "run": run,
            "actor": actor,
            "published_at": now.isoformat(),
            "files": describe_files(build.folder, known=self._known_hashes(build.previous)),
            "shares": {share: self._shares.manifest_sha256(share, build.number) for share in shares},
            "audit": {"number": head.number, "digest": head.digest},
        }
        final = self.folder(build.number)
        seal_folder(build.folder, final, {**manifest, **facts}, file_mode=PRIVATE_FILE_MODE, folder_mode=PRIVATE_FOLDER_MODE)
        self._settle(build.number, now)
        self.wait_no_longer(build.number)
        return build.number

    def _known_hashes(self, number: int | None) -> dict[tuple[int, int], str]:
        """Hashes of the files of a release by (device, inode), so that linked files are not read again."""
        if number is None:
            return {}
        known = {}
        for name, facts in self.manifest(number)["files"].items():
            status = (self.folder(number) / name).stat()
            known[status.st_dev, status.st_ino] = facts["sha256"]
        return known

    def whole(self, number: int) -> dict[str, Any]:
        """The manifest of a release that may be made current; raises PoolError when it or one of its shares is not here, or is kept no longer."""
        if number in self._ledger.upkeep.retired_releases():
            raise PoolError(f"{self.absence(number)}不能回退到它，请选择其他发布。")
        manifest = self.manifest(number)
        missing = [share for share in manifest["shares"] if not self._shares.is_sealed(share, number)]
        if missing:
            raise PoolError(f"发布 {number} 的共享 {'、'.join(missing)} 已不存在，不能回退到它。请选择其他发布。")
        return manifest

    def rollback(self, number: int, *, actor: str, reason: str, now: datetime) -> None:
        """Make an older (or again a newer) release current, shares included; ledger, decisions and erasures stay as they are."""
        self.recover(now=now)
        manifest = self.whole(number)
        details = {"from": self.current(), "reason": reason}
        self._audit.append("release.rollback", str(number), actor, "started", now, details)
        self._point(number, manifest)
        self._audit.append("release.rollback", str(number), actor, "done", now, details)

    def replace(self, number: int, manifest: Mapping[str, Any]) -> None:
        """Let what was built in `fresh_folder` take the place of a release, with another manifest.

        Adds `files` and `shares` to the manifest.
        """
        self._require_publisher()
        final, fresh = self.folder(number), fresh_folder(self.folder(number))
        facts = {
            "files": describe_files(fresh, known=self._known_hashes(number)),
            "shares": {share: self._shares.manifest_sha256(share, number) for share in manifest["shares"]},
        }
        finish_folder(fresh, {**manifest, **facts}, file_mode=PRIVATE_FILE_MODE, folder_mode=PRIVATE_FOLDER_MODE)
        replace_folder(final)

    def note_manifest(self, number: int, *, actor: str, now: datetime) -> None:
        """Let audit log and ledger know the manifest that stands, after the release was replaced; nothing to do where they do."""
        known = {release.release: release for release in self._ledger.releases()}
        manifest = file_sha256(self.folder(number) / MANIFEST)
        if number in known and known[number].manifest_sha256 != manifest:
            self._audit.append("release.rewrite", str(number), actor, "done", now, {"manifest": manifest})
            self._ledger.record_release(dataclasses.replace(known[number], manifest_sha256=manifest))

    def recover(self, *, now: datetime) -> None:
        """Complete a release whose publisher died after its folder was named, and a retirement that was cut off; remove what died before."""
        self._require_publisher()
        for part in self._root.glob(f"*{PART}/"):
            remove_folder(part)
        published = {release.release for release in self._ledger.releases()}
        self.complete_retirements()
        for number in self.numbers():
            if number not in published:
                self._settle(number, now)
        for number in set(self.waiting()) & set(self.numbers()):
            self.wait_no_longer(number)
        self._shares.remove_orphans(set(self.numbers()))
        current = self.current()
        if current is not None:
            self._point(current, self.manifest(current))

    def _settle(self, number: int, now: datetime) -> None:
        manifest = self.manifest(number)
        manifest_sha256 = file_sha256(self.folder(number) / MANIFEST)
        self._point(number, manifest)
        details = {"run": manifest["run"], "manifest": manifest_sha256}
        self._audit.append_once("release.publish", str(number), manifest["actor"], "done", now, details)
        self._ledger.record_release(
            Release(
                release=number,
                previous=manifest["previous"],
                run=manifest["run"],
                actor=manifest["actor"],
                published_at=datetime.fromisoformat(manifest["published_at"]),
                manifest_sha256=manifest_sha256,
            )
        )

    def _point(self, number: int, manifest: Mapping[str, Any]) -> None:
        self._shares.point_all(number, set(manifest["shares"]))
        self._current.write(number)

    def _require_publisher(self) -> None:
        if not self._publisher.is_held:
            raise PoolError("发布、回退都须先取得发布锁（publisher_lock）。")
