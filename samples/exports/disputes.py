"""Exports of disputes: people's mediation of justice (a workbook with a header of two lines) and those of social governance (comma-separated)."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.law_enforcement import days_of_stage
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import day_number, iso_dates, write_dates
from samples.randomness import Ints
from samples.world.governance import Record


def mediation(desk: Desk) -> Iterator[Table]:
    """Files of mediation; parties are told by name, phone and address, never by number."""
    found = desk.world.governance.mediations
    rng = draws(desk.seed, "mediation")
    columns: dict[str, list[str]] = {}
    notes = []
    for at, column in enumerate(("accepted_on", "mediated_on", "revisited_on")):
        columns[column], forms = write_dates(days_of_stage(found, at), "chinese", rng, 0.1)
        notes.append((column, forms))
    parties = {"applicant": np.array([record.person for record in found]), "respondent": np.array([record.other for record in found])}
    table = Table(
        key="case_number",
        columns={
            "case_number": [record.number for record in found],
            "source": [record.more["source"] for record in found],
            "category": [record.more["category"] for record in found],
            "summary": [record.more["summary"] for record in found],
            "mediator": desk.names(rng.integers(0, len(desk.people), len(found))),
            "committee": [record.more["committee"] for record in found],
            "result": [record.more["result"] for record in found],
            "agreement_form": [record.more["form"] for record in found],
            "amount": [record.more["amount"] for record in found],
            "performance": [record.more["performance"] for record in found],
            "is_confirmed": [record.more["confirmed"] for record in found],
            **columns,
            **{name: cells for party, persons in parties.items() for name, cells in _party(desk, party, persons, rng).items()},
        },
        about={
            "person": [person_id(record.person) for record in found],
            "respondent": [person_id(record.other) for record in found],
            "event": [record.number for record in found],
        },
    )
    for column, forms in notes:
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "mediation")
    clerk.write("applicant_address_text", "home", [record.node for record in found], iso_dates(days_of_stage(found, 0)))
    plant = table.plant
    for party in parties:
        plant("blank_in_name", f"{party}_name", 0.04, values.name_with_blank, rng)
        plant("sex_word", f"{party}_sex", 0.9, values.sex_word, rng)
    plant("amount_with_unit", "amount", 0.1, values.rent_with_unit, rng)
    plant("flag_otherwise", "is_confirmed", 0.1, values.yes_or_no, rng)
    plant("mediated_before_acceptance", "mediated_on", 0.015, values.early_date, rng)
    plant("missing_required", "accepted_on", 0.01, values.blank, rng)
    repeat_some(table, rng, "mediator", 0.01)
    yield table


def _party(desk: Desk, party: str, persons: Ints, rng: np.random.Generator) -> dict[str, list[str]]:
    people, library = desk.people, desk.library
    homes = desk.world.homes.actual[people.household[persons]]
    cells = {
        "name": desk.names(persons),
        "sex": np.where(people.male[persons], "1", "2").tolist(),
        "nation": people.nation[persons].tolist(),
        "age": [str(age) for age in people.age[persons].tolist()],
        "occupation": desk.occupations(persons, rng),
        "phone": [str(number) for number in people.phones[persons].tolist()],
        "address_text": [library.full_text[node] for node in homes.tolist()],
    }
    return {f"{party}_{name}": values_ for name, values_ in cells.items()}


def dispute(desk: Desk) -> Iterator[Table]:
    """Disputes by GB/T 31000, with the main person in them and a firm where one is concerned."""
    found = desk.world.governance.disputes
    people = desk.people
    rng = draws(desk.seed, "dispute")
    persons = np.array([record.person for record in found])
    occurred, occurred_forms = write_dates(days_of_stage(found, 0), "dashed", rng, 0.1)
    evaluated, evaluated_forms = write_dates(days_of_stage(found, 1), "dashed", rng, 0.1)
    due, due_forms = write_dates(np.array([day_number(record.more["due"]) for record in found]), "dashed", rng, 0.1)
    firms = [desk.world.firms[record.firm].name if record.firm >= 0 else "" for record in found]
    resolvers = rng.integers(0, len(people), len(found))
    table = Table(
        key="event_number",
        columns={
            "event_number": [record.number for record in found],
            "event_name": [
                f"{name[0]}某{record.more['summary'][1:5]}一事" for name, record in zip(desk.names(persons), found, strict=True)
            ],
            "occurred_on": occurred,
            "scale": [record.more["scale"] for record in found],
            "category_code": [record.more["category"] for record in found],
            "people_count": [record.more["count"] for record in found],
            "summary": [record.more["summary"] for record in found],
            "organisation_name": firms,
            "document_type_code": ["111"] * len(found),
            "document_number": desk.numbers(persons),
            "person_name": desk.names(persons),
            "person_sex": np.where(people.male[persons], "1", "2").tolist(),
            "person_nation": people.nation[persons].tolist(),
            "person_education": people.education[persons].tolist(),
            "person_kind": rng.choice(["普通居民", "外来务工人员", "企业主"], len(found)).tolist(),
            "person_address_text": [desk.library.full_text[_home(desk, record)] for record in found],
            "due_on": due,
            "method": [record.more["method"] for record in found],
            "committee": [record.more["committee"] for record in found],
            "resolver": desk.names(resolvers),
            "resolver_phone": desk.phones(resolvers, rng),
            "is_resolved": [record.more["resolved"] for record in found],
            "resolution": [record.more["resolution"] for record in found],
            "evaluated_on": evaluated,
            "opinion": [record.more["opinion"] if record.times[1] else "" for record in found],
        },
        about={
            "person": [person_id(record.person) for record in found],
            "organisation": [firm_id(record.firm) if record.firm >= 0 else "" for record in found],
            "event": [record.number for record in found],
        },
    )
    for column, forms in (("occurred_on", occurred_forms), ("evaluated_on", evaluated_forms), ("due_on", due_forms)):
        table.note(column, forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "dispute")
    clerk.write("address_text", "incident", [record.node for record in found], iso_dates(days_of_stage(found, 0)))
    plant = table.plant
    plant("unknown_code", "category_code", 0.015, values.unknown_code, rng)
    plant("fifteen_digits", "document_number", 0.04, values.fifteen_digits, rng)
    plant("lower_case_x", "document_number", 0.3, values.small_x, rng)
    plant("placeholder_value", "resolver_phone", 0.05, values.placeholder_phone, rng)
    plant("due_before_occurrence", "due_on", 0.015, values.early_date, rng)
    plant("flag_otherwise", "is_resolved", 0.1, values.yes_or_no, rng)
    plant("missing_required", "address_text", 0.01, values.blank, rng)
    repeat_some(table, rng, "resolver_phone", 0.01)
    yield table


def _home(desk: Desk, record: Record) -> int:
    return int(desk.world.homes.actual[desk.people.household[record.person]])
