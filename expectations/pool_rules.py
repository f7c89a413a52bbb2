"""Rules that the tables of a release keep together, from the YAML files in ``rules/``: read and checked, a fault told by file and line."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from schemas.contract import pool_contracts
from schemas.documents import Document, did_you_mean, entries

FOLDER = Path(__file__).parent / "rules"
KINDS: Mapping[str, str] = {"columns": "跨列", "tables": "跨表", "sources": "跨来源", "time": "跨时间", "deliveries": "报送"}
"""The files of rules, one a kind."""
DIMENSIONS: Mapping[str, str] = {
    "conformity": "规范性",
    "completeness": "完整性",
    "accuracy": "准确性",
    "consistency": "一致性",
    "timeliness": "时效性",
    "accessibility": "可访问性",
}
"""The dimensions of GB/T 36344."""
SEVERITIES = ("block", "warn")
PREVIOUS = "previous_"
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "scope": {"release": "BIGINT", "data_date": "DATE", "now_local": "TIMESTAMP"},
    "city_limit": {"name": "VARCHAR", "value": "DOUBLE"},
    "city_extent": {"west": "DOUBLE", "east": "DOUBLE", "south": "DOUBLE", "north": "DOUBLE"},
    "level_rank": {"level": "VARCHAR", "rank": "BIGINT"},
    "ended_state": {"table_name": "VARCHAR", "kind": "VARCHAR", "code_list": "VARCHAR", "code": "VARCHAR"},
    "coded_column": {"dataset": "VARCHAR", "table_name": "VARCHAR", "column_name": "VARCHAR", "code_list": "VARCHAR"},
    "source_file": {"file_key": "VARCHAR", "dataset": "VARCHAR"},
    "register": {"dataset": "VARCHAR", "table_name": "VARCHAR"},
    "dataset": {
        "dataset": "VARCHAR",
        "department": "VARCHAR",
        "frequency_days": "DOUBLE",
        "latency_hours": "DOUBLE",
        "newest_period": "DATE",
    },
    "delivery": {
        "batch": "VARCHAR",
        "dataset": "VARCHAR",
        "period": "DATE",
        "received_at": "TIMESTAMP",
        "status": "VARCHAR",
        "received": "BIGINT",
    },
    "volume": {"release": "BIGINT", "dataset": "VARCHAR", "rows": "BIGINT"},
    "address_rate": {"dataset": "VARCHAR", "town": "VARCHAR", "level": "VARCHAR", "status": "VARCHAR", "rows": "BIGINT"},
    "stated_place": {
        "key": "VARCHAR",
        "dataset": "VARCHAR",
        "file_key": "VARCHAR",
        "sheet": "VARCHAR",
        "row": "BIGINT",
        "subject_table": "VARCHAR",
        "subject_key": "VARCHAR",
        "division_code": "VARCHAR",
        "stated_on": "DATE",
        "longitude": "DOUBLE",
        "latitude": "DOUBLE",
    },
}
"""What rules may look at beside the tables of a release: columns and SQL types by name. Times are on the city's clock.

