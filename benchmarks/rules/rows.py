"""Five million rows of fifteen columns as a department exports them, with a fault in one row of a hundred."""

from dataclasses import replace
from pathlib import Path

import duckdb

from schemas.contract import Contract, source_contracts

DATASET = "public_security.resident_population"
DAYS = 29_000
"""Days of birth from 1940 on."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BORN = f"(DATE '1940-01-01' + (i % {DAYS})::INTEGER)"
_BODY = f"concat('330381', strftime({_BORN}, '%Y%m%d'), lpad((i // {DAYS})::VARCHAR, 3, '0'))"
_CHECK = (
    f"""'10X98765432'[({" + ".join(f"{weight} * body[{place}]::INTEGER" for place, weight in enumerate(_WEIGHTS, start=1))}) % 11 + 1]"""
)
_MOVED = "strftime(born + (1000 + i % 5000)::INTEGER, '%Y-%m-%d')"
_VALUES = {
    "citizen_number": "CASE WHEN i % 600 = 0 THEN body || 'Y' ELSE number END",
    "name": "CASE WHEN i % 600 = 100 THEN '' ELSE concat('张', chr((19968 + i % 5000)::INTEGER)) END",
    "sex_code": "CASE WHEN i % 600 = 200 THEN '7' WHEN number[17]::INTEGER % 2 = 1 THEN '1' ELSE '2' END",
    "nation_code": "CASE WHEN i % 50 = 0 THEN '04' ELSE '01' END",
    "birth_date": "CASE WHEN i % 600 = 300 THEN '2099-01-01' WHEN i % 3 = 0 THEN strftime(born, '%Y%m%d') ELSE strftime(born, '%Y-%m-%d') END",
    "native_place_code": "'330381'",
    "household_number": "concat('H', i // 3)",
    "relation_code": "CASE WHEN i % 3 = 0 THEN '02' ELSE '10' END",
    "registered_division_code": "'330381001'",
    "registered_address_text": "concat('浙江省温州市瑞安市安阳街道中心街', i % 900 + 1, '号', i % 30 + 1, '幢', i % 6 + 101, '室')",
    "actual_address_text": "CASE WHEN i % 4 = 0 THEN concat('安阳街道安福路', i % 700 + 1, '号') ELSE '' END",
    "phone": "CASE WHEN i % 600 = 400 THEN '无人接听' WHEN i % 2 = 0 THEN concat('139', 50000000 + i % 9999999) ELSE '' END",
    "moved_in_on": f"CASE WHEN i % 5 = 0 THEN {_MOVED} ELSE '' END",
    "moved_out_on": "''",
    "death_date": "CASE WHEN i % 600 = 500 THEN '1939-12-31' ELSE '' END",
}
"""The columns, the SQL of their texts."""


def contract_of_rows() -> Contract:
    """The contract of the residents with these columns and all its rules."""
    contract = source_contracts()[DATASET]
    return replace(contract, columns=tuple(contract.column(name) for name in _VALUES), addresses=())


def make_rows(path: Path, rows: int) -> None:
    """Write the rows as a CSV file, under the names of the columns."""
    values = ", ".join(f"{value} AS {name}" for name, value in _VALUES.items())
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (SELECT {values} FROM (
                SELECT *, body || {_CHECK} AS number FROM (SELECT i, {_BORN} AS born, {_BODY} AS body FROM range({rows}) AS numbered(i))))
            TO '{path}' (FORMAT csv, HEADER)""")
