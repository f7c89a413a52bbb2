"""Export of civil affairs: social organisations."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id, society_id
from samples.exports.identities import blur_persons
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates


def social_organisation(desk: Desk) -> Iterator[Table]:
    """All of them, in one table."""
    world = desk.world
    found = world.societies
    rng = draws(desk.seed, "social_organisation")
    representatives = np.array([society.representative for society in found])
    founded = np.array([society.founded for society in found])
    approved, forms = write_dates(founded, "slashed", rng, 0.1)
    table = Table(
        key="uscc",
        columns={
            "uscc": [society.uscc for society in found],
            "registration_number": [society.number for society in found],
            "name": [society.name for society in found],
            "authority": [world.city.departments["civil_affairs"]] * len(found),
            "supervising_department": [society.supervisor for society in found],
            "approved_on": approved,
            "kind_code": [society.kind for society in found],
            "state_code": [society.state for society in found],
            "representative_name": desk.names(representatives),
            "representative_number": desk.numbers(representatives),
            "funding_source": rng.choice(["会费收入", "捐赠收入", "政府补助", "服务收入"], len(found)).tolist(),
            "has_foreign_background": ["否"] * len(found),
            "phone": desk.phones(representatives, rng),
            "capital": [str(society.capital) for society in found],
        },
        about={
            "organisation": [society_id(index) for index in range(len(found))],
            "person": [person_id(person) for person in representatives.tolist()],
        },
    )
    table.note("approved_on", forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "social_organisation")
    clerk.write("registered_address_text", "society", [society.registered for society in found], iso_dates(founded))
    blank = rng.random(len(found)) < 0.3
    clerk.write("office_address_text", "society", [-2 if b else s.office for s, b in zip(found, blank, strict=True)])
    _spoil(table, rng)
    blur_persons(desk, table, "social_organisation", {"representative_number": "representative_name"})
    repeat_some(table, rng, "phone", 0.03)
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.03, values.wrong_check, rng)
    plant("lower_case", "uscc", 0.04, values.lower_case, rng)
    plant("wrong_check_digit", "representative_number", 0.03, values.wrong_check, rng)
    plant("fifteen_digits", "representative_number", 0.04, values.fifteen_digits, rng)
    plant("capital_with_unit", "capital", 0.3, values.capital_with_unit, rng)
    plant("flag_otherwise", "has_foreign_background", 0.1, values.yes_or_no, rng)
    plant("unknown_code", "kind_code", 0.03, values.unknown_code, rng)
    plant("placeholder_value", "phone", 0.06, values.placeholder_phone, rng)
    plant("missing_required", "name", 0.02, values.blank, rng)
    plant("impossible_date", "approved_on", 0.02, values.impossible_date, rng)
