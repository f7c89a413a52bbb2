"""Export of civil affairs: what was registered of marriages, day by day."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import write_dates


def marriage(desk: Desk) -> Iterator[Table]:
    """All registrations, in one table."""
    world = desk.world
    found = world.marriages
    rng = draws(desk.seed, "marriage")
    husbands, wives = (np.array([getattr(each, side) for each in found]) for side in ("husband", "wife"))
    registered, forms = write_dates(np.array([each.day for each in found], dtype=np.int64), "dashed", rng, 0.08)
    table = Table(
        key="certificate_number",
        columns={
            "certificate_number": [each.number for each in found],
            "business": [each.business for each in found],
            "registered_on": registered,
            "authority": [f"{world.city.county}民政局婚姻登记处"] * len(found),
            "first_name": desk.names(husbands),
            "first_number": desk.numbers(husbands),
            "second_name": desk.names(wives),
            "second_number": desk.numbers(wives),
        },
        about={
            "person": [person_id(person) for person in husbands.tolist()],
            "spouse": [person_id(person) for person in wives.tolist()],
        },
    )
    table.note("registered_on", forms)
    _spoil(table, rng)
    blur_persons(desk, table, "marriage", {"first_number": "first_name", "second_number": "second_name"})
    repeat_some(table, rng, "authority", 0.004, other=f"{world.city.county}民政局")
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    for person in ("first", "second"):
        plant("wrong_check_digit", f"{person}_number", 0.006, values.wrong_check, rng)
        plant("fifteen_digits", f"{person}_number", 0.03, values.fifteen_digits, rng)
        plant("lower_case_x", f"{person}_number", 0.2, values.small_x, rng)
        plant("blank_in_name", f"{person}_name", 0.02, values.name_with_blank, rng)
    plant("word_for_code", "business", 0.1, lambda value, _: f"{value}登记" if value in ("结婚", "离婚") else None, rng)
    plant("unsaid_reissue", "business", 0.006, lambda value, _: "补领", rng)
    plant("missing_required", "registered_on", 0.004, values.blank, rng)
