"""Export of emergency management: inspections of work safety and what was decided after them."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import Ints
from samples.world.people import NO_DAY

INSPECTORS = 40


def work_safety_inspection(desk: Desk) -> Iterator[Table]:
    """All inspections, in one table."""
    world = desk.world
    found = world.inspections
    firms = [world.firms[each.firm] for each in found]
    rng = draws(desk.seed, "work_safety_inspection")
    inspected = np.array([each.inspected for each in found], dtype=np.int64)
    days = {
        "inspected_on": inspected,
        "reviewed_on": _days([each.reviewed for each in found]),
        "decided_on": _days([each.decided for each in found]),
        "closed_on": _days([each.closed for each in found]),
    }
    written = {column: write_dates(each, "dashed", rng, 0.1) for column, each in days.items()}
    pairs = desk.names(rng.integers(0, INSPECTORS, 2 * len(found)))
    table = Table(
        key="inspection_number",
        columns={
            "inspection_number": [each.number for each in found],
            "plan_kind": [each.plan for each in found],
            "office": [world.city.departments["emergency_management"]] * len(found),
            "inspectors": [f"{one}、{other}" for one, other in zip(pairs[::2], pairs[1::2], strict=True)],
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "problem_count": [str(each.problems) for each in found],
            "finding": [f"发现问题{each.problems}项，责令限期整改" if each.problems else "未发现问题" for each in found],
            "document_number": [each.document for each in found],
            "fine": [str(each.fine) if each.fine else "" for each in found],
            **{column: texts for column, (texts, _) in written.items()},
        },
        about={"organisation": [firm_id(each.firm) for each in found], "event": [each.number for each in found]},
    )
    for column, (_, forms) in written.items():
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "work_safety_inspection")
    clerk.write("address_text", "hazard", [firm.operating for firm in firms], iso_dates(inspected))
    _spoil(table, rng)
    blur_organisations(desk, table, "work_safety_inspection", firms)
    repeat_some(table, rng, "problem_count", 0.006, other="9")
    yield table


def _days(days: list[int | None]) -> Ints:
    return np.array([NO_DAY if day is None else day for day in days], dtype=np.int64)


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("missing_value", "uscc", 0.15, values.blank, rng)
    plant("wrong_check_digit", "uscc", 0.01, values.wrong_check, rng)
    plant("letter_o", "uscc", 0.01, values.letter_o, rng)
    plant("missing_required", "organisation_name", 0.006, values.blank, rng)
    plant("missing_required", "inspected_on", 0.006, values.blank, rng)
    plant("reviewed_before_inspection", "reviewed_on", 0.01, values.early_date, rng)
    plant("impossible_date", "closed_on", 0.006, values.impossible_date, rng)
    plant("amount_with_unit", "fine", 0.3, values.rent_with_unit, rng)
    plant("missing_document", "document_number", 0.1, values.blank, rng)
