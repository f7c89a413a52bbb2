"""Export of market regulation: market entities, headers in the codes of the national interface."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.world.firms import Firm
from samples.world.people import NO_DAY


def market_entity(desk: Desk) -> Iterator[Table]:
    """All organisations that market regulation registers."""
    firms = desk.world.firms
    for start in range(0, len(firms), CHUNK):
        yield _entities(desk, list(range(start, min(start + CHUNK, len(firms)))), start // CHUNK)


def _entities(desk: Desk, indexes: list[int], chunk: int) -> Table:
    world, firms = desk.world, [desk.world.firms[index] for index in indexes]
    rng = draws(desk.seed, f"market_entity/{chunk}")
    representatives = np.array([firm.representative for firm in firms])
    closes = np.array([NO_DAY if firm.closes is None else firm.closes for firm in firms])
    founded = np.array([firm.founded for firm in firms])
    approved = np.array([firm.approved for firm in firms])
    columns: dict[str, list[Any]] = {}
    notes = []
    for column, days in (("founded_on", founded), ("approved_on", approved), ("operating_from", founded), ("operating_to", closes)):
        columns[column], found = write_dates(days, "dashed", rng, 0.06)
        notes.append((column, found))
    table = Table(
        key="entity_source_id",
        columns={
            "entity_source_id": [firm.source_id for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "registration_number": [firm.registration_number for firm in firms],
            "name": [firm.name for firm in firms],
            "enterprise_type_code": [firm.type_code for firm in firms],
            "representative_name": desk.names(representatives),
            "representative_document_type_code": ["111"] * len(firms),
            "representative_number": desk.numbers(representatives),
            "capital": [str(firm.capital) if firm.capital else "" for firm in firms],
            "currency": ["人民币" if firm.capital else "" for firm in firms],
            "authority": [world.city.departments["market_regulation"]] * len(firms),
            "business_scope": [firm.trade["scope"] for firm in firms],
            "industry_section_code": [firm.trade["section"] for firm in firms],
            "industry_code": [firm.trade["class"] for firm in firms],
            "state_code": [firm.state for firm in firms],
            "phone": [firm.phone for firm in firms],
            "employee_count": [str(firm.staff) for firm in firms],
            **columns,
        },
        about={
            "organisation": [firm_id(index) for index in indexes],
            "person": [person_id(firm.representative) for firm in firms],
        },
    )
    for column, found in notes:
        table.note(column, found)
    clerk = Clerk(table, desk.scribes, desk.seed, f"market_entity/{chunk}")
    as_of = iso_dates(approved)
    clerk.write("registered_address_text", "firm", [firm.registered for firm in firms], as_of)
    blank = rng.random(len(firms)) < 0.35
    clerk.write("operating_address_text", "firm", [_operating(firm, skip) for firm, skip in zip(firms, blank, strict=True)], as_of)
    _spoil(table, rng)
    blur_persons(desk, table, f"market_entity/{chunk}", {"representative_number": "representative_name"})
    repeat_some(table, rng, "phone")
    return table


def _operating(firm: Firm, skip: bool) -> int:
    """The operating address; nothing now and then where it is the registered one."""
    return -2 if skip and firm.operating == firm.registered else firm.operating


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    numbers = table.columns["registration_number"]
    for row in np.flatnonzero(rng.random(len(table)) < 0.006).tolist():
        if numbers[row]:
            table.columns["uscc"][row], numbers[row] = numbers[row], ""
            table.planted[row].append("registration_number_in_uscc:uscc")
    plant("wrong_check_digit", "uscc", 0.006, values.wrong_check, rng)
    plant("lower_case", "uscc", 0.01, values.lower_case, rng)
    plant("letter_o_for_zero", "uscc", 0.006, values.letter_o, rng)
    plant("trailing_blank", "uscc", 0.01, values.trailing_blank, rng)
    plant("full_width", "uscc", 0.004, values.wide, rng)
    plant("missing_value", "uscc", 0.02, values.blank, rng)
    plant("wrong_check_digit", "registration_number", 0.01, values.wrong_check, rng)
    plant("wrong_check_digit", "representative_number", 0.004, values.wrong_check, rng)
    plant("lower_case_x", "representative_number", 0.2, values.small_x, rng)
    plant("capital_with_unit", "capital", 0.25, values.capital_with_unit, rng)
    plant("unknown_code", "state_code", 0.004, values.unknown_code, rng)
    plant("unknown_code", "enterprise_type_code", 0.004, values.unknown_code, rng)
    plant("open_end", "operating_to", 0.3, values.open_end, rng)
    plant("impossible_date", "founded_on", 0.004, values.impossible_date, rng)
    plant("ends_before_start", "operating_to", 0.02, values.early_date, rng)
    plant("placeholder_value", "phone", 0.03, values.placeholder_phone, rng)
    plant("two_phones", "phone", 0.02, values.two_phones, rng)
    plant("phone_with_prefix", "phone", 0.03, values.phone_with_prefix, rng)
    plant("missing_required", "name", 0.003, values.blank, rng)
    plant("missing_required", "registered_address_text", 0.003, values.blank, rng)
