"""Export of civil affairs: homes for old people, a workbook with a header of two lines and a line of totals."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id, society_id
from samples.exports.table import Clerk, Table, add_total, draws
from samples.noise import naming, values

COUNTS = ("bed_count", "nursing_bed_count", "resident_count", "dependent_count")


def care_home(desk: Desk) -> Iterator[Table]:
    """All of them, in one table."""
    world = desk.world
    found = world.care_homes
    societies = [world.societies[each.society] for each in found]
    rng = draws(desk.seed, "care_home")
    principals = np.array([society.representative for society in societies])
    table = Table(
        key="uscc",
        columns={
            "name": [society.name for society in societies],
            "uscc": [society.uscc for society in societies],
            "record_number": [each.record for each in found],
            "ownership": [each.ownership for each in found],
            "bed_count": [str(each.beds) for each in found],
            "nursing_bed_count": [str(each.nursing_beds) for each in found],
            "resident_count": [str(each.residents) for each in found],
            "dependent_count": [str(each.dependent) for each in found],
            "grade": [each.grade for each in found],
            "fire_approval": ["已验收" if each.is_fire_approved else "未验收" for each in found],
            "food_licence": [each.food_licence for each in found],
            "principal_name": desk.names(principals),
            "principal_phone": desk.phones(principals, rng),
        },
        about={
            "organisation": [society_id(each.society) for each in found],
            "person": [person_id(person) for person in principals.tolist()],
        },
    )
    Clerk(table, desk.scribes, desk.seed, "care_home").write("address_text", "society", [society.office for society in societies])
    plant = table.plant
    plant("lower_case", "uscc", 0.1, values.lower_case, rng)
    plant("name_without_place", "name", 0.15, naming.without_place(world.city.county), rng)
    plant("placeholder_value", "food_licence", 0.1, values.no_value, rng)
    plant("more_than_beds", "resident_count", 0.1, lambda value, _: f"{int(value) * 10}", rng)
    plant("placeholder_value", "principal_phone", 0.1, values.placeholder_phone, rng)
    add_total(table, "合计", COUNTS)
    yield table
