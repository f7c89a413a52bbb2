"""The SQL behind the check of rows: what is wrong with each row, and the two sides of the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from schemas.contract import Column, Contract, Rule
from transforms.current import row_key
from transforms.elements_faults import MESSAGES
from transforms.elements_plain import SURE_AGE
from transforms.elements_sql import code_text, identifier, literal, literals
from transforms.objections import MESSAGES as OBJECTION_MESSAGES
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, Standardised

REASONS = identifier(":reasons")
WARNINGS = identifier(":warnings")
KEY = identifier(":key")
"""The key of a row with reasons, as later deliveries know it; NULL where it cannot be told."""
DATED = identifier(":dated")
"""Whether the same row might be judged otherwise on another day."""
CELLS = f"string_split({ORIGINAL}, {FIELD_SEPARATOR}) AS cells"
"""The texts of a row's cells as received, in the order of the kept columns."""

UNVERIFIED = "unverified"
IDENTIFIER_CHECKS = ("citizen_number", "document_number", "uscc", "registration_number")
NOT_CHECKABLE = "from_15_digits"
IDENTIFIER_LENGTHS = (13, 15, 18)
"""Of registration numbers before 2007 and after, old and new citizen numbers, social credit codes: another length is no typing error of one digit."""
DATED_FAULTS = ("in_future", "birth_in_future", "too_old")
FULL_NUMBER = "[0-9]{17}[0-9X]"
Entry = tuple[str, str, str]
"""SQL test, contract column (empty: the row as a whole), SQL of the rule's code: what a row is told when the test holds."""


def checked_sql(contract: Contract, standard: Standardised, load_date: date) -> str:
    """SELECT of standardised rows with what was found: `REASONS` to reject the row, `WARNINGS` (NULL if none), `KEY`, `DATED`."""
    names = ", ".join(identifier(column.name) for column in standard.columns)
    missing = [identifier(name) for name in contract.key if contract.column(name).required]
    is_known = " AND ".join(
        [f"{standard.faults[name]} IS NULL" for name in contract.key if name in standard.faults]
        + [f"{name} IS NOT NULL" for name in missing]
    )
    return f"""
        SELECT * EXCLUDE (":keyed"), CASE WHEN {REASONS} IS NOT NULL AND ":keyed" THEN {row_key(contract)} END AS {KEY} FROM (
            SELECT sheet, row, {ORIGINAL}, {names}, {UNVERIFIED}, {is_known or "TRUE"} AS ":keyed", {_is_dated(standard, load_date)} AS {DATED},
                   {_list_of(_reasons(contract, standard))} AS {REASONS}, {_list_of(_warnings(contract, standard))} AS {WARNINGS}
            FROM (SELECT *, {_unverified(standard)} AS {UNVERIFIED} FROM ({standard.sql})))"""


def messages(contract: Contract) -> Mapping[str, str]:
    """Chinese message of every code that a check of the contract can give."""
    return {**MESSAGES, **OBJECTION_MESSAGES, **{rule.name: f"不符合规则“{rule.description or rule.name}”" for rule in contract.rules}}


def accepted_sql(table: str, columns: Sequence[Column], refused: Mapping[str, str]) -> str:
    """SELECT of the rows without reasons, with warnings; values of refused columns are NULL."""
    values = ", ".join(
        f"NULL::{column.sql_type} AS {identifier(column.name)}" if column.name in refused else identifier(column.name) for column in columns
    )
    unverified = _without(UNVERIFIED, [column.name for column in columns if column.name in refused and _is_identifier(column)])
    return f"SELECT sheet, row, {values}, {unverified} AS {UNVERIFIED}, {WARNINGS} AS warnings FROM {table} WHERE {REASONS} IS NULL"


