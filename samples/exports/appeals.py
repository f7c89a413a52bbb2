"""Exports of what people bring before the authorities: petitions (a workbook), tickets of the hotline (JSON lines), grass-roots events (comma-separated)."""

from collections.abc import Iterator
from random import Random

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.law_enforcement import days_of_stage
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates, write_times


def petition(desk: Desk) -> Iterator[Table]:
    """Petitions, some of them repeated."""
    found = desk.world.governance.petitions
    rng = draws(desk.seed, "petition")
    registered, forms = write_times([record.times[0] for record in found], "dashed", rng, 0.08)
    closed, closed_forms = write_dates(days_of_stage(found, 1), "dashed", rng, 0.1)
    county = desk.world.city.county
    table = Table(
        key="petition_number",
        columns={
            "petition_number": [record.number for record in found],
            "repeated_number": [record.more["repeats"] for record in found],
            "查询码": [record.more["code"] for record in found],
            "form": [record.more["form"] for record in found],
            "petitioner_count": [record.more["heads"] for record in found],
            "people_count": [record.more["people"] for record in found],
            "office_code": [f"{desk.world.city.code}000" for _ in found],
            "office_name": [desk.world.city.departments["petition"]] * len(found),
            "office_kind": [record.more["office"] for record in found],
            "registering_department": [f"{county}信访局接待科"] * len(found),
            "registrar": desk.names(np.array([record.more["registrar"] for record in found])),
            "registered_at": registered,
            "category": [record.more["topic"] for record in found],
            "aim": [record.more["aim"] for record in found],
            "handling": [record.more["handling"] for record in found],
            "department": [record.more["department"] for record in found],
            "closed_on": closed,
            "origin": [record.more["origin"] for record in found],
        },
        about={"event": [record.number for record in found]},
    )
    table.note("registered_at", forms)
    table.note("closed_on", closed_forms)
    Clerk(table, desk.scribes, desk.seed, "petition").write_areas("place", [record.node for record in found])
    plant = table.plant
    plant("count_with_unit", "people_count", 0.04, _with_people, rng)
    plant("closed_before_registration", "closed_on", 0.02, values.early_date, rng)
    plant("missing_required", "place", 0.015, values.blank, rng)
    plant("impossible_date", "registered_at", 0.01, values.impossible_date, rng)
    repeat_some(table, rng, "registrar", 0.015)
    yield table


def _with_people(value: str, rng: Random) -> str | None:
    """A count with its unit, which no reader takes for a number."""
    return f"{value}人" if value else None


def ticket(desk: Desk) -> Iterator[Table]:
    """Calls to the hotline and what became of them."""
    found = desk.world.governance.tickets
    rng = draws(desk.seed, "ticket")
    persons = np.array([record.person for record in found])
    columns: dict[str, list[str]] = {}
    notes = []
    stages = ("called_at", "accepted_at", "dispatched_at", "handled_at", "feedback_at", "closed_at")
    for at, column in enumerate(stages):
        columns[column], forms = write_times([record.times[at] for record in found], "iso", rng, 0.05)
        notes.append((column, forms))
    due, _ = write_times([record.more["due"] for record in found], "dashed", rng, 0)
    table = Table(
        key="ticket_number",
        columns={
            "ticket_number": [record.number for record in found],
            "caller_name": desk.names(persons),
            "caller_phone": [str(number) for number in desk.people.phones[persons].tolist()],
            "category": [record.more["kind"] for record in found],
            "content": [record.more["content"] for record in found],
            "department": [record.more["department"] if record.times[2] else "" for record in found],
            "due_at": due,
            "revisit": [record.more["revisit"] for record in found],
            "satisfaction": [record.more["satisfaction"] for record in found],
            "repeated_number": [record.more["repeats"] for record in found],
            "ticket_state": [record.more["state"] for record in found],
            **columns,
        },
        about={"person": [person_id(record.person) for record in found], "event": [record.number for record in found]},
    )
    for column, forms in notes:
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "ticket")
    blank = rng.random(len(found)) < 0.05
    nodes = [-2 if empty else record.node for record, empty in zip(found, blank, strict=True)]
    clerk.write("address_text", "incident", nodes, iso_dates(days_of_stage(found, 0)))
    plant = table.plant
    plant("name_withheld", "caller_name", 0.08, values.no_value, rng)
    plant("placeholder_value", "caller_phone", 0.03, values.placeholder_phone, rng)
    plant("phone_with_prefix", "caller_phone", 0.05, values.phone_with_prefix, rng)
    plant("closed_before_call", "closed_at", 0.01, values.early_date, rng)
    plant("feedback_before_handling", "feedback_at", 0.01, values.early_date, rng)
    plant("missing_required", "content", 0.006, values.blank, rng)
    repeat_some(table, rng, "ticket_state", 0.006)
    yield table


