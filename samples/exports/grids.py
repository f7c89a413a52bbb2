"""Exports of the grids: what they are (a workbook), what they cover (comma-separated), the crosswalk (a workbook), who works there (comma-separated)."""

from collections.abc import Iterator, Sequence

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.table import Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import write_dates
from samples.world.grids import Grid
from samples.world.people import NO_DAY

KINDS = {
    "town": "整个乡镇街道", "community": "整个社区（村）", "natural_village": "自然村（组）", "zone": "园区", "road": "整条道路", "road_range": "门牌段",
    "lane": "弄巷", "compound": "小区院落", "building": "楼幢", "address": "指定地址",
}  # fmt: skip
NAMES = (
    "town", "community", "natural_village", "zone", "road", "lane", "number_from", "number_to", "parity", "compound", "building",
    "standard_address_id",
)  # fmt: skip


def grid(desk: Desk) -> Iterator[Table]:
    """All grids of all networks, also those no longer in use."""
    system = desk.world.grids
    found = [*system.unified.grids, *system.grids]
    rng = draws(desk.seed, "grid")
    counted = [each.dwellings if each.until is None and each.kind in ("基础网格", "专属网格") else None for each in found]
    table = Table(
        key="grid_code",
        columns={
            "network": [each.network for each in found],
            "grid_code": [each.code for each in found],
            "name": [each.name for each in found],
            "kind": [each.kind for each in found],
            "parent_code": [each.parent for each in found],
            "town": [each.town for each in found],
            "community": [each.community for each in found],
            "community_code": [each.community_code for each in found],
            "department": [each.department for each in found],
            "household_count": ["" if count is None else str(int(count * rng.uniform(0.9, 1.1))) for count in counted],
            "person_count": ["" if count is None else str(int(count * rng.uniform(2.0, 2.8))) for count in counted],
            "longitude": [f"{each.centre[0]:.6f}" if each.centre else "" for each in found],
            "latitude": [f"{each.centre[1]:.6f}" if each.centre else "" for each in found],
        },
        about={},
    )
    _write_validity(table, found, rng)
    plant = table.plant
    plant("count_missing", "household_count", 0.05, values.blank, rng)
    plant("swapped_coordinate", "longitude", 0.005, values.swapped_coordinate, rng)
    table.plant("open_end", "valid_to", 0.1, values.open_end, rng)
    yield table


def grid_coverage(desk: Desk) -> Iterator[Table]:
    """What each grid covers, a statement a row."""
    system = desk.world.grids
    found = [*system.unified.coverages, *system.coverages]
    rng = draws(desk.seed, "grid_coverage")
    table = Table(
        key="coverage_number",
        columns={
            "coverage_number": [f"FW{number + 1:06d}" for number in range(len(found))],
            "network": [each.grid.network for each in found],
            "grid_code": [each.grid.code for each in found],
            "kind": [KINDS[each.kind] for each in found],
            **{name: [each.names.get(name, "") for each in found] for name in NAMES},
        },
        about={},
    )
    _write_validity(table, [each.grid for each in found], rng)
    for row, each in enumerate(found):
        if each.planted:
            table.planted[row].append(each.planted)
    yield table


def grid_crosswalk(desk: Desk) -> Iterator[Table]:
    """Which unified grids a department's grid is said to correspond to."""
    found = desk.world.grids.mappings
    rng = draws(desk.seed, "grid_crosswalk")
    table = Table(
        key="grid_code",
        columns={
            "network": [each.grid.network for each in found],
            "grid_code": [each.grid.code for each in found],
            "name": [each.grid.name for each in found],
            "unified_code": [each.unified for each in found],
            "relation": [each.relation for each in found],
            "valid_from": write_dates(np.array([max(each.grid.since, 19_000) for each in found]), "slashed", rng, 0)[0],
            "valid_to": ["99991231" if chance < 0.1 else "" for chance in rng.random(len(found))],
        },
        about={},
    )
    for row, each in enumerate(found):
        if each.planted:
            table.planted[row].append(each.planted)
    yield table


def grid_staff(desk: Desk) -> Iterator[Table]:
    """Heads and staff of the unified grids."""
    found = desk.world.grids.posts
    people = desk.people
    rng = draws(desk.seed, "grid_staff")
    persons = np.array([each.person for each in found])
    since, forms = write_dates(np.array([each.since for each in found]), "dashed", rng, 0.08)
    until, _ = write_dates(np.array([NO_DAY if each.until is None else each.until for each in found]), "dashed", rng, 0)
    table = Table(
        key="person_number",
        columns={
            "grid_code": [each.grid for each in found],
            "person_number": desk.numbers(persons),
            "person_name": desk.names(persons),
            "person_sex": np.where(people.male[persons], "男", "女").tolist(),
            "person_phone": desk.phones(persons, rng),
            "role": [each.role for each in found],
            "employer": [each.employer for each in found],
            "valid_from": since,
            "valid_to": until,
        },
        about={"person": [person_id(person) for person in persons.tolist()]},
    )
    table.note("valid_from", forms)
    for row, each in enumerate(found):
        if each.planted:
            table.planted[row].append(each.planted)
    plant = table.plant
    plant("wrong_check_digit", "person_number", 0.005, values.wrong_check, rng)
    plant("lower_case_x", "person_number", 0.3, values.small_x, rng)
    plant("blank_in_name", "person_name", 0.03, values.name_with_blank, rng)
    plant("two_phones", "person_phone", 0.03, values.two_phones, rng)
    plant("unknown_code", "role", 0.004, values.unknown_code, rng)
    plant("missing_required", "role", 0.003, values.blank, rng)
    repeat_some(table, rng, "employer", 0.004)
    yield table


def _write_validity(table: Table, grids: Sequence[Grid], rng: np.random.Generator) -> None:
    table.columns["valid_from"], forms = write_dates(np.array([each.since for each in grids]), "slashed", rng, 0.05)
    table.columns["valid_to"], _ = write_dates(
        np.array([NO_DAY if each.until is None else each.until for each in grids]), "slashed", rng, 0
    )
    table.note("valid_from", forms)
