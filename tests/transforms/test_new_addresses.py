"""New addresses below known ones: their parents, texts and ids."""

from typing import Any

import pytest

from transforms.new_addresses import new_addresses, spelled_like
from transforms.proposals import Part

TOWN: dict[str, Any] = {
    "address_id": "T1",
    "parent_id": "C",
    "level": "town",
    "town": "安阳街道",
    "community": None,
    "road": None,
    "full_text": "安阳街道",
}
TOWN |= {"house_number": None, "lon": 1.0, "lat": 2.0, "overlay": "开发区", "status": "在用", "valid_from": "2001-01-01", "valid_to": None}
VILLAGE = TOWN | {"address_id": "V1", "parent_id": "T1", "level": "community", "community": "兴隆社区", "full_text": "安阳街道兴隆社区"}


def test_each_part_lies_below_the_one_before_and_has_only_what_is_its_own() -> None:
    road, house = new_addresses([TOWN], [Part("road", "虹桥路", "虹桥路"), Part("house", "5号", "5")], "2025-01-01")
    assert (road["parent_id"], road["full_text"], house["parent_id"]) == ("T1", "安阳街道虹桥路", road["address_id"])
    assert (house["full_text"], house["road"], house["house_number"]) == ("安阳街道虹桥路5号", "虹桥路", "5号")
    assert (house["lon"], house["overlay"], house["valid_from"], house["valid_to"], house["status"]) == (
        None,
        None,
        "2025-01-01",
        None,
        "在用",
    )


def test_road_read_in_a_village_lies_in_the_town_and_runs_through_the_village() -> None:
    [road] = new_addresses([TOWN, VILLAGE], [Part("road", "虹桥路", "虹桥路")])
    assert (road["parent_id"], road["full_text"], road["community"]) == ("T1", "安阳街道虹桥路", "兴隆社区")
    [house] = new_addresses([TOWN, VILLAGE], [Part("house", "5号", "5")])
    assert (house["parent_id"], house["full_text"]) == ("V1", "安阳街道兴隆社区5号")


def test_id_follows_from_parent_and_component_however_it_is_spelled() -> None:
    ids = {new_addresses([TOWN], [Part("building", value, "3")])[0]["address_id"] for value in ("3幢", "3栋")}
    assert len(ids) == 1
    assert new_addresses([TOWN], [Part("unit", "3单元", "3")])[0]["address_id"] not in ids


@pytest.mark.parametrize(
    ("value", "siblings", "spelled"),
    [
        ("3幢", ["1栋", "2栋", "5幢"], "3栋"),
        ("3幢", [], "3幢"),
        ("3幢", [None, "北楼"], "3幢"),
        ("A幢", ["1号楼"], "A号楼"),
        ("阳光小区", ["1栋"], "阳光小区"),
    ],
)
def test_number_gets_the_unit_word_of_its_neighbours(value: str, siblings: list[str | None], spelled: str) -> None:
    assert spelled_like(value, siblings) == spelled
