"""Which releases may go: by the city's rule, but never the current one, its neighbours, and what was current lately."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from flow.context import Context
from transforms.retention import kept_releases


@dataclass(frozen=True, slots=True)
class ReleaseFate:
    """A release that is here, and why it stays; `kept_by` is empty for one that may go."""

    release: int
    published_at: datetime
    kept_by: Sequence[str]


def release_fates(context: Context) -> list[ReleaseFate]:
    """What is to become of every release that is here, oldest first."""
    published = {entry.release: entry.published_at for entry in context.pool.ledger.releases()}
    here = [number for number in context.pool.releases.numbers() if number in published]
    standing = sorted(set(here) - context.pool.ledger.upkeep.retired_releases())
    kept: dict[int, list[str]] = defaultdict(list)
    for number, why in (*_in_use(context, standing), *_lately_current(context)):
        if why not in kept[number]:
            kept[number].append(why)
    moments = [(number, context.local_time(published[number])) for number in standing]
    for number, rules in kept_releases(moments, context.city.retention).items():
        kept[number] += rules
    return [ReleaseFate(number, published[number], kept[number]) for number in standing]


def _in_use(context: Context, standing: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The current release, and where a rollback would go first: those next to it, the one it was made from, the one that was left for it."""
    current = context.pool.releases.current()
    if current is None:
        return
    yield current, "当前发布"
    made_from = {entry.release: entry.previous for entry in context.pool.ledger.releases()}.get(current)
    left = [rollback.release_from for rollback in context.pool.ledger.upkeep.rollbacks()[-1:] if rollback.release_to == current]
    before, after = ([number for number in standing if number < current], [number for number in standing if number > current])
    for number in {made_from, *left, *before[-1:], *after[:1]} - {None, current}:
        if number is not None:
            yield number, "与当前发布相邻，供回退"


def _lately_current(context: Context) -> Iterator[tuple[int, str]]:
    """What was current within the time of grace: somebody may have opened its share without the pool's commands."""
    hours = context.city.retention.grace_hours
    since = context.now - timedelta(hours=hours)
    became = [(entry.published_at, entry.release) for entry in context.pool.ledger.releases()]
    became += [(rollback.at, rollback.release_to) for rollback in context.pool.ledger.upkeep.rollbacks()]
    became.sort()
    for (_, number), (left_at, _) in pairwise(became):
        if left_at > since:
            yield number, f"{hours} 小时内曾是当前发布"
