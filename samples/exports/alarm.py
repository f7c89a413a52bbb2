"""Exports of the police's 110 system: the call, who was sent, and what came of it, each in a file of its own."""

from collections.abc import Iterator

import numpy as np

from samples.exports.desk import Desk, person_id
from samples.exports.identities import blur_persons
from samples.exports.table import CHUNK, Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates
from samples.noise.instants import write_instants
from samples.words import words
from samples.world.city import without_ending
from samples.world.policing import DAY, Call, Feedback

NUMBER_KNOWN, NAME_KNOWN = 0.6, 0.95
EARLY = "2019-01-01 00:00:00"


def alarm(desk: Desk) -> Iterator[Table]:
    """All calls, also idle and repeated ones."""
    calls = desk.world.calls
    for start in range(0, len(calls), CHUNK):
        yield _calls(desk, calls[start : start + CHUNK], start // CHUNK)


def alarm_dispatch(desk: Desk) -> Iterator[Table]:
    """Whom the centre sent, under headers of initials."""
    calls = [call for call in desk.world.calls if call.dispatched is not None]
    for start in range(0, len(calls), CHUNK):
        yield _dispatches(desk, calls[start : start + CHUNK], start // CHUNK)


def alarm_feedback(desk: Desk) -> Iterator[Table]:
    """What the patrols told, now and then twice of one call."""
    told = [(call, feedback) for call in desk.world.calls for feedback in call.feedbacks]
    for start in range(0, len(told), CHUNK):
        yield _feedbacks(desk, told[start : start + CHUNK], start // CHUNK)


def station(desk: Desk, node: int) -> str:
    """The police station that looks after a place."""
    return f"{desk.world.city.county}公安局{without_ending(desk.library.value('town', node))}派出所"


def _calls(desk: Desk, calls: list[Call], chunk: int) -> Table:
    name, count, library = f"alarm/{chunk}", len(calls), desk.library
    rng = draws(desk.seed, name)
    persons = np.array([call.person for call in calls])
    nodes = [call.node for call in calls]
    named = (rng.random(count) < NAME_KNOWN).tolist()
    numbered = [flag and draw < NUMBER_KNOWN for flag, draw in zip(named, rng.random(count).tolist(), strict=True)]
    units = [f"{desk.world.city.code}{desk.town_number(node):02d}0000" for node in nodes]
    places = rng.choice(words("policing")["places"], count).tolist()
    instants = {
        "reported_at": write_instants([call.reported for call in calls], "dashed", rng, 0.08),
        "received_at": write_instants([call.received for call in calls], "dashed", rng, 0.08),
        "call_ended_at": write_instants([call.ended for call in calls], "dashed", rng, 0.08),
    }
    table = Table(
        key="alarm_number",
        columns={
            "alarm_number": [call.number for call in calls],
            "division_code": [desk.world.city.code] * count,
            "receiving_unit_code": [f"{desk.world.city.code}000000"] * count,
            "receiving_kind_code": rng.choice(["01", "01", "01", "02"], count).tolist(),
            "channel_code": rng.choice(["1", "1", "1", "1", "2", "3"], count).tolist(),
            "repeated_number": [call.repeats for call in calls],
            "related_number": [call.relates for call in calls],
            "reporter_name": [text if flag else "" for text, flag in zip(desk.names(persons), named, strict=True)],
            "reporter_sex_code": np.where(desk.people.male[persons], "1", "2").tolist(),
            "reporter_number": [text if flag else "" for text, flag in zip(desk.numbers(persons), numbered, strict=True)],
            "reporter_phone": desk.phones(persons, rng),
            "place_division_code": [desk.division(node, True) for node in nodes],
            "place_plate_text": desk.plates(nodes),
            "place_description": places,
            "longitude": [f"{library.lon[node]:.6f}" for node in nodes],
            "latitude": [f"{library.lat[node]:.6f}" for node in nodes],
            "content": [call.says for call in calls],
            "responsible_unit_code": units,
            "category_code": [call.kind["codes"][0] for call in calls],
            "kind_code": [call.kind["codes"][1] for call in calls],
            "subkind_code": [call.kind["codes"][2] for call in calls],
            "level_code": rng.choice(["1", "2", "3", "3", "3"], count).tolist(),
            "state_code": ["3" if call.kind.get("idle") else "2" if call.repeats else "1" for call in calls],
            "trapped_count": ["0"] * count,
            "injured_count": [str(_sum(call, "injured")) for call in calls],
            "dead_count": [str(_sum(call, "dead")) for call in calls],
            "has_dangerous_goods": ["无"] * count,
            **{column: texts for column, (texts, _) in instants.items()},
        },
        about={
            "person": [person_id(call.person) if flag else None for call, flag in zip(calls, named, strict=True)],
            "event": [call.number for call in calls],
        },
    )  # fmt: skip
    for column, (_, found) in instants.items():
        table.note(column, found)
    clerk = Clerk(table, desk.scribes, desk.seed, name)
    clerk.write("place_text", "hazard", nodes, iso_dates(np.array([call.reported // DAY for call in calls])))
    _spoil_calls(table, rng)
    blur_persons(desk, table, name, {"reporter_number": "reporter_name"})
    repeat_some(table, rng, "reporter_phone")
    return table


def _sum(call: Call, what: str) -> int:
    return max((int(getattr(feedback, what)) for feedback in call.feedbacks), default=0)


def _spoil_calls(table: Table, rng: np.random.Generator) -> None:
    plant = table.plant
    plant("wrong_check_digit", "reporter_number", 0.008, values.wrong_check, rng)
    plant("lower_case_x", "reporter_number", 0.3, values.small_x, rng)
    plant("placeholder_value", "reporter_name", 0.02, values.no_value, rng)
    plant("placeholder_value", "reporter_phone", 0.02, values.placeholder_phone, rng)
    plant("phone_with_prefix", "reporter_phone", 0.03, values.phone_with_prefix, rng)
    plant("word_for_code", "reporter_sex_code", 0.04, values.sex_word, rng)
    plant("unknown_code", "reporter_sex_code", 0.005, values.unknown_code, rng)
    plant("missing_required", "reported_at", 0.006, values.blank, rng)
    plant("missing_required", "content", 0.006, values.blank, rng)
    plant("missing_value", "place_text", 0.01, values.blank, rng)
    plant("received_before_report", "received_at", 0.008, lambda value, draw: EARLY if value else None, rng)
    plant("impossible_coordinate", "longitude", 0.01, values.swapped_coordinate, rng)


def _dispatches(desk: Desk, calls: list[Call], chunk: int) -> Table:
    name, count = f"alarm_dispatch/{chunk}", len(calls)
    rng = draws(desk.seed, name)
    unknown = (rng.random(count) < 0.03).tolist()
    received, received_forms = write_instants([call.dispatched for call in calls], "compact", rng, 0.06)
    arrived, arrived_forms = write_instants(
        [None if skip else call.arrived for call, skip in zip(calls, unknown, strict=True)], "compact", rng, 0.06
    )
    table = Table(
        key="dispatch_number",
        columns={
            "dispatch_number": [call.dispatch for call in calls],
            "alarm_number": [call.number for call in calls],
            "unit_code": [f"{desk.world.city.code}{desk.town_number(call.node):02d}0000" for call in calls],
            "unit_name": [station(desk, call.node) for call in calls],
            "received_at": received,
            "arrived_at": arrived,
            "opinion": rng.choice(words("policing")["opinions"], count).tolist(),
        },
        about={"event": [call.number for call in calls]},
    )
    table.note("received_at", received_forms)
    table.note("arrived_at", arrived_forms)
    plant = table.plant
    plant("missing_required", "alarm_number", 0.006, values.blank, rng)
    plant("missing_required", "received_at", 0.006, values.blank, rng)
    plant("trailing_blank", "alarm_number", 0.01, values.trailing_blank, rng)
    plant("arrived_before_dispatch", "arrived_at", 0.008, lambda value, draw: EARLY if value else None, rng)
    repeat_some(table, rng, "opinion", 0.004, "已到场")
    return table


def _feedbacks(desk: Desk, told: list[tuple[Call, Feedback]], chunk: int) -> Table:
    name, count = f"alarm_feedback/{chunk}", len(told)
    rng = draws(desk.seed, name)
    kinds = [call.kind for call, _ in told]
    fires, crashes = words("policing")["fires"], words("policing")["accidents"]
    instants = {
        "fed_back_at": write_instants([each.told for _, each in told], "dashed", rng, 0.06),
        "occurred_at": write_instants([call.reported - 300 for call, _ in told], "dashed", rng, 0.06),
        "ended_at": write_instants([each.handled for _, each in told], "dashed", rng, 0.06),
        "arrived_at": write_instants([each.arrived for _, each in told], "dashed", rng, 0.06),
        "handled_at": write_instants([each.handled for _, each in told], "dashed", rng, 0.06),
    }

    def only(kind: str, texts: list[str]) -> list[str]:
        chosen = rng.choice(texts, count).tolist()
        return [text if each.get(kind) else "" for text, each in zip(chosen, kinds, strict=True)]

    table = Table(
        key="feedback_number",
        columns={
            "feedback_number": [each.number for _, each in told],
            "alarm_number": [call.number for call, _ in told],
            "unit_name": [station(desk, call.node) for call, _ in told],
            "turnout": rng.choice(words("policing")["turnouts"], count).tolist(),
            "result_code": [each.result[0] for _, each in told],
            "result": [each.result[1] for _, each in told],
            "caught_count": [str(each.caught) for _, each in told],
            "injured_count": [str(each.injured) for _, each in told],
            "dead_count": [str(each.dead) for _, each in told],
            "rescued_count": [str(each.rescued) for _, each in told],
            "loss": [str(each.loss) for _, each in told],
            "is_dispute_settled": only("dispute", ["是", "是", "是", "否"]),
            "is_crime_solved": rng.choice(["否", "否", "否", "是"], count).tolist(),
            "is_offence_handled": rng.choice(["否", "否", "是"], count).tolist(),
            "fire_cause": only("fire", fires["causes"]),
            "fire_place": only("fire", fires["places"]),
            "fire_object": only("fire", fires["objects"]),
            "accident_form": only("accident", list(crashes["forms"])),
            "accident_first_cause": only("accident", crashes["causes"]),
            "accident_road_kind": only("accident", crashes["roads"]),
            **{column: texts for column, (texts, _) in instants.items()},
        },
        about={"event": [call.number for call, _ in told]},
    )
    for column, (_, found) in instants.items():
        table.note(column, found)
    plant = table.plant
    plant("missing_required", "alarm_number", 0.006, values.blank, rng)
    plant("handled_before_arrival", "handled_at", 0.008, lambda value, draw: EARLY if value else None, rng)
    plant("amount_with_unit", "loss", 0.03, lambda value, draw: f"{value}元" if value else None, rng)
    plant("negative_number", "loss", 0.004, values.negative, rng)
    plant("flag_otherwise", "is_dispute_settled", 0.2, values.yes_or_no, rng)
    repeat_some(table, rng, "turnout", 0.004, "已处置")
    return table