def grassroots_event(desk: Desk) -> Iterator[Table]:
    """Events of the four platforms, one row for each department that handled them."""
    world = desk.world
    rows = [(record, handled) for record in world.governance.events for handled in record.more["departments"]]
    found = [record for record, _ in rows]
    rng = draws(desk.seed, "grassroots_event")
    unified = world.grids.unified
    grids = [int(unified.placed[record.node]) for record in found]
    of_record = {}
    usual = {"occurred_at": [record.times[0] for record in found], "recorded_at": [record.times[1] for record in found]}
    usual |= {"due_at": [record.more["due"] for record in found], "dispatched_at": [handled[2] for _, handled in rows]}
    usual |= {"department_due_at": [record.more["due"] for record in found], "finished_at": [handled[3] for _, handled in rows]}
    for column, moments in usual.items():
        of_record[column], _ = write_times(moments, "dashed", rng, 0)
    names, numbers, phones = desk.people.names, desk.people.numbers, desk.people.phones
    somebody = [record.person for record in found]
    table = Table(
        key="event_number",
        columns={
            "event_number": [record.number for record in found],
            "event_name": [f"{desk.library.value('community', record.node)}{record.more['field']}" for record in found],
            "town": [desk.library.value("town", record.node) for record in found],
            "community": [desk.library.value("community", record.node) for record in found],
            "grid_code": [unified.grids[grid].code if grid >= 0 else "" for grid in grids],
            "field": [record.more["field"] for record in found],
            "scale": [record.more["scale"] for record in found],
            "manifestation": [record.more["manifestation"] for record in found],
            "demand": [record.more["demand"] for record in found],
            "summary": [record.more["summary"] for record in found],
            "recorder": desk.names(np.array([record.more["recorder"] for record in found])),
            "recording_department": [f"{desk.library.value('town', record.node)}社会治理中心" for record in found],
            "event_state": [record.more["state"] for record in found],
            "is_foreign": ["否"] * len(found),
            "is_public_opinion": ["是" if at % 17 == 0 else "否" for at in range(len(found))],
            "is_police": ["是" if "公安" in handled[0] else "否" for _, handled in rows],
            "person_name": [names[person] if person >= 0 else "" for person in somebody],
            "person_number": [numbers[person] if person >= 0 else "" for person in somebody],
            "person_phone": [str(phones[person]) if person >= 0 and phones[person] else "" for person in somebody],
            "department": [handled[0] for _, handled in rows],
            "department_kind": [handled[1] for _, handled in rows],
            "result": [handled[4] if handled[3] else "" for _, handled in rows],
            "effect": [handled[5] if handled[3] else "" for _, handled in rows],
            "department_state": ["已完成" if handled[3] else "处理中" for _, handled in rows],
            **of_record,
        },
        about={
            "person": [person_id(person) if person >= 0 else "" for person in somebody],
            "event": [record.number for record in found],
        },
    )
    clerk = Clerk(table, desk.scribes, desk.seed, "grassroots_event")
    clerk.write("address_text", "incident", [record.node for record in found], iso_dates(days_of_stage(found, 0)))
    _one_text_an_event(table)
    plant = table.plant
    plant("flag_otherwise", "is_police", 0.1, values.yes_or_no, rng)
    plant("lower_case_x", "person_number", 0.3, values.small_x, rng)
    plant("finished_before_dispatch", "finished_at", 0.01, values.early_date, rng)
    plant("missing_required", "occurred_at", 0.006, values.blank, rng)
    repeat_some(table, rng, "recorder", 0.006)
    yield table


def _one_text_an_event(table: Table) -> None:
    """The rows of an event repeat what the first of them says of its place."""
    (addresses,) = table.addresses
    first: dict[str, int] = {}
    texts = table.columns["address_text"]
    for row, number in enumerate(table.columns["event_number"]):
        at = first.setdefault(number, row)
        texts[row] = texts[at]
        addresses.variations[row], addresses.written[row] = addresses.variations[at], addresses.written[at]
