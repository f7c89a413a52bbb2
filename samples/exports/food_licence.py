"""Export of market regulation: food business licences."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.identities import blur_organisations
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.world.city import without_ending
from samples.world.supervision import FoodLicence


def food_licence(desk: Desk) -> Iterator[Table]:
    """All food licences, also expired and cancelled ones."""
    licences = desk.world.licences
    for start in range(0, len(licences), CHUNK):
        yield _licences(desk, licences[start : start + CHUNK], start // CHUNK)


def _licences(desk: Desk, licences: list[FoodLicence], chunk: int) -> Table:
    world = desk.world
    firms = [world.firms[licence.firm] for licence in licences]
    rng = draws(desk.seed, f"food_licence/{chunk}")
    issued = np.array([licence.issued for licence in licences])
    expires = np.array([licence.expires for licence in licences])
    issue_dates, issue_forms = write_dates(issued, "chinese", rng, 0.08)
    end_dates, end_forms = write_dates(expires, "chinese", rng, 0.08)
    representatives = np.array([firm.representative for firm in firms])
    table = Table(
        key="licence_number",
        columns={
            "licence_number": [licence.number for licence in licences],
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "representative_name": desk.names(representatives),
            "business_form": [firm.trade["food"] for firm in firms],
            "business_items": [firm.trade["items"] for firm in firms],
            "authority": [world.city.departments["market_regulation"]] * len(firms),
            "issued_on": issue_dates,
            "valid_to": end_dates,
            "supervising_office": [f"{without_ending(desk.library.value('town', firm.operating))}市场监督管理所" for firm in firms],
            "status": [licence.status for licence in licences],
        },
        about={
            "organisation": [firm_id(licence.firm) for licence in licences],
            "person": [person_id(firm.representative) for firm in firms],
        },
    )
    table.note("issued_on", issue_forms)
    table.note("valid_to", end_forms)
    clerk = Clerk(table, desk.scribes, desk.seed, f"food_licence/{chunk}")
    days = iso_dates(issued)
    clerk.write("registered_address_text", "shop", [firm.registered for firm in firms], days)
    clerk.write("operating_address_text", "shop", [firm.operating for firm in firms], days)
    _spoil(table, rng)
    blur_organisations(desk, table, f"food_licence/{chunk}", firms)
    repeat_some(table, rng, "representative_name", 0.01)
    return table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.01, values.wrong_check, rng)
    plant("missing_value", "uscc", 0.04, values.blank, rng)
    plant("lower_case", "uscc", 0.01, values.lower_case, rng)
    plant("mistyped_name", "representative_name", 0.02, values.name_mistyped, rng)
    plant("unknown_code", "status", 0.01, values.unknown_code, rng)
    plant("expires_before_issue", "valid_to", 0.008, values.early_date, rng)
    plant("impossible_date", "issued_on", 0.006, values.impossible_date, rng)
    plant("missing_required", "issued_on", 0.006, values.blank, rng)
    plant("missing_required", "operating_address_text", 0.006, values.blank, rng)
    plant("missing_required", "organisation_name", 0.004, values.blank, rng)
