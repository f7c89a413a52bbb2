"""What all places that hold files have in common: a listing, what a file is like at the moment, its bytes from an offset on."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from schemas.pull import Completeness

BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as its place describes it; `modified` in seconds since 1970, `tag` what the place itself says tells versions apart."""

    path: str
    size: int
    modified: float
    tag: str = ""

    @property
    def name(self) -> str:
        """The name without folders."""
        return posixpath.basename(self.path)

    @property
    def version(self) -> str:
        """Equal for the same content, as far as a place tells without the bytes."""
        return f"{self.size}:{self.modified:.6f}:{self.tag}"


class RemoteFiles(Protocol):
    """A place that holds files. Every method raises BrokenOff when the way to it breaks off, PullError when it refuses."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def files(self) -> Sequence[RemoteFile]:
        """The files that the location names, links apart."""
        ...

    def describe(self, path: str) -> RemoteFile | None:
        """What a file is like now; None where there is none."""
        ...

    def read(self, path: str, offset: int, size: int) -> Iterator[bytes]:
        """The bytes of a file from an offset on, so many at most."""
        ...


def unready(place: RemoteFiles, file: RemoteFile, completeness: Completeness, now: float) -> str:
    """Why a file does not count as whole yet, in Chinese; empty when it does. `now` in seconds since 1970."""
    if completeness.marker and not any(place.describe(path) for path in markers_of(file.path, completeness.marker)):
        return f"还没有完成标志 {file.name}{completeness.marker}"
    return unsettled(file.name, file.modified, completeness, now)


def unsettled(name: str, modified: float, completeness: Completeness, now: float) -> str:
    """Why a file may still be being written, in Chinese; empty when it rested long enough."""
    if completeness.settled_seconds and modified > now - completeness.settled_seconds:
        return f"{name} 不到 {completeness.settled_seconds} 秒前还在写入（或两边时钟不一致）"
    return ""


def markers_of(path: str, marker: str) -> tuple[str, str]:
    """Where the marker of a file may stand."""
    return path + marker, posixpath.splitext(path)[0] + marker


def fixed_folder(pattern: str) -> str:
    """The folder of a path before its first wildcard."""
    literal = pattern
    for wildcard in "*?":
        literal = literal.partition(wildcard)[0]
    return posixpath.dirname(literal) or "/"