`coded_column`: from which code list a dataset takes what it says of a column. `register`: datasets whose own numbers a table's records bear.
`stated_place`: division code and position of each address of each row that counts, as its source states them, and the record the row is about; the key
is made of this record, the dataset and the column of the address, the same in every delivery.
"""
OF_DATASETS: Mapping[str, tuple[str, ...]] = {"dataset": ("dataset",), "delivery": ("batch",), "stated_place": ("key",)}
"""Surroundings whose rows a rule may be about, with their keys."""
_REQUIRED = ("sentence", "dimension", "severity", "table")
_OPTIONAL = ("columns", "reads", "holds", "broken", "detail")


@dataclass(frozen=True, slots=True)
class PoolRule:
    """One rule about the tables of a release.

    ``sentence`` says in Chinese what must hold; ``table`` is what its records are counted in, ``reads`` all that it looks at. Either ``holds`` is an SQL
    condition on a row of the table, TRUE when the row is good (NULL counts as good), and ``detail`` SQL of what is said of a broken one; or ``broken`` is a
    SELECT of the broken records: `key`, and where known `detail`, `table_name`, `dataset`, and `file_key, sheet, row` of the row to blame. ``columns`` are
    those whose source answers for a broken record, the most doubtful first. ``severity``: `block` keeps the release back, `warn` is told.
    """

    name: str
    kind: str
    sentence: str
    dimension: str
    severity: Literal["block", "warn"]
    table: str
    columns: tuple[str, ...]
    reads: tuple[str, ...]
    holds: str
    broken: str
    detail: str


@cache
def pool_rules() -> tuple[PoolRule, ...]:
    """All rules in the order of the kinds and of their files. Raises ContractError."""
    rules = tuple(rule for kind in KINDS for rule in load_rules(FOLDER / f"{kind}.yaml"))
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.name in seen:
            document = Document(FOLDER / f"{rule.kind}.yaml")
            document.fault((rule.name,), f"规则“{rule.name}”在 {seen[rule.name]}.yaml 中已有", "请换一个名字")
            document.stop_if_faulty()
        seen[rule.name] = rule.kind
    return rules


def load_rules(path: Path) -> tuple[PoolRule, ...]:
    """The rules of one file, which is named after their kind. Raises ContractError naming lines, causes and cures in Chinese."""
    document = Document(path)
    if path.stem not in KINDS:
        document.fault((), f"没有“{path.stem}”这一类规则", did_you_mean(path.stem, list(KINDS)))
    found = entries(document)
    for name, entry in found.items():
        _note_faults(document, name, entry)
    document.stop_if_faulty()
    return tuple(_rule(path.stem, name, entry) for name, entry in found.items())


def rules_digest() -> str:
    """Digest of the files of rules and scores: other rules make another release."""
    files = sorted([*FOLDER.glob("*.yaml"), FOLDER.parent / "scores.yaml"])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def readable() -> dict[str, Mapping[str, str]]:
    """Everything a rule may look at, with its columns and their SQL types: the tables of this release and of the one before, and what surrounds them."""
    tables = {name: {column.name: column.sql_type for column in table.columns} for name, table in pool_contracts().items()}
    return {**tables, **{PREVIOUS + name: columns for name, columns in tables.items()}, **SURROUNDINGS}


def _rule(kind: str, name: str, entry: Mapping[str, Any]) -> PoolRule:
    return PoolRule(
        name=name,
        kind=kind,
        sentence=entry["sentence"],
        dimension=entry["dimension"],
        severity=entry["severity"],
        table=entry["table"],
        columns=tuple(entry.get("columns", ())),
        reads=tuple(entry.get("reads", (entry["table"],))),
        holds=entry.get("holds", ""),
        broken=entry.get("broken", ""),
        detail=entry.get("detail", ""),
    )


def _note_faults(document: Document, name: str, entry: Mapping[str, Any]) -> None:
    for key in entry:
        if key not in (*_REQUIRED, *_OPTIONAL):
            document.fault((name, str(key)), f"规则“{name}”不认识“{key}”", did_you_mean(str(key), [*_REQUIRED, *_OPTIONAL]))
    for key in _REQUIRED:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            document.fault((name, key), f"规则“{name}”缺少“{key}”", "请补上，写成文本")
    for key in ("holds", "broken", "detail"):
        if key in entry and not isinstance(entry[key], str):
            document.fault((name, key), f"规则“{name}”的“{key}”应是 SQL 文本", "请加引号，或改用“>-”折行")
    _note_unknown(document, name, entry)
    if ("holds" in entry) == ("broken" in entry):
        document.fault((name,), f"规则“{name}”应写 holds 或 broken，且只写一个", "holds 写合格的条件，broken 写查出不合格记录的 SELECT")
    if "detail" in entry and "holds" not in entry:
        document.fault((name, "detail"), f"规则“{name}”写了 broken，不能再写 detail", "请在 broken 的 SELECT 里给出 detail 列")
    if "broken" in entry and "reads" not in entry:
        document.fault((name,), f"规则“{name}”没有写明看哪些表（reads）", "请列出 broken 用到的全部表")


def _note_unknown(document: Document, name: str, entry: Mapping[str, Any]) -> None:
    """Words that are on no list: dimension, severity, tables, columns."""
    known = readable()
    for key, words in (("dimension", tuple(DIMENSIONS)), ("severity", SEVERITIES)):
        if isinstance(entry.get(key), str) and entry[key] not in words:
            document.fault((name, key), f"规则“{name}”的 {key} 没有“{entry[key]}”", did_you_mean(entry[key], words))
    tables = (*pool_contracts(), *OF_DATASETS)
    table = entry.get("table")
    if isinstance(table, str) and table not in tables:
        document.fault((name, "table"), f"规则“{name}”的 table 没有“{table}”", did_you_mean(table, tables))
    for key, words in (("reads", tuple(known)), ("columns", tuple(known.get(str(table), ())))):
        listed = entry.get(key, [])
        if not isinstance(listed, list):
            document.fault((name, key), f"规则“{name}”的 {key} 应是列表", "例如 [person, residence]")
            continue
        for place, word in enumerate(listed):
            if str(word) not in words:
                document.fault((name, key, place), f"规则“{name}”的 {key} 没有“{word}”", did_you_mean(str(word), words))
