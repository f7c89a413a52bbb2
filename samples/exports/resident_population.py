"""Export of the police: resident population."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import Ints
from samples.words import words
from samples.world.people import NO_DAY


def resident_population(desk: Desk) -> Iterator[Table]:
    """Everyone registered in the city, also those who left or died lately."""
    world = desk.world
    registered = np.flatnonzero(world.homes.registered[world.people.household] >= 0)
    for start in range(0, len(registered), CHUNK):
        yield _residents(desk, registered[start : start + CHUNK], start // CHUNK)


def _residents(desk: Desk, persons: Ints, chunk: int) -> Table:
    world, people, homes = desk.world, desk.people, desk.world.homes
    rng = draws(desk.seed, f"resident_population/{chunk}")
    household = people.household[persons]
    registered = homes.registered[household].tolist()
    actual = homes.actual[household].tolist()
    born_here = people.division[persons] == int(world.city.code)
    moved_in = np.where(born_here, NO_DAY, np.maximum(homes.moved_in[household], people.born[persons]))
    moved_out = world.moved_out[persons]
    reasons = words("texts")["moving_reasons"]
    consistent = np.where(np.array(registered) == np.array(actual), "01", "02")
    wrong = rng.random(len(persons)) < 0.05
    births, birth_forms = write_dates(people.born[persons], "compact", rng, 0.03)
    arrivals, arrival_forms = write_dates(moved_in, "compact", rng, 0.05)
    leavings, leaving_forms = write_dates(moved_out, "compact", rng, 0.05)
    deaths, death_forms = write_dates(people.died[persons], "compact", rng, 0.05)
    full = (rng.random(len(persons)) < 0.2).tolist()
    known = (rng.random(len(persons)) < 0.85).tolist()
    towns = [desk.town_number(node) for node in registered]
    numbers = desk.numbers(persons)
    table = Table(
        key="citizen_number",
        columns={
            "citizen_number": numbers,
            "name": desk.names(persons),
            "former_name": [people.former_names.get(person, "") for person in persons.tolist()],
            "sex_code": np.where(people.male[persons], "1", "2").tolist(),
            "nation_code": people.nation[persons].tolist(),
            "birth_date": births,
            "native_place_code": [str(code) for code in people.division[persons].tolist()],
            "household_number": [f"{number + 1:09d}" for number in household.tolist()],
            "relation_code": people.relation[persons].tolist(),
            "household_kind": np.where(homes.collective[household], "集体户", "家庭户").tolist(),
            "registered_division_code": [desk.division(node, f) for node, f in zip(registered, full, strict=True)],
            "registered_plate_code": [f"MP{desk.library.door_of[node]:09d}" for node in registered],
            "registered_plate_text": desk.plates(registered),
            "registered_address_source_id": [f"GA{node:010d}" if k else "" for node, k in zip(registered, known, strict=True)],
            "actual_division_code": [desk.division(node, f) if node >= 0 else "" for node, f in zip(actual, full, strict=True)],
            "actual_plate_code": [f"MP{desk.library.door_of[node]:09d}" if node >= 0 else "" for node in actual],
            "actual_plate_text": desk.plates(actual),
            "actual_address_source_id": [f"GA{node:010d}" if k and node >= 0 else "" for node, k in zip(actual, known, strict=True)],
            "actual_longitude": [f"{desk.library.lon[node]:.6f}" if node >= 0 else "" for node in actual],
            "actual_latitude": [f"{desk.library.lat[node]:.6f}" if node >= 0 else "" for node in actual],
            "residence_consistency": np.where(wrong, np.where(consistent == "01", "02", "01"), consistent).tolist(),
            "education_code": people.education[persons].tolist(),
            "marital_code": people.marital[persons].tolist(),
            "employer": desk.employers(persons),
            "occupation": desk.occupations(persons, rng),
            "phone": desk.phones(persons, rng),
            "moved_in_on": arrivals,
            "migration_reason": [reasons[i] if text else "" for i, text in zip(rng.integers(0, len(reasons), len(persons)).tolist(), arrivals, strict=True)],
            "moved_from": [desk.county_outside(h) if text else "" for h, text in zip(household.tolist(), arrivals, strict=True)],
            "moved_out_on": leavings,
            "moved_to": [desk.county_outside(h) if text else "" for h, text in zip(household.tolist(), leavings, strict=True)],
            "death_date": deaths,
            "bureau_code": [f"{world.city.code}000000"] * len(persons),
            "station_code": [f"{world.city.code}{town:02d}0000" for town in towns],
            "beat_code": [f"{world.city.code}{town:02d}{h % 9 + 1:02d}00" for town, h in zip(towns, household.tolist(), strict=True)],
            "宗教信仰": [words("texts")["religions"][i] for i in rng.integers(0, 3, len(persons)).tolist()],
        },
        about={"person": [person_id(person) for person in persons.tolist()]},
    )  # fmt: skip
    for row in np.flatnonzero(wrong).tolist():
        table.planted[row].append("contradicting_flag:residence_consistency")
    for column, found in (
        ("birth_date", birth_forms),
        ("moved_in_on", arrival_forms),
        ("moved_out_on", leaving_forms),
        ("death_date", death_forms),
    ):
        table.note(column, found)
    clerk = Clerk(table, desk.scribes, desk.seed, f"resident_population/{chunk}")
    clerk.write("registered_address_text", "registered_home", registered, iso_dates(moved_in))
    unknown = rng.random(len(persons)) < 0.05
    there = [-2 if skip else node for node, skip in zip(actual, unknown.tolist(), strict=True)]
    clerk.write("actual_address_text", "home", there, None, lambda row: desk.place_outside(int(household[row])))
    _spoil_residents(table, rng)
    table.plant("death_not_reported", "death_date", 0.1, values.blank, draws(desk.seed, f"deaths not reported/{chunk}"))
    blur_persons(desk, table, f"resident_population/{chunk}", {"citizen_number": "name"}, required=["citizen_number"])
    repeat_some(table, rng, "phone")
    return table


def _spoil_residents(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "citizen_number", 0.004, values.wrong_check, rng)
    plant("fifteen_digits", "citizen_number", 0.015, values.fifteen_digits, rng)
    plant("lower_case_x", "citizen_number", 0.15, values.small_x, rng)
    plant("trailing_blank", "citizen_number", 0.003, values.trailing_blank, rng)
    plant("full_width", "citizen_number", 0.002, values.wide, rng)
    plant("missing_required", "citizen_number", 0.0015, values.blank, rng)
    plant("missing_required", "name", 0.0015, values.blank, rng)
    plant("blank_in_name", "name", 0.01, values.name_with_blank, rng)
    plant("mistyped_name", "name", 0.004, values.name_mistyped, rng)
    plant("word_for_code", "sex_code", 0.03, values.sex_word, rng)
    plant("unknown_code", "sex_code", 0.002, values.unknown_code, rng)
    plant("unknown_code", "nation_code", 0.002, values.unknown_code, rng)
    plant("unknown_code", "education_code", 0.003, values.unknown_code, rng)
    plant("impossible_date", "birth_date", 0.002, values.impossible_date, rng)
    plant("death_before_birth", "death_date", 0.05, values.early_date, rng)
    plant("open_end", "moved_out_on", 0.03, values.open_end, rng)
    plant("future_date", "moved_in_on", 0.002, values.future_date, rng)
    plant("placeholder_value", "phone", 0.012, values.placeholder_phone, rng)
    plant("phone_with_prefix", "phone", 0.03, values.phone_with_prefix, rng)
    plant("two_phones", "phone", 0.01, values.two_phones, rng)
    plant("short_phone", "phone", 0.004, values.short_phone, rng)
    plant("full_width", "phone", 0.004, values.wide, rng)
    plant("placeholder_value", "employer", 0.05, values.no_value, rng)
    plant("placeholder_value", "former_name", 0.1, values.no_value, rng)
    plant("impossible_coordinate", "actual_longitude", 0.002, values.swapped_coordinate, rng)
    plant("missing_required", "registered_address_text", 0.001, values.blank, rng)
