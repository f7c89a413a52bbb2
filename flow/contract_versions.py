"""By which contract batches were judged, and what has changed since."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flow.context import Context
from flow.delivered import CONTRACT
from pool import PoolError
from schemas.contract import load_contract
from schemas.evolution.change import Change
from schemas.evolution.contracts import contract_changes
from schemas.snapshot import snapshot, snapshot_digest


@dataclass(frozen=True, slots=True)
class Evolution:
    """How a contract changed: from which version to which; `batches` that count were judged by the old one."""

    id: str
    name: str
    old_version: str
    new_version: str
    changes: Sequence[Change]
    batches: Sequence[str] = ()

    @property
    def is_compatible(self) -> bool:
        return all(change.is_compatible for change in self.changes)


def compare(old: Mapping[str, Any], new: Mapping[str, Any], batches: Sequence[str] = ()) -> Evolution:
    """What changes from one snapshot of a contract to another."""
    return Evolution(new["id"], new["name"], old["version"], new["version"], contract_changes(old, new), batches)


def read_snapshot(path: Path) -> dict[str, Any]:
    """The snapshot of a contract in a YAML file, wherever it lies, or of the contract.json of a batch. Raises ContractError, PoolError."""
    if path.suffix != ".json":
        return snapshot(load_contract(path, anywhere=True))
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as cause:
        raise PoolError(f"{path} 无法读取：{cause}。请给出契约文件，或批次目录中的 {CONTRACT}。") from None
    return content


def changed_since_judged(context: Context, dataset: str | None = None) -> list[Evolution]:
    """How the contracts differ from those that batches which count were judged by, one a dataset (default: all) and older version.

    Raises PoolError when there is no such dataset.
    """
    if dataset is not None and dataset not in context.contracts:
        raise PoolError(f"没有数据集 {dataset}。可用的：{'、'.join(context.contracts)}。")
    found = []
    for id in [dataset] if dataset else context.contracts:
        now = snapshot(context.contracts[id])
        judged_by: dict[str, tuple[dict[str, Any], list[str]]] = {}
        for entry in context.pool.ledger.batches(contract=id, status="accepted"):
            path = context.pool.batches.folder(entry.batch) / CONTRACT
            if path.is_file():
                old = read_snapshot(path)
                judged_by.setdefault(snapshot_digest(old), (old, []))[1].append(entry.batch)
        judged_by.pop(snapshot_digest(now), None)
        found += [compare(old, now, batches) for old, batches in judged_by.values()]
    return found
