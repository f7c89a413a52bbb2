"""The table that keeps what earlier releases said of the records of another table: its contract follows from that table's."""

from __future__ import annotations

from dataclasses import replace

from schemas.model import KNOWN_FROM, KNOWN_TO, Column, Contract
from schemas.register import register

SUFFIX = "_version"


def version_table(table: str) -> str:
    """The name of the table that keeps the versions of another one."""
    return table + SUFFIX


def versions_of(contract: Contract) -> Contract:
    """The contract of the former versions of a table's records: its columns and from which release to which each version held.

    Its key is the table's and the release the version began with.
    """
    position = len(contract.key) + 1
    known = (_release(KNOWN_FROM, "自哪一版发布起", position), _release(KNOWN_TO, "到哪一版发布止（不含）", None))
    return replace(
        contract,
        id=f"{contract.system}.{version_table(contract.dataset)}",
        dataset=version_table(contract.dataset),
        name=f"{contract.name}旧版本",
        table_label=f"{contract.table_label}旧版本",
        description=f"“{contract.name}”中被后来的发布改动或撤下的记录，原样保留；现行的记录在 {contract.dataset} 表",
        columns=(*contract.columns, *known),
        key=(*contract.key, KNOWN_FROM),
        versions=False,
    )


def _release(name: str, label: str, key_position: int | None) -> Column:
    element = register()["release_number"]
    return Column(
        name=name,
        physical_name=name,
        label=label,
        synonyms=(),
        logical_type=element.logical_type,
        required=True,
        unique=False,
        primary_key_position=key_position,
        element=element,
        mask=element.mask,
        level=element.level,
        ignored=False,
        references=None,
        description="",
    )
