"""Export of emergency management: fires, from the first flame to the last."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, firm_id, person_id
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import naming, values
from samples.noise.dates import iso_dates
from samples.noise.moments import write_moments
from samples.words import words
from samples.world.safety import DAY_MINUTES

MOMENTS = ("ignited_at", "reported_at", "arrived_at", "extinguished_at")
STATIONS = ("安阳消防救援站", "塘下消防救援站", "飞云消防救援站", "马屿消防救援站")


def fire(desk: Desk) -> Iterator[Table]:
    """All fires, in one table."""
    world = desk.world
    found = world.fires
    count = len(found)
    rng = draws(desk.seed, "fire")
    texts = words("texts")
    written = {column: write_moments([each.minutes[place] for each in found], "dashed", rng, 0.08) for place, column in enumerate(MOMENTS)}
    firms = [world.firms[each.firm] if each.firm >= 0 else None for each in found]
    householders = np.array([max(each.householder, 0) for each in found])
    at_home = [each.householder >= 0 for each in found]
    names, phones = desk.names(householders), desk.phones(householders, rng)

    def drawn(listed: list[str]) -> list[str]:
        return [listed[at] for at in rng.integers(0, len(listed), count).tolist()]

    table = Table(
        key="fire_number",
        columns={
            "fire_number": [each.number for each in found],
            "place_kind": [each.place for each in found],
            "part": drawn(texts["fire_parts"]),
            "burnt_thing": drawn(texts["fire_things"]),
            "cause": drawn(texts["fire_causes"]),
            "structure": drawn(texts["structures"]),
            "burnt_area": [str(each.area) for each in found],
            "dead_count": [str(each.dead) for each in found],
            "injured_count": [str(each.injured) for each in found],
            "loss": [str(each.loss) for each in found],
            "organisation_name": [firm.name if firm else "" for firm in firms],
            "uscc": [firm.uscc if firm else "" for firm in firms],
            "householder_name": [name if home else "" for name, home in zip(names, at_home, strict=True)],
            "householder_phone": [phone if home else "" for phone, home in zip(phones, at_home, strict=True)],
            "station": drawn(list(STATIONS)),
            **{column: each for column, (each, _) in written.items()},
        },
        about={
            "organisation": [firm_id(each.firm) if each.firm >= 0 else "" for each in found],
            "person": [person_id(each.householder) if each.householder >= 0 else "" for each in found],
            "event": [each.number for each in found],
        },
    )
    for column, (_, forms) in written.items():
        table.note(column, forms)
    days = iso_dates(np.array([each.minutes[0] // DAY_MINUTES for each in found], dtype=np.int64))
    Clerk(table, desk.scribes, desk.seed, "fire").write("address_text", "hazard", [each.node for each in found], days)
    _spoil(table, rng)
    repeat_some(table, rng, "householder_phone", 0.01)
    yield table


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("missing_value", "uscc", 0.3, values.blank, rng)
    plant("homophone_in_name", "organisation_name", 0.02, naming.homophone, rng)
    plant("placeholder_value", "cause", 0.05, values.no_value, rng)
    plant("amount_with_unit", "loss", 0.1, values.rent_with_unit, rng)
    plant("area_with_unit", "burnt_area", 0.1, values.area_with_unit, rng)
    plant("arrived_before_alarm", "arrived_at", 0.03, values.early_date, rng)
    plant("missing_value", "reported_at", 0.05, values.blank, rng)
    plant("missing_required", "address_text", 0.02, values.blank, rng)
