"""Export of the police: rental houses, one row for each tenant."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons, share_phone_of_agency
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.randomness import Ints
from samples.words import words
from samples.world.people import NO_DAY


def let_areas(dwelling: Ints) -> Ints:
    """Square metres of dwellings that are let."""
    return np.maximum(10, dwelling_areas(dwelling) // 2)


def let_rooms(dwelling: Ints) -> Ints:
    """Rooms of dwellings that are let."""
    return np.minimum(dwelling_rooms(dwelling), 1 + dwelling % 4)


def dwelling_areas(dwelling: Ints) -> Ints:
    """Square metres of dwellings."""
    return 40 + dwelling * 7 % 130


def dwelling_rooms(dwelling: Ints) -> Ints:
    """Rooms of dwellings."""
    return 1 + dwelling % 6


def rental_house(desk: Desk) -> Iterator[Table]:
    """One row for each tenant of each let dwelling, with lettings that ended."""
    lettings = desk.world.lettings
    for start in range(0, len(lettings.tenant), CHUNK):
        yield _rentals(desk, np.arange(start, min(start + CHUNK, len(lettings.tenant))), start // CHUNK)


def _rentals(desk: Desk, rows: Ints, chunk: int) -> Table:
    world, people, lettings, library = desk.world, desk.people, desk.world.lettings, desk.library
    rng = draws(desk.seed, f"rental_house/{chunk}")
    count = len(rows)
    tenant, owner, dwelling = lettings.tenant[rows], lettings.owner[rows], lettings.dwelling[rows].tolist()
    texts = words("texts")
    area = dwelling_areas(lettings.dwelling[rows])
    rooms = dwelling_rooms(lettings.dwelling[rows])
    signed = lettings.start[rows] + rng.integers(0, 20, count)
    checked = np.where(rng.random(count) < 0.6, world.day - rng.integers(1, 300, count), NO_DAY)
    columns: dict[str, list[str]] = {}
    notes = []
    for column, days, usual in (
        ("responsibility_signed_on", signed, "dashed"),
        ("let_on", lettings.start[rows], "dashed"),
        ("lease_start", lettings.start[rows], "dashed"),
        ("lease_end", lettings.end[rows], "dashed"),
        ("inspected_on", checked, "dashed"),
    ):
        columns[column], found = write_dates(days, usual, rng, 0.08)
        notes.append((column, found))
    trusted = (rng.random(count) < 0.1).tolist()
    known = (rng.random(count) < 0.8).tolist()
    trustees = desk.names(rng.integers(0, len(people), count))
    table = Table(
        key="letting_source_id",
        columns={
            "letting_source_id": [f"CZ{row + 1:010d}" for row in rows.tolist()],
            "house_source_id": [f"FW{node:010d}" for node in dwelling],
            "house_category_code": ["0" + str(1 + node % 3) for node in dwelling],
            "property_right_code": ["0" + str(1 + node % 4) for node in dwelling],
            "use_code": ["01"] * count,
            "room_count": [str(value) for value in rooms.tolist()],
            "area": [str(value) for value in area.tolist()],
            "title_number": [f"{world.city.short}房权证字第{node:08d}号" if node % 3 else "" for node in dwelling],
            "owner_document_type_code": ["111"] * count,
            "owner_number": desk.numbers(owner),
            "owner_name": desk.names(owner),
            "owner_phone": desk.phones(owner, rng),
            "trustee_name": [name if flag else "" for name, flag in zip(trustees, trusted, strict=True)],
            "trustee_phone": [f"1580000{i % 10000:04d}" if flag else "" for i, flag in enumerate(trusted)],
            "division_code": [desk.division(node, True) for node in dwelling],
            "address_source_id": [f"GA{node:010d}" if flag else "" for node, flag in zip(dwelling, known, strict=True)],
            "plate_text": desk.plates(dwelling),
            "longitude": [f"{library.lon[node]:.6f}" for node in dwelling],
            "latitude": [f"{library.lat[node]:.6f}" for node in dwelling],
            "is_let": ["是"] * count,
            "safety_responsible": desk.names(owner),
            "let_area": [str(value) for value in let_areas(lettings.dwelling[rows]).tolist()],
            "let_room_count": [str(value) for value in let_rooms(lettings.dwelling[rows]).tolist()],
            "rent": [str(value) for value in lettings.rent[rows].tolist()],
            "grade_code": [str(1 + node % 4) for node in dwelling],
            "tenant_document_type_code": ["111"] * count,
            "tenant_number": desk.numbers(tenant),
            "tenant_name": desk.names(tenant),
            "tenant_occupation": desk.occupations(tenant, rng),
            "tenant_employer": desk.employers(tenant),
            "tenant_phone": desk.phones(tenant, rng),
            "letting_state_code": ["3" if end != NO_DAY and end < world.day else "1" for end in lettings.end[rows].tolist()],
            "inspection_result": _if_dated(texts["inspection_results"], columns["inspected_on"], rng),
            "inspected_by": [f"{world.city.short}{library.value('town', node)[:2]}派出所" for node in dwelling],
            "inspector": desk.names(rng.integers(0, min(len(people), 200), count)),
            "备注": [""] * count,
            **columns,
        },
        about={
            "person": [person_id(index) for index in tenant.tolist()],
            "owner": [person_id(index) for index in owner.tolist()],
            "house": [library.address_id(node) for node in dwelling],
        },
    )  # fmt: skip
    for column, found in notes:
        table.note(column, found)
    Clerk(table, desk.scribes, desk.seed, f"rental_house/{chunk}").write(
        "address_text", "letting", dwelling, iso_dates(lettings.start[rows])
    )
    _spoil_rentals(table, rng)
    share_phone_of_agency(desk, table, f"rental_house/{chunk}", tenant.tolist(), "tenant_phone")
    blur_persons(desk, table, f"rental_house/{chunk}", {"owner_number": "owner_name", "tenant_number": "tenant_name"})
    repeat_some(table, rng, "tenant_phone")
    return table


def _if_dated(texts: list[str], dates: list[str], rng: np.random.Generator) -> list[str]:
    """A text where there is a date."""
    chosen = rng.integers(0, len(texts), len(dates)).tolist()
    return [texts[i] if date else "" for i, date in zip(chosen, dates, strict=True)]


def _spoil_rentals(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    for person in ("owner", "tenant"):
        plant("wrong_check_digit", f"{person}_number", 0.006, values.wrong_check, rng)
        plant("fifteen_digits", f"{person}_number", 0.01, values.fifteen_digits, rng)
        plant("lower_case_x", f"{person}_number", 0.3, values.small_x, rng)
        plant("placeholder_value", f"{person}_number", 0.01, values.no_value, rng)
        plant("mistyped_name", f"{person}_name", 0.01, values.name_mistyped, rng)
        plant("blank_in_name", f"{person}_name", 0.02, values.name_with_blank, rng)
        plant("placeholder_value", f"{person}_phone", 0.02, values.placeholder_phone, rng)
        plant("phone_with_prefix", f"{person}_phone", 0.04, values.phone_with_prefix, rng)
        plant("two_phones", f"{person}_phone", 0.02, values.two_phones, rng)
    plant("lease_ends_before_start", "lease_end", 0.004, values.early_date, rng)
    plant("open_end", "lease_end", 0.15, values.open_end, rng)
    plant("impossible_date", "lease_start", 0.003, values.impossible_date, rng)
    plant("missing_required", "address_text", 0.003, values.blank, rng)
    plant("missing_required", "house_source_id", 0.002, values.blank, rng)
    plant("amount_with_unit", "rent", 0.04, values.rent_with_unit, rng)
    plant("area_with_unit", "area", 0.04, values.area_with_unit, rng)
    plant("negative_number", "let_area", 0.003, values.negative, rng)
    plant("flag_otherwise", "is_let", 0.05, values.yes_or_no, rng)
    plant("unknown_code", "tenant_document_type_code", 0.003, values.unknown_code, rng)
    plant("impossible_coordinate", "longitude", 0.003, values.swapped_coordinate, rng)
