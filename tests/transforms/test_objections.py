"""What speaks against single rows that are to change the library."""

from datetime import date
from typing import Any

from transforms.objections import Objection, address_objections, alias_objections

COMPONENTS = (
    "province",
    "city",
    "county",
    "town",
    "community",
    "natural_village",
    "zone",
    "road",
    "lane",
    "house_number",
    "compound",
    "building",
    "unit",
    "floor",
    "room",
)


def key(_level: str, value: str | None) -> str:
    return (value or "").rstrip("号幢栋")


def row(id: str, level: str, parent: str | None, number: int = 0, **values: Any) -> dict[str, Any]:
    found = (
        dict.fromkeys((*COMPONENTS, "valid_from", "valid_to"))
        | {"address_id": id, "level": level, "parent_id": parent, "full_text": id}
        | values
    )
    return found | ({"sheet": "", "row": number, "stated_parent": parent} if number else {})


ROAD = row("R1", "road", "T1", road="中心街", community="甲社区")
HOUSE = row("H1", "house", "R1", road="中心街", house_number="1号")
STANDING = {"R1": ROAD, "H1": HOUSE}


def objected(*rows: dict[str, Any], held: tuple[str, ...] = ()) -> dict[str, str]:
    found: list[Objection] = address_objections(rows, STANDING, held, key)
    return {str(each.row): each.rule for each in found}


def test_sound_rows_meet_no_objection() -> None:
    assert (
        objected(
            row("H2", "house", "R1", 2, road="中心街", house_number="2号", community="乙社区"),
            row("B1", "building", "H2", 3, road="中心街", house_number="2号", building="1幢"),
        )
        == {}
    )


def test_same_place_under_another_id_is_objected_to_in_library_and_file() -> None:
    first, second = row("X", "house", "R1", 2, house_number="1"), row("Y", "house", "R1", 3, house_number="3号")
    assert objected(first, second, row("Z", "house", "R1", 4, house_number="3")) == {"2": "same_address", "4": "same_address"}


def test_places_that_follow_one_another_in_time_are_two() -> None:
    ended = row("X", "house", "R1", 2, house_number="3号", valid_to=date(2019, 1, 1))
    begun = row("Y", "house", "R1", 3, house_number="3号", valid_from=date(2019, 1, 1))
    assert objected(ended, begun) == {}
    assert objected(ended, begun | {"valid_from": date(2018, 1, 1)}) == {"3": "same_address"}


def test_parent_must_be_there_be_coarser_and_say_the_same() -> None:
    rows = (
        row("A", "house", "R9", 2, road="中心街", house_number="4号"),
        row("B", "road", "H1", 3, road="别的路"),
        row("C", "house", "R1", 4, road="虹桥路", house_number="5号"),
    )
    assert objected(*rows) == {"2": "unknown_parent", "3": "parent_level", "4": "parent_differs"}


def test_rows_below_a_rejected_one_are_rejected_unless_the_library_has_it_already() -> None:
    rows = (
        row("H2", "house", "R9", 2, house_number="2号"),
        row("B1", "building", "H2", 3, building="1幢"),
        row("M1", "room", "B1", 4, room="101室"),
    )
    assert objected(*rows) == {"2": "unknown_parent", "3": "parent_rejected", "4": "parent_rejected"}
    assert objected(*rows, held=("H2",)) == {"2": "unknown_parent"}


def test_alias_must_stand_for_a_name_or_an_address_of_the_library() -> None:
    rows = [
        {"sheet": "", "row": 2, "kind": "road", "name": "中心街"},
        {"sheet": "", "row": 3, "kind": "road", "name": "没有路"},
        {"sheet": "", "row": 4, "kind": "address", "name": "H1"},
        {"sheet": "", "row": 5, "kind": "address", "name": "H9"},
    ]
    found = alias_objections(rows, {"road": {"中心街"}}, {"H1"}, key)
    assert [(each.row, each.rule) for each in found] == [(3, "unknown_name"), (5, "unknown_name")]
