"""What the three steps of a release tell each other: a note in the folder being built, which becomes its manifest."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flow.context import Context
from pool import PoolError, ReleaseBuild

BUILD_FILE = "build.json"
LINKED = "linked"
"""Among the facts: the tables that were taken over from the release before without being made anew."""


@dataclass(frozen=True, slots=True)
class Build:
    """A release being built and what is known of it so far."""

    release: ReleaseBuild
    facts: dict[str, Any]


def note_build(context: Context, release: ReleaseBuild, facts: dict[str, Any]) -> None:
    """Leave a note for the next step."""
    (release.folder / BUILD_FILE).write_text(json.dumps({"run": context.run} | facts, ensure_ascii=False, default=str), encoding="utf-8")


def resume_build(context: Context, number: int) -> Build:
    """The release that an earlier step of this run began; raises PoolError when another run has taken its place."""
    release = context.pool.releases.resume(number)
    facts = json.loads((release.folder / BUILD_FILE).read_text(encoding="utf-8"))
    if facts.pop("run") != context.run:
        raise PoolError(f"正在构建的发布 {number} 属于另一次运行，本次运行不能接着做。请重新运行发布。")
    return Build(release, facts)


def drop_build(context: Context, number: int) -> None:
    """Remove a release that cannot be finished, if it is still there: nobody goes on with it, and where the disk is full its place is needed."""
    with suppress(PoolError, OSError), context.pool.publisher_lock(holder=context.run):
        context.pool.releases.abandon(resume_build(context, number).release)


def close_build(build: Build) -> dict[str, Any]:
    """Take the note away and return what goes into the manifest."""
    (build.release.folder / BUILD_FILE).unlink()
    return build.facts
