"""Export of market regulation: the list of abnormal operations."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import write_dates
from samples.world.people import NO_DAY


def abnormal_operation(desk: Desk) -> Iterator[Table]:
    """All entries, also those of firms that were removed."""
    world = desk.world
    entries = world.abnormal
    firms = [world.firms[entry.firm] for entry in entries]
    rng = draws(desk.seed, "abnormal_operation")
    authority = world.city.departments["market_regulation"]
    listed, listed_forms = write_dates(np.array([entry.listed for entry in entries], dtype=np.int64), "chinese", rng, 0.1)
    removals = np.array([NO_DAY if entry.removed is None else entry.removed for entry in entries], dtype=np.int64)
    removed, removed_forms = write_dates(removals, "chinese", rng, 0.1)
    table = Table(
        key="decision_number",
        columns={
            "decision_number": [entry.decision for entry in entries],
            "uscc": [firm.uscc for firm in firms],
            "registration_number": [firm.registration_number for firm in firms],
            "organisation_name": [firm.name for firm in firms],
            "reason": [entry.reason for entry in entries],
            "listed_on": listed,
            "listed_by": [authority] * len(entries),
            "removal_reason": [entry.removal for entry in entries],
            "removed_on": removed,
            "removed_by": [authority if entry.removed is not None else "" for entry in entries],
        },
        about={"organisation": [firm_id(entry.firm) for entry in entries]},
    )
    table.note("listed_on", listed_forms)
    table.note("removed_on", removed_forms)
    plant = table.plant
    plant("missing_value", "uscc", 0.05, values.blank, rng)
    plant("missing_required", "listed_on", 0.02, values.blank, rng)
    plant("removed_before_listing", "removed_on", 0.03, values.early_date, rng)
    plant("open_end", "removed_on", 0.1, values.open_end, rng)
    blur_organisations(desk, table, "abnormal_operation", firms)
    repeat_some(table, rng, "removal_reason", 0.02, "见决定书")
    yield table
