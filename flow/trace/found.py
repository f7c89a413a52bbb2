"""What the path found in single rows: how the check judged them, and which standard address their texts got, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching import REASONS, explain_faults
from flow.context import Context
from flow.contract_versions import read_snapshot
from flow.delivered import CONTRACT, UNREADABLE_ROW, create_delivered, rejected_rows, warned_rows
from flow.rematch import results_in
from flow.review.case import case_id_of
from flow.workspace import sql_path
from pool import Receipt
from schemas.codes import code_list
from schemas.contract import AddressUse, Contract
from schemas.snapshot import snapshot
from transforms.check_sql import messages
from transforms.claims import address_input_key
from transforms.deliveries import Delivered
from transforms.erase import ERASED
from transforms.identity import sql_literal
from transforms.mask import mask_expression, masked_text

Place = tuple[str, int]
"""Sheet and row."""
NO_RESULTS = """
    SELECT '' AS input_key, 1 AS part, '' AS address_id, '' AS level, '' AS status, 0.0 AS score, '' AS reason, '' AS faults, []::VARCHAR[] AS candidates
    WHERE FALSE"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a check says of a row: the column it speaks of (empty: the row as a whole), the rule, the sentence."""

    column: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """How a row was judged: by which version of the contract, which of its rules it keeps, what it was warned of, why it was rejected.

    passed: the sentences of the rules. The columns' own checks, `columns` in number, are passed but for what `warnings` and `reasons` say.
    """

    version: str
    columns: int
    passed: Sequence[str]
    warnings: Sequence[Told]
    reasons: Sequence[Told]


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """Which standard address a text of a row got, and why; `text` and `standard` are masked unless asked for in full.

    case: the digest of the text, under which people decide on it. reason: in Chinese, `basis` its code. faults: in Chinese. town: as the report counts it.
    """

    column: str
    text: str
    part: int
    status: str
    level: str
    reason: str
    basis: str
    score: float | None
    faults: Sequence[str]
    address_id: str
    standard: str
    town: str
    candidates: int
    case: str

    def sentence(self) -> str:
        """The match in one Chinese sentence."""
        status = code_list("match_status")[self.status]
        if self.status == "unmatched":
            return f"{self.column}“{self.text}”：{status}，{self.reason}"
        level, faults = code_list("address_level")[self.level], f"；差异：{'、'.join(self.faults)}" if self.faults else ""
        several = f"；另有 {self.candidates} 个候选" if self.candidates else ""
        sure = f"，把握 {self.score:.2%}" if self.score is not None else ""
        return f"{self.column}“{self.text}”：{status}到{level}“{self.standard}”（{self.address_id}），依据：{self.reason}{faults}{sure}{several}"


@dataclass(frozen=True, slots=True)
class Found:
    """Of one row, its check and its address matches."""

    check: Check
    addresses: Sequence[AddressMatch]


@dataclass(frozen=True, slots=True)
class Setting:
    """By what results were made: folder of the tables of the release, version of its library and of the matching rules."""

    connection: DuckDBPyConnection
    context: Context
    tables: Path
    library: str
    rules: str


def found_in(setting: Setting, receipt: Receipt, contract: Contract, places: Sequence[Place], *, unmasked: bool) -> dict[Place, Found]:
    """What was found in rows of one batch; nothing of a batch whose folder is kept no longer."""
    context = setting.context
    if not context.pool.batches.is_sealed(receipt.batch):
        return {}
    checks = _checks(setting, receipt, contract, places)
    matches = _matches(setting, receipt, contract, places, unmasked)
    return {place: Found(check, matches[place]) for place, check in checks.items()}


def _checks(setting: Setting, receipt: Receipt, contract: Contract, places: Sequence[Place]) -> dict[Place, Check]:
    context, batch = setting.context, receipt.batch
    path = context.pool.batches.folder(batch) / CONTRACT
    then = read_snapshot(path) if path.is_file() else snapshot(contract)
    warned = _by_place(setting, f"SELECT sheet, row, warnings AS told FROM ({warned_rows(context, [batch])})", places)
    rejected = _by_place(setting, f"SELECT sheet, row, reasons AS told FROM ({rejected_rows(context, [batch])})", places)
    return {
        place: _check(then, contract, warned.get(place) or [], rejected.get(place) or [])
        for place in places
        if place in warned or place in rejected
    }


