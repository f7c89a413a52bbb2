"""Export of market regulation: changes of registration, headers in the codes of the national interface."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import CHUNK, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import write_dates
from samples.world.market import RegistrationChange


def registration_change(desk: Desk) -> Iterator[Table]:
    """All changes."""
    changes = desk.world.registration_changes
    for start in range(0, len(changes), CHUNK):
        yield _changes(desk, changes[start : start + CHUNK], start // CHUNK)


def _changes(desk: Desk, changes: list[RegistrationChange], chunk: int) -> Table:
    name = f"registration_change/{chunk}"
    rng = draws(desk.seed, name)
    firms = [desk.world.firms[change.firm] for change in changes]
    dates, forms = write_dates(np.array([change.day for change in changes]), "compact", rng, 0.08)
    table = Table(
        key="entity_source_id",
        columns={
            "entity_source_id": [firm.source_id for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "registration_number": [firm.registration_number for firm in firms],
            "organisation_name": [firm.name for firm in firms],
            "item": [change.item for change in changes],
            "before": [change.before for change in changes],
            "after": [change.after for change in changes],
            "changed_on": dates,
        },
        about={"organisation": [firm_id(change.firm) for change in changes]},
    )
    table.note("changed_on", forms)
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.008, values.wrong_check, rng)
    plant("missing_value", "uscc", 0.02, values.blank, rng)
    plant("lower_case", "uscc", 0.01, values.lower_case, rng)
    plant("missing_required", "item", 0.008, values.blank, rng)
    plant("impossible_date", "changed_on", 0.008, values.impossible_date, rng)
    blur_organisations(desk, table, name, firms)
    plant("missing_required", "organisation_name", 0.005, values.blank, rng)
    repeat_some(table, rng, "after", 0.008, "见档案")
    return table
