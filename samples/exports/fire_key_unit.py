"""Export of emergency management: key units of fire safety, a workbook with two titles and a header of two lines."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, draws
from samples.noise import values
from samples.noise.dates import write_dates
from samples.words import words

RESISTANCE = ("一级", "二级", "二级", "三级")


def fire_key_unit(desk: Desk) -> Iterator[Table]:
    """All of them, in one table."""
    world = desk.world
    found = world.key_units
    firms = [world.firms[each.firm] for each in found]
    rng = draws(desk.seed, "fire_key_unit")
    checked, forms = write_dates(np.array([each.checked for each in found], dtype=np.int64), "dashed", rng, 0.15)
    principals = np.array([each.principal for each in found])
    managers = np.array([each.manager for each in found])
    systems = words("texts")["automatic_systems"]
    table = Table(
        key="uscc",
        columns={
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "category": [each.kind for each in found],
            "principal_name": desk.names(principals),
            "principal_phone": desk.phones(principals, rng),
            "manager_name": desk.names(managers),
            "manager_phone": desk.phones(managers, rng),
            "floor_area": [str(each.area) for each in found],
            "floor_count": [str(each.floors) for each in found],
            "height": [str(each.height) for each in found],
            "fire_resistance": [RESISTANCE[at] for at in rng.integers(0, len(RESISTANCE), len(found)).tolist()],
            "automatic_systems": [systems[at] for at in rng.integers(0, len(systems), len(found)).tolist()],
            "checked_on": checked,
        },
        about={
            "organisation": [firm_id(each.firm) for each in found],
            "person": [person_id(each.principal) for each in found],
            "manager": [person_id(each.manager) for each in found],
        },
    )
    table.note("checked_on", forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "fire_key_unit")
    clerk.write("address_text", "hazard", [firm.operating for firm in firms])
    _spoil(table, rng)
    blur_organisations(desk, table, "fire_key_unit", firms, code_required=True)
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.03, values.wrong_check, rng)
    plant("missing_required", "uscc", 0.02, values.blank, rng)
    plant("lower_case", "uscc", 0.04, values.lower_case, rng)
    plant("placeholder_value", "manager_phone", 0.06, values.placeholder_phone, rng)
    plant("two_phones", "principal_phone", 0.05, values.two_phones, rng)
    plant("area_with_unit", "floor_area", 0.2, values.area_with_unit, rng)
    plant("impossible_height", "height", 0.04, lambda value, _: f"{float(value) * 100:g}", rng)
