"""Export of emergency management: enterprises with hazardous chemicals, a workbook."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import write_dates
from samples.world.world import World


def hazardous_chemical_enterprise(desk: Desk) -> Iterator[Table]:
    """All of them, in one table."""
    world = desk.world
    found = world.chemicals
    firms = [world.firms[entry.firm] for entry in found]
    rng = draws(desk.seed, "hazardous_chemical_enterprise")
    issued, issue_forms = write_dates(np.array([entry.issued for entry in found], dtype=np.int64), "dotted", rng, 0.15)
    expires, end_forms = write_dates(np.array([entry.expires for entry in found], dtype=np.int64), "dotted", rng, 0.15)
    principals = np.array([firm.representative for firm in firms], dtype=np.int64)
    officers = np.array([entry.safety_officer for entry in found], dtype=np.int64)
    places = [firm.operating for firm in firms]
    table = Table(
        key="uscc",
        columns={
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "division_name": [desk.library.value("town", place) for place in places],
            "enterprise_kind": [entry.kind for entry in found],
            "licence_number": [entry.licence for entry in found],
            "licence_scope": [firm.trade["scope"].split("；")[0] for firm in firms],
            "licence_valid_from": issued,
            "licence_valid_to": expires,
            "licence_grade": [entry.grade for entry in found],
            "major_hazard_count": [str(entry.hazards) for entry in found],
            "major_hazard_level": [entry.hazard_level for entry in found],
            "principal_name": desk.names(principals),
            "principal_phone": desk.phones(principals, rng),
            "safety_officer_name": desk.names(officers),
            "safety_officer_phone": desk.phones(officers, rng),
            "employee_count": [str(_staff(world, entry.firm, rng)) for entry in found],
            "risk_level": [entry.risk for entry in found],
            "standard_grade": [entry.standard for entry in found],
            "longitude": [f"{desk.library.lon[place]:.6f}" for place in places],
            "latitude": [f"{desk.library.lat[place]:.6f}" for place in places],
        },
        about={
            "organisation": [firm_id(entry.firm) for entry in found],
            "person": [person_id(person) for person in principals.tolist()],
        },
    )
    table.note("licence_valid_from", issue_forms)
    table.note("licence_valid_to", end_forms)
    Clerk(table, desk.scribes, desk.seed, "hazardous_chemical_enterprise").write("address_text", "hazard", places)
    _spoil(table, rng)
    blur_organisations(desk, table, "hazardous_chemical_enterprise", firms, code_required=True)
    repeat_some(table, rng, "principal_phone", 0.03)
    yield table


def _staff(world: World, firm: int, rng: np.random.Generator) -> int:
    """The number of employees as this department counts them."""
    return max(1, world.firms[firm].staff + int(rng.integers(-3, 6)))


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.04, values.wrong_check, rng)
    plant("missing_required", "uscc", 0.02, values.blank, rng)
    plant("trailing_blank", "uscc", 0.04, values.trailing_blank, rng)
    plant("placeholder_value", "safety_officer_phone", 0.06, values.placeholder_phone, rng)
    plant("two_phones", "principal_phone", 0.05, values.two_phones, rng)
    plant("expires_before_issue", "licence_valid_to", 0.03, values.early_date, rng)
    plant("unknown_code", "risk_level", 0.03, values.unknown_code, rng)
    plant("placeholder_value", "standard_grade", 0.2, values.no_value, rng)
    plant("impossible_coordinate", "longitude", 0.04, values.swapped_coordinate, rng)
