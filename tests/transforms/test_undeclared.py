"""A column that holds citizen numbers but is not said to is refused; where it is declared, the numbers stay."""

import duckdb

from schemas.contract import source_contracts
from tests.transforms.algorithms import citizen_check
from tests.transforms.reading import LOAD_DATE
from transforms.check import check_rows

HOUSES = source_contracts()["public_security.rental_house"]


def test_undeclared_numbers_are_kept_in_no_row_and_named_in_the_profile() -> None:
    bodies = [f"33038119900307{place:03d}" for place in range(40)]
    numbers = [body + citizen_check(body) for body in bodies]
    rows = ", ".join(f"('', {place}, 'L{place}', 'H', '中心街1号', '{number}', '证号{number}已核')" for place, number in enumerate(numbers))
    columns = "sheet, row, letting_source_id, house_source_id, address_text, tenant_number, inspection_result"
    with duckdb.connect() as connection:
        text = connection.sql(f"SELECT * FROM (VALUES {rows}) AS given({columns})")
        checked = check_rows(connection, text.to_arrow_table().to_reader(), HOUSES, load_date=LOAD_DATE)
        kept = checked.accepted.order("row").project("tenant_number, inspection_result").fetchall()
    assert kept == [(number, None) for number in numbers]
    assert set(checked.profile.refused) == {"inspection_result"}
