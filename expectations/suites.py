"""What a contract promises, written as named expectations that a person can read and Great Expectations can run."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from schemas.codes import code_lists
from schemas.contract import Column, Contract, Rule
from schemas.register import Element

_SHAPES = {
    "citizen_number": r"^[1-9]\d{16}[0-9X]$",
    "uscc": r"^[0-9A-HJ-NPQRTUWXY]{18}$",
    "registration_number": r"^(\d{13}|\d{15})$",
    "organisation_code": r"^[0-9A-Z]{8}[0-9X]$",
}
"""What a value looks like after its check: the check digit itself was computed when the row was read."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One statement about a table.

    `type` is a class of `great_expectations.expectations`, `arguments` what it is called with; `name` is unique in its suite;
    `rule` is what the statement derives from (`required`, `unique`, `pattern`, ..., or the name of a contract's rule);
    `dimension` is one of ODCS; `severity` is `reject`, `warn` or `block`.
    """

    name: str
    type: str
    rule: str
    description: str
    dimension: str
    severity: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suite:
    """The expectations on one table; `table` is the name it has in SQL, `title` its Chinese name."""

    name: str
    title: str
    table: str
    expectations: tuple[Expectation, ...]


def suite_for(contract: Contract) -> Suite:
    """What the accepted rows of a dataset must satisfy.

    Columns are there, there is at least one row, required columns have values, the key is unique, codes are listed,
    identifiers have their shape, quantities are within bounds, and every rule of the contract holds.
    """
    columns = [column for column in contract.columns if not column.ignored]
    expectations = [
        _columns_present(columns),
        _some_rows(),
        *(_required(column) for column in columns if column.required),
        *_unique(contract),
        *_of_elements(columns, "reject"),
        *(_row_rule(rule) for rule in contract.rules),
    ]
    return Suite(contract.id, contract.name, contract.dataset, tuple(expectations))


def suite_for_release(pool_contracts: Mapping[str, Contract], empty: Collection[str] = ()) -> tuple[Suite, ...]:
    """What the tables of a release must satisfy, one suite a table: whole keys, references that lead somewhere, the rules.

    Broken keys and references block the release; values were checked as they came in, here they only warn. A reference to a
    table that is not among the contracts must be empty; a history may point at what is no more. Tables that are `empty` must have
    their columns: whatever is said of rows holds where there are none.
    """
    return tuple(
        Suite(contract.id, contract.name, table, tuple(_of_table(contract) if table in empty else _of_rows(contract, pool_contracts)))
        for table, contract in pool_contracts.items()
    )


def broken_rows(condition: str) -> str:
    """Query for the rows of the batch where a condition is false; unknown counts as good, as in SQL's own CHECK."""
    # Great Expectations reads braces as its own placeholders and SQLAlchemy a colon as the start of a parameter.
    escaped = condition.replace("{", "{{").replace("}", "}}").replace(":", r"\:")
    return f"SELECT 1 AS broken FROM {{batch}} WHERE ({escaped}) IS FALSE"


def _of_table(contract: Contract) -> Iterator[Expectation]:
    yield _columns_present([column for column in contract.columns if not column.ignored])


def _of_rows(contract: Contract, pool_contracts: Mapping[str, Contract]) -> Iterator[Expectation]:
    columns = [column for column in contract.columns if not column.ignored]
    yield from _of_table(contract)
    yield from (_required(column, "block") for column in columns if column.required)
    yield from _unique(contract, "block")
    for column in columns:
        if column.references and not contract.is_history:
            yield _reference(column, *column.references, pool_contracts)
    yield from _of_elements(columns, "warn")
    yield from (_row_rule(rule) for rule in contract.rules)


def _columns_present(columns: list[Column]) -> Expectation:
    names = [column.name for column in columns]
    arguments = {"column_set": names, "exact_match": False}
    return Expectation(
        "columns", "ExpectTableColumnsToMatchSet", "columns", f"契约中的 {len(names)} 个字段齐全", "conformity", "block", arguments
    )


def _some_rows() -> Expectation:
    return Expectation("rows", "ExpectTableRowCountToBeBetween", "rows", "至少有一行", "completeness", "block", {"min_value": 1})


def _required(column: Column, severity: str = "reject") -> Expectation:
    return _on_column(column, "ExpectColumnValuesToNotBeNull", "required", "不为空", "completeness", severity)


def _unique(contract: Contract, severity: str = "reject") -> Iterator[Expectation]:
    labels = {column.name: column.label for column in contract.columns}
    keys: dict[str, tuple[str, ...]] = {
        column.name: (column.name,) for column in contract.columns if column.unique or contract.key == (column.name,)
    }
    if len(contract.key) > 1:
        keys = {"key": contract.key, **keys}
    for name, key in keys.items():
        said = f"“{'、'.join(labels[each] for each in key)}”{'的组合' if len(key) > 1 else ''}不重复"
        query = {"unexpected_rows_query": _repeated_rows(key)}
        yield Expectation(f"{name}.unique", "UnexpectedRowsExpectation", "unique", said, "uniqueness", severity, query)


def _repeated_rows(key: tuple[str, ...]) -> str:
    """Query for the rows whose key occurs again; a key of one column that has no value is none.

    Hashes go first: half of the time and memory of Great Expectations' own window over whole keys.
    """
    names = ", ".join(f'"{name}"' for name in key)
    given = f"{names} IS NOT NULL" if len(key) == 1 else "TRUE"
    repeated = f"SELECT hash({names}) FROM {{batch}} WHERE {given} GROUP BY ALL HAVING count(*) > 1"
    return f"SELECT 1 AS broken FROM {{batch}} WHERE {given} AND hash({names}) IN ({repeated}) QUALIFY count(*) OVER (PARTITION BY {names}) > 1"


def _of_elements(columns: list[Column], severity: str) -> Iterator[Expectation]:
    for column in columns:
        if (element := column.element) is None:
            continue
        if element.code_list:
            yield _listed_code(column, element, severity)
        elif pattern := _pattern(element):
            arguments = {"regex": pattern}
            yield _on_column(
                column, "ExpectColumnValuesToMatchRegex", "pattern", f"是{element.label}的写法", "conformity", severity, arguments
            )
        if element.check == "range":
            bounds = {"min_value": element.minimum, "max_value": element.maximum}
            yield _on_column(column, "ExpectColumnValuesToBeBetween", "range", _range_in_words(element), "accuracy", severity, bounds)


def _pattern(element: Element) -> str | None:
    if element.check == "pattern":
        return f"^({element.pattern})$"
    return _SHAPES.get(element.check) if element.check else None


def _listed_code(column: Column, element: Element, severity: str) -> Expectation:
    listed = code_lists()[str(element.code_list)]
    codes, description = list(listed.names), f"在代码表“{listed.label}”中"
    if not element.sublevels:
        return _on_column(column, "ExpectColumnValuesToBeInSet", "code", description, "conformity", severity, {"value_set": codes})
    classes = "".join(sorted({code[0] for code in codes}))
    regex = f"^({'|'.join(re.escape(code) for code in codes)}|[{classes}][0-9])$"
    return _on_column(column, "ExpectColumnValuesToMatchRegex", "code", description, "conformity", severity, {"regex": regex})


def _range_in_words(element: Element) -> str:
    if element.maximum is None:
        return f"不小于 {element.minimum:g}"
    return f"在 {element.minimum:g} 与 {element.maximum:g} 之间" if element.minimum is not None else f"不大于 {element.maximum:g}"


def _row_rule(rule: Rule) -> Expectation:
    query = {"unexpected_rows_query": broken_rows(rule.sql)}
    return Expectation(rule.name, "UnexpectedRowsExpectation", rule.name, rule.description, rule.dimension, rule.severity, query)


def _reference(column: Column, table: str, key: str, pool_contracts: Mapping[str, Contract]) -> Expectation:
    condition = f'"{column.name}" IS NULL'
    if table in pool_contracts:
        condition += f' OR "{column.name}" IN (SELECT "{key}" FROM "{table}" WHERE "{key}" IS NOT NULL)'
    title = pool_contracts[table].name if table in pool_contracts else table
    description, query = f"“{column.label}”在“{title}”表中存在", {"unexpected_rows_query": broken_rows(condition)}
    return Expectation(f"{column.name}.reference", "UnexpectedRowsExpectation", "reference", description, "consistency", "block", query)


def _on_column(
    column: Column, type_: str, rule: str, ending: str, dimension: str, severity: str, arguments: Mapping[str, object] | None = None
) -> Expectation:
    described = f"“{column.label}”{ending}"
    return Expectation(f"{column.name}.{rule}", type_, rule, described, dimension, severity, {"column": column.name, **(arguments or {})})
