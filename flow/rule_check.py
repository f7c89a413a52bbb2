"""Do the rules of a contract run? Only the engine knows whether a condition is SQL and fits the types of its columns."""

from pathlib import Path

import duckdb

from expectations.pool_rules import load_rules, pool_rules, readable
from schemas.city import RULES, City
from schemas.contract import Contract
from schemas.documents import Document, did_you_mean
from transforms.elements_sql import identifier


def check_rules(path: Path, contract: Contract) -> None:
    """Try every rule on an empty table with the contract's columns. Raises ContractError naming line, cause and cure."""
    document = Document(path)
    columns = ", ".join(f"{identifier(column.name)} {column.sql_type}" for column in contract.columns if not column.ignored)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE rows ({columns})")
        for index, rule in enumerate(contract.rules):
            try:
                connection.execute(f"SELECT CAST(({rule.sql}) AS BOOLEAN) FROM rows")
            except duckdb.Error as error:
                first = str(error).partition("\n")[0].strip()
                cause = f"规则“{rule.name}”的条件不能执行（{first}）"
                document.fault(("schema", 0, "quality", index, "implementation"), cause, "请改成对合格行为真的 SQL 条件，注意列的类型")
    document.stop_if_faulty()


def check_pool_rules(path: Path) -> None:
    """Try every quality rule of a file on empty tables, those alone that it names. Raises ContractError naming line, cause and cure."""
    rules, document, known = load_rules(path), Document(path), readable()
    for rule in rules:
        with duckdb.connect(":memory:") as connection:
            for name in rule.reads:
                columns = ", ".join(f"{identifier(column)} {kind}" for column, kind in known[name].items())
                connection.execute(f"CREATE TABLE {identifier(name)} ({columns})")
            try:
                if rule.holds:
                    connection.execute(
                        f"SELECT CAST(({rule.holds}) AS BOOLEAN), ({rule.detail or 'NULL'})::VARCHAR FROM {identifier(rule.table)}"
                    )
                else:
                    connection.execute(f"SELECT key FROM ({rule.broken})")
            except duckdb.Error as error:
                cause = f"规则“{rule.name}”的 SQL 不能执行（{str(error).partition(chr(10))[0].strip()}）"
                document.fault((rule.name, "holds" if rule.holds else "broken"), cause, "请改正；用到的表都要列在 reads 里")
    document.stop_if_faulty()


def check_rule_limits(city: City) -> None:
    """Whether the limits of a city name rules that there are. Raises ContractError."""
    document, names = Document(city.divisions.parent / "city.yaml"), [rule.name for rule in pool_rules()]
    for name in city.rule_limits:
        if name not in names:
            document.fault(("limits", RULES, name), f"没有质量规则“{name}”", did_you_mean(name, names))
    document.stop_if_faulty()
