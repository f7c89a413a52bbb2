"""Edits laid over a library: what each changes, in which order, and what it leaves alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from transforms.library_edits import Edited, apply_edits, rows_below

COLUMNS = (
    "address_id",
    "parent_id",
    "level",
    "county",
    "town",
    "community",
    "road",
    "house_number",
    "compound",
    "building",
    "full_text",
    "status",
)
SCHEMA = pa.schema([*((name, pa.string()) for name in COLUMNS), ("valid_from", pa.date32()), ("valid_to", pa.date32())])
ALIASES = pa.schema(
    [*((name, pa.string()) for name in ("kind", "within", "name", "alias")), ("valid_from", pa.date32()), ("valid_to", pa.date32())]
)
ON = date(2025, 1, 1)


@dataclass(frozen=True)
class Edit:
    number: int
    kind: str
    payload: dict[str, Any]


def row(id: str, parent: str | None, level: str, text: str, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(SCHEMA.names) | {
        "address_id": id,
        "parent_id": parent,
        "level": level,
        "full_text": text,
        "status": "在用",
        **values,
    }


IN_TOWN = {"county": "瑞安市", "town": "安阳街道"}
ON_ROAD = {**IN_TOWN, "road": "中心街"}
LIBRARY = [
    row("T1", None, "town", "安阳街道", **IN_TOWN),
    row("V1", "T1", "community", "安阳街道兴隆社区", **IN_TOWN, community="兴隆社区"),
    row("V2", "V1", "house", "安阳街道兴隆社区5号", **IN_TOWN, community="兴隆社区", house_number="5号"),
    row("R1", "T1", "road", "安阳街道中心街", **ON_ROAD),
    row("H1", "R1", "house", "安阳街道中心街101号", **ON_ROAD, community="兴隆社区", house_number="101"),
    row("C1", "H1", "compound", "安阳街道中心街101号中心街小区", **ON_ROAD, house_number="101", compound="中心街小区"),
    row("B1", "C1", "building", "安阳街道中心街101号中心街小区1幢", **ON_ROAD, house_number="101", compound="中心街小区", building="1幢"),
    row("H2", "R1", "house", "安阳街道中心街103号", **ON_ROAD, house_number="103", valid_from=date(2025, 6, 1)),
    row("H3", "R1", "house", "安阳街道中心街105号", **ON_ROAD, house_number="105", valid_to=date(2020, 1, 1), status="停用"),
]


def edited(edits: Sequence[Edit], aliases: Sequence[dict[str, Any]] = (), rows: Sequence[dict[str, Any]] = LIBRARY) -> Edited:
    return apply_edits(pa.Table.from_pylist(rows, schema=SCHEMA), pa.Table.from_pylist(list(aliases), schema=ALIASES), edits)


def by_id(result: Edited) -> dict[str, dict[str, Any]]:
    return {each["address_id"]: each for each in result.addresses.to_pylist()}


def subject(id: str, **more: Any) -> dict[str, Any]:
    known = next((each for each in LIBRARY if each["address_id"] == id), {"level": "house", "full_text": "?"})
    return {"address_id": id, "level": known["level"], "full_text": known["full_text"], "on": ON.isoformat(), **more}


def test_no_edit_changes_nothing() -> None:
    assert by_id(edited([])) == {each["address_id"]: each for each in LIBRARY}


def test_retirement_ends_what_lies_below_but_not_what_ended_before_or_begins_later() -> None:
    result = edited([Edit(1, "retire", subject("R1"))])
    ends = {id: each["valid_to"] for id, each in by_id(result).items() if each["valid_to"]}
    assert ends == dict.fromkeys(("R1", "H1", "C1", "B1"), ON) | {"H3": date(2020, 1, 1)}
    assert by_id(result)["B1"]["status"] == "停用"
    assert result.effects == {1: 4}


def test_renamed_road_goes_through_text_and_component_of_all_below_and_nothing_else() -> None:
    rows = by_id(edited([Edit(1, "rename", subject("R1", name="虹桥路"))]))
    assert rows["B1"]["full_text"] == "安阳街道虹桥路101号中心街小区1幢", "the compound keeps its name"
    assert {rows[id]["road"] for id in ("R1", "H1", "C1", "B1", "H2", "H3")} == {"虹桥路"}
    assert rows["V2"] == LIBRARY[2]


def test_renamed_community_is_renamed_at_the_plates_of_its_roads_too() -> None:
    rows = by_id(edited([Edit(1, "rename", subject("V1", name="兴旺社区"))]))
    assert rows["V2"]["full_text"] == "安阳街道兴旺社区5号"
    assert (rows["H1"]["community"], rows["H1"]["full_text"]) == ("兴旺社区", "安阳街道中心街101号")


@pytest.mark.parametrize("name", ["88号", "88"])
def test_new_plate_keeps_one_unit_word_and_old_texts_below_it_lead_on(name: str) -> None:
    result = edited([Edit(1, "rename", subject("H1", name=name))])
    assert by_id(result)["B1"]["full_text"] == "安阳街道中心街88号中心街小区1幢"
    assert [(each["kind"], each["name"], each["alias"]) for each in result.aliases.to_pylist()] == [
        ("address", "H1", "安阳街道中心街101号"),
        ("address", "C1", "安阳街道中心街101号中心街小区"),
        ("address", "B1", "安阳街道中心街101号中心街小区1幢"),
    ]


def test_old_name_and_its_aliases_stand_for_the_new_one() -> None:
    known = {"kind": "road", "within": None, "name": "中心街", "alias": "老街", "valid_from": None, "valid_to": None}
    result = edited([Edit(1, "rename", subject("R1", name="虹桥路"))], [known])
    assert [(each["within"], each["name"], each["alias"], each["valid_to"]) for each in result.aliases.to_pylist()] == [
        (None, "中心街", "老街", None),
        ("安阳街道", "虹桥路", "老街", None),
        ("安阳街道", "虹桥路", "中心街", ON),
    ]


def test_aliases_within_a_renamed_town_hold_within_the_new_one() -> None:
    known = {"kind": "road", "within": "安阳街道", "name": "中心街", "alias": "老街", "valid_from": None, "valid_to": None}
    result = edited([Edit(1, "rename", subject("T1", name="安阳新区街道"))], [known])
    assert ("安阳新区街道", "老街") in [(each["within"], each["alias"]) for each in result.aliases.to_pylist()]
    assert by_id(result)["B1"]["full_text"].startswith("安阳新区街道中心街101号")


def test_edits_work_in_their_order_and_on_what_earlier_ones_made() -> None:
    added = row("N1", "R1", "house", "安阳街道中心街107号", **ON_ROAD, house_number="107号")
    add, rename = Edit(1, "add", {"addresses": [added]}), Edit(2, "rename", subject("R1", name="虹桥路"))
    assert by_id(edited([add, rename]))["N1"]["full_text"] == "安阳街道虹桥路107号"
    later = Edit(3, "add", {"addresses": [added | {"full_text": "安阳街道虹桥路109号", "address_id": "N2", "road": "虹桥路"}]})
    retire = Edit(4, "retire", subject("N2"))
    rows = by_id(edited([rename, later, retire]))
    assert (rows["N2"]["full_text"], rows["N2"]["valid_to"], rows["H1"]["valid_to"]) == ("安阳街道虹桥路109号", ON, None)
    early = Edit(1, "retire", subject("R1"))
    assert by_id(edited([early, Edit(2, "add", {"addresses": [added]})]))["N1"]["valid_to"] is None, "added afterwards"


def test_added_address_that_a_delivery_has_brought_since_is_not_there_twice() -> None:
    added = row("N1", "R1", "house", "安阳街道中心街101号", **ON_ROAD, house_number="101号")
    result = edited(
        [
            Edit(1, "add", {"addresses": [added]}),
            Edit(2, "add", {"addresses": [added | {"address_id": "N2", "full_text": "安阳街道中心街105号"}]}),
        ]
    )
    assert "N1" not in by_id(result)
    assert "N2" in by_id(result), "the one of that text has ended"
    assert result.effects == {1: 0, 2: 1}


def test_subject_whose_id_is_gone_is_found_by_its_text_or_told_to_be_lost() -> None:
    other = subject("gone") | {"level": "house", "full_text": "安阳街道中心街101号"}
    result = edited([Edit(1, "retire", other), Edit(2, "retire", subject("nowhere"))])
    assert by_id(result)["H1"]["valid_to"] == ON
    assert result.effects == {1: 3, 2: 0}


def test_rows_below_an_address_are_found_at_any_depth() -> None:
    table = pa.Table.from_pylist(LIBRARY, schema=SCHEMA)
    assert table["address_id"].take(rows_below(table, 4)).to_pylist() == ["H1", "C1", "B1"]
    assert len(rows_below(table, 0)) == len(LIBRARY)
