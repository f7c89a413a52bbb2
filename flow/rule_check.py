"""Do the rules of a contract run? Only the engine knows whether a condition is SQL and fits the types of its columns."""

from pathlib import Path

import duckdb

from schemas.contract import Contract
from schemas.documents import Document
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
