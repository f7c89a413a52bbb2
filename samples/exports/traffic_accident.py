"""Export of the traffic police: accidents with both parties, a workbook whose header has two lines."""

from collections.abc import Iterator

import numpy as np

from samples.exports.alarm import EARLY
from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates
from samples.noise.instants import write_instants
from samples.words import words
from samples.world.city import without_ending
from samples.world.policing import DAY, Accident, Party

NOBODY = Party("", -1, "")


def traffic_accident(desk: Desk) -> Iterator[Table]:
    """All accidents, in one table."""
    accidents, library = desk.world.accidents, desk.library
    count, nodes = len(accidents), [accident.node for accident in accidents]
    rng = draws(desk.seed, "traffic_accident")
    table_of = words("policing")["accidents"]
    happened, forms = write_instants([accident.happened for accident in accidents], "slashed", rng, 0.1)
    roads = [library.value("road", node) for node in nodes]
    table = Table(
        key="accident_number",
        columns={
            "accident_number": [accident.number for accident in accidents],
            "happened_at": happened,
            "road_number": [f"X{700 + node % 40}" if node % 3 == 0 else "" for node in nodes],
            "road_name": roads,
            "kilometre": [f"{node % 300 / 10:.1f}" if node % 3 == 0 else "" for node in nodes],
            "longitude": [f"{library.lon[node]:.6f}" for node in nodes],
            "latitude": [f"{library.lat[node]:.6f}" for node in nodes],
            "weather": rng.choice(list(table_of["weather"]), count, p=[share / 100 for share in table_of["weather"].values()]).tolist(),
            "form": [accident.form for accident in accidents],
            "cause": rng.choice(table_of["causes"], count).tolist(),
            "category": [_category(accident) for accident in accidents],
            "dead_count": [str(accident.dead) for accident in accidents],
            "injured_count": [str(accident.injured) for accident in accidents],
            "missing_count": ["0"] * count,
            "loss": [str(accident.loss) for accident in accidents],
            **_party(desk, "a", [accident.parties[0] for accident in accidents], rng),
            **_party(desk, "b", [_second(accident) for accident in accidents], rng),
            "department": [f"{desk.world.city.county}公安局交警大队{without_ending(library.value('town', node))}中队" for node in nodes],
            "status": rng.choice(list(table_of["states"]), count, p=[share / 100 for share in table_of["states"].values()]).tolist(),
        },
        about={
            "person": [person_id(accident.parties[0].person) for accident in accidents],
            "other": [_id(_second(accident)) for accident in accidents],
            "event": [accident.number for accident in accidents],
        },
    )  # fmt: skip
    table.note("happened_at", forms)
    clerk = Clerk(table, desk.scribes, desk.seed, "traffic_accident")
    clerk.write("place_text", "hazard", nodes, iso_dates(np.array([accident.happened // DAY for accident in accidents])))
    _spoil(table, rng)
    blur_persons(desk, table, "traffic_accident", {"party_a_number": "party_a_name", "party_b_number": "party_b_name"})
    repeat_some(table, rng, "party_a_phone", 0.01)
    yield table


def _category(accident: Accident) -> str:
    return "死亡事故" if accident.dead else "伤人事故" if accident.injured else "财产损失事故"


def _second(accident: Accident) -> Party:
    return accident.parties[1] if len(accident.parties) > 1 else NOBODY


def _id(party: Party) -> str | None:
    return person_id(party.person) if party.person >= 0 else None


def _party(desk: Desk, side: str, parties: list[Party], rng: np.random.Generator) -> dict[str, list[str]]:
    persons = np.array([party.person for party in parties])
    known = [party.person >= 0 for party in parties]
    found = {"name": desk.names(persons), "number": desk.numbers(persons), "phone": desk.phones(persons, rng)}
    return {
        f"party_{side}_role": [party.role for party in parties],
        **{f"party_{side}_{what}": [text if flag else "" for text, flag in zip(texts, known, strict=True)] for what, texts in found.items()},
        f"party_{side}_plate_kind": [("新能源汽车号牌" if party.plate[2] == "D" else "小型汽车号牌") if party.plate else "" for party in parties],
        f"party_{side}_plate": [party.plate for party in parties],
    }  # fmt: skip


def _spoil(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    for side in ("a", "b"):
        plant("lower_case_x", f"party_{side}_number", 0.3, values.small_x, rng)
        plant("wrong_check_digit", f"party_{side}_number", 0.01, values.wrong_check, rng)
        plant("placeholder_value", f"party_{side}_phone", 0.02, values.placeholder_phone, rng)
        plant("plate_in_small_letters", f"party_{side}_plate", 0.05, values.lower_case, rng)
        plant("plate_unreadable", f"party_{side}_plate", 0.02, lambda value, draw: f"{value[:-2]}??" if value else None, rng)
    plant("missing_required", "place_text", 0.01, values.blank, rng)
    plant("missing_required", "happened_at", 0.01, values.blank, rng)
    plant("long_before", "happened_at", 0.005, lambda value, draw: EARLY.replace("2019", "1931") if value else None, rng)
    plant("amount_with_unit", "loss", 0.05, lambda value, draw: f"{value}元" if value else None, rng)
    plant("impossible_coordinate", "longitude", 0.01, values.swapped_coordinate, rng)
