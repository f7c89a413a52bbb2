"""Export of the police: the register of dwellings, let or not; its numbers of houses are those of the rental houses."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.rental_house import dwelling_areas, dwelling_rooms
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.randomness import Ints
from samples.words import words

TRUSTED_SHARE, HELD_SHARE = 0.05, 0.02


def actual_house(desk: Desk) -> Iterator[Table]:
    """Every dwelling somebody lives in."""
    homes, lettings = desk.world.homes, desk.world.lettings
    dwellings = np.unique(np.concatenate([homes.actual[homes.actual >= 0], lettings.dwelling]))
    people, actual = desk.people, homes.actual[desk.people.household]
    heads = np.flatnonzero((people.relation == "0") & (actual >= 0))
    owners = dict(zip(actual[heads].tolist(), heads.tolist(), strict=True))
    owners |= dict(zip(lettings.dwelling.tolist(), lettings.owner.tolist(), strict=True))
    living = dict(zip(*(each.tolist() for each in np.unique(actual[actual >= 0], return_counts=True)), strict=True))
    let = set(lettings.dwelling.tolist())
    for start in range(0, len(dwellings), CHUNK):
        yield _houses(desk, dwellings[start : start + CHUNK], owners, living, let, start // CHUNK)


def _houses(desk: Desk, dwelling: Ints, owners: dict[int, int], living: dict[int, int], let: set[int], chunk: int) -> Table:
    world, people, library = desk.world, desk.people, desk.library
    name, count, nodes = f"actual_house/{chunk}", len(dwelling), dwelling.tolist()
    rng = draws(desk.seed, name)
    owner = np.array([owners[node] for node in nodes])
    trusted = (rng.random(count) < TRUSTED_SHARE).tolist()
    trustee = rng.integers(0, len(people), count)
    held = (rng.random(count) < HELD_SHARE).tolist()
    holders = rng.integers(0, len(world.firms), count).tolist()
    known = (rng.random(count) < 0.85).tolist()
    occupants = [living.get(node, 0) for node in nodes]
    table = Table(
        key="house_source_id",
        columns={
            "house_source_id": [f"FW{node:010d}" for node in nodes],
            "house_category_code": ["0" + str(1 + node % 3) for node in nodes],
            "property_right_code": ["0" + str(1 + node % 4) for node in nodes],
            "use_code": ["01"] * count,
            "room_count": [str(each) for each in dwelling_rooms(dwelling).tolist()],
            "area": [str(each) for each in dwelling_areas(dwelling).tolist()],
            "title_number": [f"{world.city.short}房权证字第{node:08d}号" if node % 3 else "" for node in nodes],
            "owner_document_type_code": ["111"] * count,
            "owner_number": desk.numbers(owner),
            "owner_name": desk.names(owner),
            "owner_phone": desk.phones(owner, rng),
            "trustee_document_type_code": ["111" if flag else "" for flag in trusted],
            "trustee_number": _where(desk.numbers(trustee), trusted),
            "trustee_name": _where(desk.names(trustee), trusted),
            "trustee_phone": _where(desk.phones(trustee, rng), trusted),
            "trustee_relation": _where(rng.choice(words("policing")["trustee_relations"], count).tolist(), trusted),
            "holding_organisation": _where([world.firms[firm].name for firm in holders], held),
            "address_source_id": _where([f"GA{node:010d}" for node in nodes], known),
            "division_code": [desk.division(node, True) for node in nodes],
            "plate_text": desk.plates(nodes),
            "longitude": [f"{library.lon[node]:.6f}" for node in nodes],
            "latitude": [f"{library.lat[node]:.6f}" for node in nodes],
            "is_let": ["是" if node in let else "否" for node in nodes],
            "occupant_count": [str(each) for each in occupants],
            "domestic_count": [str(each) for each in occupants],
            "foreign_count": ["0"] * count,
            "unregistered_count": ["0"] * count,
        },
        about={
            "owner": [person_id(index) for index in owner.tolist()],
            "house": [library.address_id(node) for node in nodes],
        },
    )
    Clerk(table, desk.scribes, desk.seed, name).write("address_text", "letting", nodes)
    _spoil(table, rng)
    blur_persons(desk, table, name, {"owner_number": "owner_name"})
    repeat_some(table, rng, "owner_phone")
    return table


def _where(texts: list[str], flags: list[bool]) -> list[str]:
    return [text if flag else "" for text, flag in zip(texts, flags, strict=True)]


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "owner_number", 0.006, values.wrong_check, rng)
    plant("fifteen_digits", "owner_number", 0.01, values.fifteen_digits, rng)
    plant("placeholder_value", "owner_number", 0.01, values.no_value, rng)
    plant("blank_in_name", "owner_name", 0.02, values.name_with_blank, rng)
    plant("mistyped_name", "owner_name", 0.006, values.name_mistyped, rng)
    plant("placeholder_value", "owner_phone", 0.03, values.placeholder_phone, rng)
    plant("two_phones", "owner_phone", 0.02, values.two_phones, rng)
    plant("missing_required", "house_source_id", 0.002, values.blank, rng)
    plant("missing_required", "address_text", 0.004, values.blank, rng)
    plant("no_room_at_all", "room_count", 0.003, lambda value, draw: "0", rng)
    plant("area_with_unit", "area", 0.04, values.area_with_unit, rng)
    plant("flag_otherwise", "is_let", 0.05, values.yes_or_no, rng)
    plant("impossible_coordinate", "longitude", 0.003, values.swapped_coordinate, rng)
