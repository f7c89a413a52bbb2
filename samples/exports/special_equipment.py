"""Export of market regulation: special equipment in use, a workbook under two title lines."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id
from samples.exports.identities import blur_organisations
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.words import words


def special_equipment(desk: Desk) -> Iterator[Table]:
    """All equipment, in one table."""
    world = desk.world
    found = world.equipment
    firms = [world.firms[each.firm] for each in found]
    count, market = len(found), words("market")
    rng = draws(desk.seed, "special_equipment")
    started = np.array([each.started for each in found], dtype=np.int64)
    days = {
        "started_on": started,
        "checked_on": np.array([each.checked for each in found], dtype=np.int64),
        "check_due_on": np.array([each.due for each in found], dtype=np.int64),
    }
    written = {column: write_dates(values_, "dashed", rng, 0.1) for column, values_ in days.items()}
    maintainers = rng.choice(market["maintainers"], count).tolist()
    results = market["check_results"]
    table = Table(
        key="equipment_number",
        columns={
            "equipment_number": [each.number for each in found],
            "registration_certificate": [f"{each.kind['name'][0]}{world.city.short}字{row + 1:06d}号" for row, each in enumerate(found)],
            "kind_code": [each.kind["name"] for each in found],
            "category": [each.category for each in found],
            "variety": [each.variety for each in found],
            "name": [each.name for each in found],
            "model": [f"{each.kind['model']}{each.started % 40 * 50}" for each in found],
            "serial_number": [f"{each.started % 10000:04d}-{row:05d}" for row, each in enumerate(found)],
            "manufacturer": rng.choice(market["makers"], count).tolist(),
            "organisation_name": [firm.name for firm in firms],
            "uscc": [firm.uscc for firm in firms],
            "check_result": rng.choice(list(results), count, p=[share / 100 for share in results.values()]).tolist(),
            "status": [each.state for each in found],
            "maintainer": [text if each.kind["code"] == "3000" else "" for text, each in zip(maintainers, found, strict=True)],
            **{column: texts for column, (texts, _) in written.items()},
        },
        about={"organisation": [firm_id(each.firm) for each in found]},
    )
    for column, (_, forms) in written.items():
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "special_equipment")
    clerk.write("place_text", "hazard", [firm.operating for firm in firms], iso_dates(started))
    plant = table.plant
    plant("missing_value", "uscc", 0.1, values.blank, rng)
    plant("wrong_check_digit", "uscc", 0.01, values.wrong_check, rng)
    plant("code_for_word", "kind_code", 0.1, lambda value, draw: _code(value), rng)
    plant("unknown_code", "kind_code", 0.01, values.unknown_code, rng)
    plant("missing_required", "name", 0.008, values.blank, rng)
    plant("due_before_check", "check_due_on", 0.01, values.early_date, rng)
    plant("impossible_date", "started_on", 0.008, values.impossible_date, rng)
    blur_organisations(desk, table, "special_equipment", firms)
    plant("missing_required", "organisation_name", 0.006, values.blank, rng)
    repeat_some(table, rng, "check_result", 0.01, "见检验报告")
    yield table


def _code(name: str) -> str | None:
    return next((str(kind["code"]) for kind in words("market")["equipment"] if kind["name"] == name), None)