def quarantined_sql(table: str, contract: Contract, columns: Sequence[Column], refused: Mapping[str, str]) -> str:
    """SELECT of the rows with reasons: sheet, row, reasons with their messages, original texts by header but for refused columns, key."""
    labels = {column.name: column.label for column in columns}
    message = f'concat_ws(\' \', {_map(labels)}[entry."column"], {_map(messages(contract))}[entry."rule"])'
    reasons = f"list_transform({REASONS}, lambda entry: {{'column': entry.\"column\", 'rule': entry.\"rule\", 'message': {message}}})"
    cells = ", ".join(
        f"{literal(column.physical_name)}: nullif(cells[{place}], '')"
        for place, column in enumerate(columns, start=1)
        if column.name not in refused
    )
    # A cell that itself holds the separator leaves no way to tell which text was whose.
    undivided = "'{}'" if refused else f"to_json({{'原文': replace({ORIGINAL}, {FIELD_SEPARATOR}, ' ')}})"
    original = f"CASE WHEN len(cells) = {len(columns)} THEN json_merge_patch('{{}}', to_json({{{cells}}})) ELSE {undivided} END"
    return f"""
        SELECT sheet, row, {reasons} AS reasons, CAST({original} AS VARCHAR) AS original,
               {"NULL::VARCHAR" if set(contract.key) & refused.keys() else KEY} AS row_key
        FROM (SELECT *, {CELLS} FROM {table} WHERE {REASONS} IS NOT NULL)"""


def digests_sql(table: str, contract: Contract) -> str:
    """SELECT of sheet, row and digest of the rows whose verdict holds for the same text in another file, on another day.

    Being a copy is a matter of the file. A row without a key may stand twice in one.
    """
    is_good = f"{REASONS} IS NULL AND {row_key(contract)} IS NOT NULL"
    return f"""
        SELECT sheet, row, digest_low, digest_high FROM ({with_digests(table)})
        WHERE NOT {DATED} AND ({is_good} OR NOT starts_with({REASONS}[1].rule, 'duplicate_'))"""


def with_digests(text: str) -> str:
    """SELECT of all columns of `text`, rows with `ORIGINAL`, and the digest of it.

    128 bits that no release of the engine changes, in halves, for Parquet knows no longer numbers.
    """
    halves = "(digest & 18446744073709551615)::UBIGINT AS digest_low, (digest >> 64)::UBIGINT AS digest_high"
    return f"SELECT * EXCLUDE digest, {halves} FROM (SELECT *, md5_number({ORIGINAL}) AS digest FROM {text})"


def _reasons(contract: Contract, standard: Standardised) -> list[Entry]:
    """Required values that are missing or faulty; broken rules, and with them the faults that emptied the columns they read."""
    entries = [
        (f"{identifier(column.name)} IS NULL", column.name, f"coalesce({standard.faults.get(column.name, 'NULL')}, 'required')")
        for column in standard.columns
        if column.required
    ]
    required = {column for _, column, _ in entries}
    for rule in contract.rules:
        if rule.severity != "reject":
            continue
        entries.append((is_broken(rule), "", literal(rule.name)))
        emptied = ((name, standard.faults[name]) for name in rule.columns if name in standard.faults and name not in required)
        entries += [(f"({is_broken(rule)} AND {fault} IS NOT NULL)", name, fault) for name, fault in emptied]
    return entries


def _warnings(contract: Contract, standard: Standardised) -> list[Entry]:
    """Faults of optional values, repairs and doubts, disagreements within the row, broken rules that reject nothing."""
    optional = {column.name for column in standard.columns if not column.required}
    entries = [(f"{fault} IS NOT NULL", name, fault) for name, fault in standard.faults.items() if name in optional]
    for name, note in standard.notes.items():
        fault = standard.faults.get(name)
        entries.append((f"({note} IS NOT NULL AND {fault} IS NULL)" if fault else f"{note} IS NOT NULL", name, note))
    entries += cross_checks(contract)
    entries += [(is_broken(rule), "", literal(rule.name)) for rule in contract.rules if rule.severity != "reject"]
    return entries


def is_broken(rule: Rule) -> str:
    """SQL test whether typed values break a rule."""
    return f"(({rule.sql}) IS FALSE)"


def has_full_number(name: str) -> str:
    """SQL test whether a column holds a citizen number of 18 places."""
    return f"regexp_full_match({identifier(name)}, '{FULL_NUMBER}')"


def cross_checks(contract: Contract, is_full: Callable[[str], str] = has_full_number) -> list[Entry]:
    """Sex and birth date that disagree with the citizen number in the same fact, over typed values. is_full: `has_full_number` or a quicker test."""
    found: list[Entry] = []
    for number, sex, birth in numbered(contract):
        full = is_full(number)
        if isinstance(sex, str):
            differs = f"(CAST({identifier(number)}[17] AS INTEGER) % 2 = 1) <> ({identifier(sex)} = '1')"
            found.append(
                (f"CASE WHEN {full} AND {identifier(sex)} IN ('1', '2') THEN {differs} ELSE FALSE END", sex, "'sex_against_number'")
            )
        if isinstance(birth, str):
            day = f"year({identifier(birth)}) * 10000 + month({identifier(birth)}) * 100 + day({identifier(birth)})"
            differs = f"CAST({identifier(number)}[7:14] AS INTEGER) <> {day}"
            found.append((f"CASE WHEN {full} THEN coalesce({differs}, FALSE) ELSE FALSE END", birth, "'birth_against_number'"))
    return found