def _by_place(setting: Setting, select: str, places: Sequence[Place]) -> dict[Place, Any]:
    rows = setting.connection.execute(f"SELECT sheet, row, told FROM ({select}) WHERE {at(places)}").fetchall()
    return {(sheet, row): told for sheet, row, told in rows}


def at(places: Sequence[Place]) -> str:
    """SQL test whether a row is one of these."""
    listed = ", ".join(f"({sql_literal(sheet)}, {row})" for sheet, row in places)
    return f"(sheet, row) IN ({listed})" if places else "FALSE"


def _check(
    then: Mapping[str, Any], contract: Contract, warned: Sequence[Mapping[str, str]], rejected: Sequence[Mapping[str, str]]
) -> Check:
    labels, sentences = {column.name: column.label for column in contract.columns}, messages(contract)
    warnings = [
        Told(
            each["column"],
            each["rule"],
            " ".join(part for part in (labels.get(each["column"]), sentences.get(each["rule"], each["rule"])) if part),
        )
        for each in warned
    ]
    reasons = [Told(each["column"], each["rule"], each["message"]) for each in rejected]
    broken = {each.rule for each in (*warnings, *reasons)}
    passed = [each["description"] or each["name"] for each in then["rules"] if each["name"] not in broken]
    not_judged = bool(broken & {UNREADABLE_ROW, ERASED})
    return Check(then["version"], len(then["columns"]), [] if not_judged else passed, warnings, reasons)


def _matches(
    setting: Setting, receipt: Receipt, contract: Contract, places: Sequence[Place], unmasked: bool
) -> Mapping[Place, list[AddressMatch]]:
    found: dict[Place, list[AddressMatch]] = defaultdict(list)
    if not contract.addresses:
        return found
    delivered = create_delivered(setting.connection, setting.context, contract, [Delivered(receipt.batch, "", 0, 0, 0, "")])
    asked = " UNION ALL ".join(
        f"SELECT {number} AS use, sheet, row, {use.text} AS text, {address_input_key(use, 'rows')} AS record_id "
        f"FROM {delivered} AS rows WHERE {at(places)} AND {use.text} IS NOT NULL"
        for number, use in enumerate(contract.addresses)
    )
    setting.connection.execute(f"CREATE OR REPLACE TEMP TABLE asked_texts AS {asked}")
    shown = "full_text" if unmasked else mask_expression(setting.context.tables["address"].column("full_text"))
    for sheet, row, use, *result in setting.connection.execute(f"""
        SELECT sheet, row, use, text, coalesce(part, 1), coalesce(results.status, 'unmatched'), coalesce(results.level, ''), reason, score,
               faults, results.address_id, len(candidates), {shown}, address.town
        FROM asked_texts
        LEFT JOIN ({_results(setting)}) AS results ON asked_texts.record_id = results.input_key
        LEFT JOIN read_parquet({sql_path(setting.tables / "address.parquet")}) AS address ON results.address_id = address.address_id
        ORDER BY sheet, row, use, part""").fetchall():
        found[sheet, row].append(_match(contract, contract.addresses[use], result, unmasked))
    return found


def _results(setting: Setting) -> str:
    """SQL of the address results of the texts asked for: they may stand under the name of any batch that had the text first."""
    layers = setting.context.pool.matches.layers(setting.library, setting.rules)
    return results_in(layers, "asked_texts") if layers else NO_RESULTS


def _match(contract: Contract, use: AddressUse, result: Sequence[Any], unmasked: bool) -> AddressMatch:
    text, part, status, level, reason, score, faults, address_id, candidates, standard, town = result
    column = contract.column(use.text)
    return AddressMatch(
        column=column.physical_name,
        text=text if unmasked else masked_text(column, text),
        part=part,
        status=status,
        level=level,
        reason=REASONS.get(reason, "没有留下匹配结果"),
        basis=reason or "",
        score=score,
        faults=explain_faults(faults or ""),
        address_id=address_id or "",
        standard=standard or "",
        town=town or "",
        candidates=candidates or 0,
        case=case_id_of(text),
    )
