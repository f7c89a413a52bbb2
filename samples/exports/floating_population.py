"""Export of the police: people from elsewhere who live here, with their residence permits."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons, share_phone_of_agency
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import Ints
from samples.words import words
from samples.world.city import without_ending
from samples.world.people import NO_DAY

REGISTERED_SHARE = 0.75
LEFT_SHARE = 0.03
PHOTO = "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoH"


def floating_population(desk: Desk) -> Iterator[Table]:
    """Most of those who are registered elsewhere and live here."""
    homes, household = desk.world.homes, desk.people.household
    rng = draws(desk.seed, "floating_population")
    incoming = (homes.registered[household] < 0) & (homes.actual[household] >= 0) & (rng.random(len(household)) < REGISTERED_SHARE)
    persons = np.flatnonzero(incoming)
    owners = dict(zip(desk.world.lettings.dwelling.tolist(), desk.world.lettings.owner.tolist(), strict=True))
    for start in range(0, len(persons), CHUNK):
        yield _registrations(desk, persons[start : start + CHUNK], owners, start)


def _registrations(desk: Desk, persons: Ints, owners: dict[int, int], start: int) -> Table:
    world, people, homes, library = desk.world, desk.people, desk.world.homes, desk.library
    name, count = f"floating_population/{start // CHUNK}", len(persons)
    rng = draws(desk.seed, name)
    household = people.household[persons]
    dwelling = homes.actual[household].tolist()
    stays = words("policing")["stays"]
    owner = np.array([owners.get(node, -1) for node in dwelling])
    owned = (owner >= 0).tolist()
    registered = world.day - rng.integers(10, 1200, count)
    reason = rng.choice(list(stays["reasons"]), count).tolist()
    state = rng.choice(list(stays["permit_states"]), count, p=[share / 100 for share in stays["permit_states"].values()]).tolist()
    issued = np.where(np.isin(state, ["已发放", "已注销"]), np.minimum(registered + rng.integers(7, 60, count), world.day - 1), NO_DAY)
    days = {
        "birth_date": people.born[persons],
        "arrived_on": registered - rng.integers(0, 400, count),
        "left_on": np.where(rng.random(count) < LEFT_SHARE, world.day - rng.integers(0, 9, count), NO_DAY),
        "registered_on": registered,
        "permit_issued_on": issued,
        "permit_valid_to": np.where(issued == NO_DAY, NO_DAY, issued + 365),
    }
    written = {column: write_dates(values_, "dashed", rng, 0.06) for column, values_ in days.items()}
    politics = words("texts")["politics"]
    table = Table(
        key="registration_number",
        columns={
            "registration_number": [f"LD{start + row + 1:010d}" for row in range(count)],
            "document_type_code": ["111"] * count,
            "document_number": desk.numbers(persons),
            "name": desk.names(persons),
            "sex_code": np.where(people.male[persons], "1", "2").tolist(),
            "nation_code": people.nation[persons].tolist(),
            "phone": desk.phones(persons, rng),
            "registered_division_code": [str(code) for code in people.division[persons].tolist()],
            "actual_division_code": [desk.division(node, True) for node in dwelling],
            "actual_plate_text": desk.plates(dwelling),
            "actual_longitude": [f"{library.lon[node]:.6f}" for node in dwelling],
            "actual_latitude": [f"{library.lat[node]:.6f}" for node in dwelling],
            "stay_reason": reason,
            "dwelling_kind_code": rng.choice(["02", "02", "02", "05", "04"], count).tolist(),
            "inflow_reason_code": [stays["reasons"][each] for each in reason],
            "came_from": [desk.county_outside(each) for each in household.tolist()],
            "employer": desk.employers(persons),
            "occupation": desk.occupations(persons, rng),
            "letting_state_code": ["1" if flag else "9" for flag in owned],
            "relation_to_owner": rng.choice(stays["relations"], count).tolist(),
            "owner_document_type_code": ["111" if flag else "" for flag in owned],
            "owner_number": _of_owners(desk.numbers(owner), owned),
            "owner_name": _of_owners(desk.names(owner), owned),
            "owner_phone": _of_owners(desk.phones(owner, rng), owned),
            "owner_residence_text": _of_owners([_home(desk, each) for each in owner.tolist()], owned),
            "recorded_by": [f"{without_ending(library.value('town', node))}派出所" for node in dwelling],
            "permit_number": [f"{world.city.code}JZ{start + row + 1:08d}" if day != NO_DAY else "" for row, day in enumerate(issued.tolist())],
            "permit_state": state,
            "政治面貌": rng.choice(politics, count).tolist(),
            "照片": [f"{PHOTO}{row % 97:02d}" for row in range(count)],
            **{column: texts for column, (texts, _) in written.items()},
        },
        about={
            "person": [person_id(index) for index in persons.tolist()],
            "owner": [person_id(index) if index >= 0 else None for index in owner.tolist()],
            "house": [library.address_id(node) for node in dwelling],
        },
    )  # fmt: skip
    for column, (_, found) in written.items():
        table.note(column, found)
    table.note("left_on", {row: "left_lately" for row, text in enumerate(table.columns["left_on"]) if text})
    clerk = Clerk(table, desk.scribes, desk.seed, name)
    clerk.write("registered_address_text", "registered_home", [-1] * count, None, lambda row: desk.place_outside(int(household[row])))
    clerk.write("actual_address_text", "letting", dwelling, iso_dates(registered))
    _spoil(table, rng)
    share_phone_of_agency(desk, table, name, persons.tolist(), "phone")
    blur_persons(desk, table, name, {"document_number": "name", "owner_number": "owner_name"})
    repeat_some(table, rng, "phone")
    return table


def _of_owners(texts: list[str], owned: list[bool]) -> list[str]:
    return [text if flag else "" for text, flag in zip(texts, owned, strict=True)]


def _home(desk: Desk, person: int) -> str:
    """Where a person lives, by the standard text."""
    household = int(desk.people.household[person])
    node = int(desk.world.homes.actual[household])
    return desk.library.full_text[node] if node >= 0 else desk.place_outside(household)


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "document_number", 0.006, values.wrong_check, rng)
    plant("fifteen_digits", "document_number", 0.01, values.fifteen_digits, rng)
    plant("lower_case_x", "document_number", 0.3, values.small_x, rng)
    plant("full_width", "document_number", 0.003, values.wide, rng)
    plant("wrong_check_digit", "owner_number", 0.006, values.wrong_check, rng)
    plant("blank_in_name", "name", 0.02, values.name_with_blank, rng)
    plant("mistyped_name", "name", 0.006, values.name_mistyped, rng)
    plant("missing_required", "name", 0.003, values.blank, rng)
    plant("missing_required", "actual_address_text", 0.004, values.blank, rng)
    plant("missing_required", "registered_on", 0.003, values.blank, rng)
    plant("word_for_code", "sex_code", 0.04, values.sex_word, rng)
    plant("unknown_code", "inflow_reason_code", 0.01, values.unknown_code, rng)
    plant("impossible_date", "arrived_on", 0.004, values.impossible_date, rng)
    plant("left_before_registration", "left_on", 0.1, values.early_date, rng)
    plant("open_end", "left_on", 0.1, values.open_end, rng)
    plant("placeholder_value", "owner_name", 0.02, values.no_value, rng)
    plant("placeholder_value", "phone", 0.02, values.placeholder_phone, rng)
    plant("phone_with_prefix", "phone", 0.04, values.phone_with_prefix, rng)
    plant("impossible_coordinate", "actual_longitude", 0.004, values.swapped_coordinate, rng)
