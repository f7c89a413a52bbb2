"""Exports of law enforcement: penalties (a workbook), cases of city management (comma-separated), components of the city (tab-separated)."""

from collections.abc import Iterator, Sequence

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import naming, values
from samples.noise.dates import day_number, iso_dates, write_dates, write_times
from samples.world.governance import Record


def enforcement_case(desk: Desk) -> Iterator[Table]:
    """Penalties of firms and of persons."""
    found = desk.world.governance.cases
    rng = draws(desk.seed, "enforcement_case")
    firms = [desk.world.firms[record.firm] if record.firm >= 0 else None for record in found]
    columns: dict[str, list[str]] = {}
    notes = []
    for column, at in (("filed_on", 0), ("decided_on", 1), ("closed_on", 2)):
        columns[column], forms = write_dates(days_of_stage(found, at), "dotted", rng, 0.1)
        notes.append((column, forms))
    names, numbers = desk.people.names, desk.people.numbers
    table = Table(
        key="case_number",
        columns={
            "case_number": [record.number for record in found],
            "source": [record.more["source"] for record in found],
            "organisation_name": [firm.name if firm else "" for firm in firms],
            "uscc": [firm.uscc if firm else "" for firm in firms],
            "person_name": [names[record.person] if record.person >= 0 else "" for record in found],
            "person_number": [numbers[record.person] if record.person >= 0 else "" for record in found],
            "violation": [record.more["violation"] for record in found],
            "decision_number": [f"{record.number[:-1]}决" if record.times[1] else "" for record in found],
            "penalty_kind": [record.more["kind"] if record.times[1] else "" for record in found],
            "legal_basis": [record.more["basis"] for record in found],
            "fine": [record.more["fine"] if record.times[1] else "" for record in found],
            "office": [record.more["office"] for record in found],
            "publicity": [record.more["publicity"] if record.times[1] else "" for record in found],
            **columns,
        },
        about={
            "organisation": [firm_id(record.firm) if record.firm >= 0 else "" for record in found],
            "person": [person_id(record.person) if record.person >= 0 else "" for record in found],
            "event": [record.number for record in found],
        },
    )
    for column, forms in notes:
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "enforcement_case")
    clerk.write("address_text", "incident", [record.node for record in found], iso_dates(days_of_stage(found, 0)))
    plant = table.plant
    plant("wrong_check_digit", "uscc", 0.02, values.wrong_check, rng)
    plant("missing_value", "uscc", 0.08, values.blank, rng)
    plant("lower_case_x", "person_number", 0.3, values.small_x, rng)
    plant("fifteen_digits", "person_number", 0.05, values.fifteen_digits, rng)
    plant("name_without_place", "organisation_name", 0.05, naming.without_place(desk.world.city.county), rng)
    plant("amount_with_unit", "fine", 0.1, values.rent_with_unit, rng)
    plant("decided_before_filing", "decided_on", 0.02, values.early_date, rng)
    plant("missing_required", "violation", 0.01, values.blank, rng)
    repeat_some(table, rng, "office", 0.02)
    yield table


def urban_management_case(desk: Desk) -> Iterator[Table]:
    """Cases found in the streets, with the times of their stages."""
    found = desk.world.governance.urban_cases
    rng = draws(desk.seed, "urban_management_case")
    columns: dict[str, list[str]] = {}
    notes = []
    for at, column in enumerate(("filed_at", "dispatched_at", "handled_at", "verified_at", "closed_at")):
        columns[column], forms = write_times([record.times[at] for record in found], "slashed", rng, 0.06)
        notes.append((column, forms))
    table = Table(
        key="case_number",
        columns={
            "case_number": [record.number for record in found],
            "category_code": [record.more["category"] for record in found],
            "sub_category_code": [record.more["sub_category"] for record in found],
            "component_code": [record.more["component"] for record in found],
            "source": [record.more["source"] for record in found],
            "longitude": coordinates(desk, found, "lon"),
            "latitude": coordinates(desk, found, "lat"),
            "department": [record.more["department"] if record.times[1] else "" for record in found],
            **columns,
        },
        about={"event": [record.number for record in found]},
    )
    for column, forms in notes:
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "urban_management_case")
    clerk.write("address_text", "incident", [record.node for record in found], iso_dates(days_of_stage(found, 0)))
    plant = table.plant
    plant("closed_before_filing", "closed_at", 0.01, values.early_date, rng)
    plant("handled_before_dispatch", "handled_at", 0.01, values.early_date, rng)
    plant("swapped_coordinate", "longitude", 0.01, values.swapped_coordinate, rng)
    plant("missing_required", "address_text", 0.006, values.blank, rng)
    plant("impossible_date", "filed_at", 0.006, values.impossible_date, rng)
    repeat_some(table, rng, "department", 0.006)
    yield table


def city_component(desk: Desk) -> Iterator[Table]:
    """Manholes, pipes, lamps and the like, where they are and whose they are."""
    found = desk.world.governance.components
    system = desk.world.grids
    rng = draws(desk.seed, "city_component")
    started, start_forms = write_dates(np.array([day_number(record.more["started"]) for record in found]), "compact", rng, 0.05)
    changed, change_forms = write_dates(np.array([day_number(record.more["changed"]) for record in found]), "compact", rng, 0.05)
    urban = system.placed["城管网格"]
    owners = sorted({record.more["owner"] for record in found})
    table = Table(
        key="component_code",
        columns={
            "component_code": [record.number for record in found],
            "name": [record.more["name"] for record in found],
            "category_code": [record.more["category"] for record in found],
            "sub_category_code": [record.more["sub_category"] for record in found],
            "department": [record.more["authority"] for record in found],
            "owner_name": [record.more["owner"] for record in found],
            "maintainer": [record.more["maintainer"] for record in found],
            "urban_grid": [system.grids[urban[record.node]].code if urban[record.node] >= 0 else "" for record in found],
            "longitude": coordinates(desk, found, "lon"),
            "latitude": coordinates(desk, found, "lat"),
            "status": [record.more["state"] for record in found],
            "started_on": started,
            "changed_on": changed,
        },
        about={"organisation": [f"U{owners.index(record.more['owner']):04d}" for record in found]},
    )
    table.note("started_on", start_forms)
    table.note("changed_on", change_forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "city_component")
    blank = rng.random(len(found)) < 0.02
    clerk.write("address_text", "incident", [-2 if empty else record.node for record, empty in zip(found, blank, strict=True)])
    plant = table.plant
    plant("changed_before_start", "changed_on", 0.01, values.early_date, rng)
    plant("swapped_coordinate", "latitude", 0.01, values.swapped_coordinate, rng)
    plant("missing_value", "owner_name", 0.03, values.blank, rng)
    plant("missing_required", "name", 0.004, values.blank, rng)
    repeat_some(table, rng, "maintainer", 0.003)
    yield table


def days_of_stage(found: Sequence[Record], at: int) -> np.ndarray:
    """The day of a stage of each record, in days from 1970-01-01."""
    return np.array([day_number(record.times[at]) for record in found], dtype=np.int64)


def coordinates(desk: Desk, found: Sequence[Record], axis: str) -> list[str]:
    """Longitude (`lon`) or latitude (`lat`) of each record's place, a few metres off."""
    values_ = getattr(desk.library, axis)
    return [f"{values_[record.node] + (index % 7 - 3) * 1e-5:.6f}" for index, record in enumerate(found)]
