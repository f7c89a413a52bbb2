"""After a rollback nothing is published again before something has changed, or a person lets it go on."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from flow.context import Context
from pool import Rollback

DIFFERENCES = {
    "contracts": "契约",
    "library": "地址库",
    "rules": "匹配规则",
    "decisions": "人员和单位的人工决定",
    "software": "软件",
    "city": "城市",
    "thresholds": "限值",
    "quality": "质量规则和评分",
}
"""What decides the content of a release beside its batches, and is not undone by going back to it."""


def inputs_digest(inputs: Mapping[str, Any]) -> str:
    """Digest of everything that decides the content of a release (see resolve.release_inputs)."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def is_held(context: Context, inputs: Mapping[str, Any]) -> bool:
    """Whether a release of this is held back: it is what the rollback that still holds would have led to at once."""
    standing = standing_rollback(context)
    return standing is not None and standing.held == inputs_digest(inputs)


def standing_rollback(context: Context) -> Rollback | None:
    """The rollback since which nothing was published and nobody let the run go on."""
    last = next(reversed(context.pool.ledger.upkeep.rollbacks()), None)
    if last is None or not last.held or last.release_to != context.pool.releases.current():
        return None
    newest = max(entry.release for entry in context.pool.ledger.releases())
    return last if last.newest == newest else None


def let_go_on(context: Context) -> None:
    """Let the next run publish although nothing has changed since the rollback. Nothing to do where none holds."""
    standing = standing_rollback(context)
    if standing is not None:
        context.pool.audit.append("release.go_on", str(standing.release_to), context.actor, "done", context.now, {"run": context.run})
        here = standing.release_to
        context.pool.ledger.upkeep.record_rollback(Rollback(here, here, standing.newest, "", context.now, context.actor, "继续发布"))


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What, in Chinese, differs between the inputs of two releases beside their batches."""
    return [label for name, label in DIFFERENCES.items() if before.get(name) != now.get(name)]
