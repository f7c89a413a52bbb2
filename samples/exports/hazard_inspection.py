"""Export of emergency management: hazards found and put right, a workbook."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.world.people import NO_DAY


def hazard_inspection(desk: Desk) -> Iterator[Table]:
    """All hazards, in one table."""
    world = desk.world
    found = world.hazards
    firms = [world.firms[hazard.firm] for hazard in found]
    count = len(found)
    rng = draws(desk.seed, "hazard_inspection")
    inspected = np.array([hazard.inspected for hazard in found], dtype=np.int64)
    reviewed = np.array([NO_DAY if hazard.reviewed is None else hazard.reviewed for hazard in found], dtype=np.int64)
    columns: dict[str, list[str]] = {}
    notes = []
    for column, days in (
        ("inspected_on", inspected),
        ("due_on", np.array([hazard.due for hazard in found], dtype=np.int64)),
        ("reviewed_on", reviewed),
    ):
        columns[column], forms = write_dates(days, "slashed", rng, 0.12)
        notes.append((column, forms))
    people = len(desk.people)
    rectifiers = rng.integers(0, people, count)
    reviewers = desk.names(rng.integers(0, min(people, 60), count))
    table = Table(
        key="hazard_number",
        columns={
            "hazard_number": [hazard.number for hazard in found],
            "category": [hazard.category for hazard in found],
            "level_code": [hazard.level for hazard in found],
            "description": [hazard.text for hazard in found],
            "inspection_lead": desk.names(rng.integers(0, min(people, 60), count)),
            "inspection_kind": [hazard.kind for hazard in found],
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "rectifier_name": desk.names(rectifiers),
            "rectifier_phone": desk.phones(rectifiers, rng),
            "measure": [hazard.measure for hazard in found],
            "state_code": [hazard.state for hazard in found],
            "reviewer": [name if hazard.reviewed is not None else "" for name, hazard in zip(reviewers, found, strict=True)],
            "fund": [str(hazard.fund) for hazard in found],
            **columns,
        },
        about={"organisation": [firm_id(hazard.firm) for hazard in found], "event": [hazard.number for hazard in found]},
    )
    for column, forms in notes:
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "hazard_inspection")
    clerk.write("address_text", "hazard", [firm.operating for firm in firms], iso_dates(inspected))
    _spoil(table, rng)
    blur_organisations(desk, table, "hazard_inspection", firms)
    repeat_some(table, rng, "rectifier_phone", 0.008)
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("missing_value", "uscc", 0.25, values.blank, rng)
    plant("wrong_check_digit", "uscc", 0.01, values.wrong_check, rng)
    plant("lower_case", "uscc", 0.02, values.lower_case, rng)
    plant("unknown_code", "level_code", 0.008, values.unknown_code, rng)
    plant("unknown_code", "state_code", 0.008, values.unknown_code, rng)
    plant("reviewed_before_inspection", "reviewed_on", 0.01, values.early_date, rng)
    plant("impossible_date", "due_on", 0.006, values.impossible_date, rng)
    plant("missing_required", "description", 0.006, values.blank, rng)
    plant("missing_required", "inspected_on", 0.006, values.blank, rng)
    plant("placeholder_value", "rectifier_phone", 0.03, values.placeholder_phone, rng)
    plant("two_phones", "rectifier_phone", 0.02, values.two_phones, rng)