def numbered(contract: Contract) -> Iterator[tuple[str, object, object]]:
    """The columns of the number of a person, and those of sex and birth date beside it if there are any."""
    for fact in contract.facts:
        number = fact.columns.get("citizen_number", fact.columns.get("document_number"))
        if fact.table == "person" and isinstance(number, str):
            yield number, fact.columns.get("sex_code"), fact.columns.get("birth_date")


def _list_of(entries: Sequence[Entry]) -> str:
    """SQL of LIST(STRUCT(column, rule)) of the entries whose test holds; NULL if none does, which costs next to nothing."""
    if not entries:
        return 'NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[]'
    structs = ", ".join(f"""CASE WHEN {test} THEN {{'column': {literal(column)}, 'rule': {rule}}} END""" for test, column, rule in entries)
    return f"CASE WHEN {' OR '.join(test for test, _, _ in entries)} THEN list_filter([{structs}], lambda entry: entry IS NOT NULL) END"


def _unverified(standard: Standardised) -> str:
    """SQL of a JSON object: the columns whose identifier is faulty or has no check digit, with its text; NULL if there is none.

    The text is what a typing error can be told by; without another witness nobody takes it for the number it resembles.
    """
    found = []
    for place, column in enumerate(standard.columns, start=1):
        fault, note = standard.faults.get(column.name), standard.notes.get(column.name)
        if _is_identifier(column) and fault and note:
            found.append((identifier(column.name), f"({fault} IS NOT NULL OR {note} = {literal(NOT_CHECKABLE)})", place))
    if not found:
        return "NULL::VARCHAR"
    cells = f"string_split({ORIGINAL}, {FIELD_SEPARATOR})"
    lengths = ", ".join(map(str, IDENTIFIER_LENGTHS))
    texts = ", ".join(
        f"{name}: CASE WHEN {test} AND strlen({code_text(f'{cells}[{place}]')}) IN ({lengths}) THEN {code_text(f'{cells}[{place}]')} END"
        for name, test, place in found
    )
    any_found = " OR ".join(test for _, test, _ in found)
    return f"CASE WHEN {any_found} THEN nullif(CAST(json_merge_patch('{{}}', to_json({{{texts}}})) AS VARCHAR), '{{}}') END"


def _without(unverified: str, refused: Sequence[str]) -> str:
    """SQL of the object of unverified identifiers without those of refused columns."""
    if not refused:
        return unverified
    removed = ", ".join(f'"{name}": null' for name in refused)
    return f"nullif(CAST(json_merge_patch({unverified}, {literal(f'{{{removed}}}')}) AS VARCHAR), '{{}}')"


def _is_identifier(column: Column) -> bool:
    return column.element is not None and column.element.check in IDENTIFIER_CHECKS


def values_hash(columns: Sequence[Column]) -> str:
    """SQL of a hash of a row's values, to compare rows of one key: equal for those that say the same, in whatever spelling."""
    return f"hash({', '.join([*(identifier(column.name) for column in columns), UNVERIFIED])})"


def _is_dated(standard: Standardised, load_date: date) -> str:
    oldest = load_date.year - SURE_AGE
    tests = []
    for column in standard.columns:
        name, check = identifier(column.name), column.element.check if column.element else None
        if check == "past_date":
            tests.append(f"{name} < DATE '{oldest}-01-01'")
        elif check in ("citizen_number", "document_number"):
            tests.append(f"{name}[7:10] < '{oldest}'")
        if check in ("past_date", "citizen_number", "document_number") and column.name in standard.faults:
            tests.append(f"{standard.faults[column.name]} IN ({literals(DATED_FAULTS)})")
    return f"coalesce({' OR '.join(tests)}, FALSE)" if tests else "FALSE"


def _map(entries: Mapping[str, str]) -> str:
    return "MAP {" + ", ".join(f"{literal(key)}: {literal(value)}" for key, value in entries.items()) + "}"
