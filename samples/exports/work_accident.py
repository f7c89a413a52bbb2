"""Export of emergency management: accidents at work, a workbook with a line of totals."""

from collections.abc import Iterator
from random import Random

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, add_total, draws
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.noise.moments import write_moments
from samples.world.people import NO_DAY
from samples.world.safety import DAY_MINUTES

COUNTS = ("dead_count", "seriously_injured_count", "slightly_injured_count", "injured_count")


def work_accident(desk: Desk) -> Iterator[Table]:
    """All accidents, in one table."""
    world = desk.world
    found = world.work_accidents
    firms = [world.firms[each.firm] for each in found]
    rng = draws(desk.seed, "work_accident")
    occurred, moment_forms = write_moments([each.minute for each in found], "slashed", rng, 0.2)
    closed_days = np.array([NO_DAY if each.closed is None else each.closed for each in found], dtype=np.int64)
    closed, closed_forms = write_dates(closed_days, "dotted", rng, 0.1)
    table = Table(
        key="accident_number",
        columns={
            "accident_number": [each.number for each in found],
            "accident_kind": [each.kind for each in found],
            "grade_code": [each.grade for each in found],
            "occurred_at": occurred,
            "dead_count": [str(each.dead) for each in found],
            "seriously_injured_count": [str(each.seriously) for each in found],
            "slightly_injured_count": [str(each.slightly) for each in found],
            "injured_count": [str(each.seriously + each.slightly) for each in found],
            "loss": [f"{each.loss:g}" for each in found],
            "industry": [firm.trade["word"] for firm in firms],
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "cause": [each.cause for each in found],
            "investigation": [each.investigation for each in found],
            "closed_on": closed,
        },
        about={"organisation": [firm_id(each.firm) for each in found], "event": [each.number for each in found]},
    )
    table.note("occurred_at", moment_forms)
    table.note("closed_on", closed_forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "work_accident")
    days = iso_dates(np.array([each.minute // DAY_MINUTES for each in found], dtype=np.int64))
    clerk.write("address_text", "hazard", [firm.operating for firm in firms], days)
    _spoil(table, rng)
    blur_organisations(desk, table, "work_accident", firms)
    add_total(table, "合计", [*COUNTS, "loss"])
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("missing_value", "uscc", 0.1, values.blank, rng)
    plant("amount_with_unit", "loss", 0.2, _with_unit, rng)
    plant("short_word", "grade_code", 0.2, lambda value, _: value.removesuffix("事故"), rng)
    plant("grade_too_low", "grade_code", 0.05, lambda value, _: "一般事故" if value.startswith("较大") else None, rng)
    plant("closed_before_accident", "closed_on", 0.05, values.early_date, rng)
    plant("missing_required", "address_text", 0.03, values.blank, rng)


def _with_unit(value: str, rng: Random) -> str:
    """The loss with its unit written out, in 万元 or in 元."""
    return rng.choice([f"{value}万元", f"{round(float(value) * 10000)}元"])
