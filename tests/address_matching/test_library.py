"""Completing a library, its index on disk, aliases, and what libraries are refused."""

import itertools
from datetime import date

import pyarrow as pa
import pytest

from address_matching import AddressIndex, LibraryError, Scope, build_index, complete_library, match
from tests.address_matching.support import PREFIX, SCOPE, alias_table, build, render

ROOM = f"{PREFIX}安阳街道万松东路128号阳光花苑3幢2单元502室"


def addresses(*rows: tuple[str, str, str]) -> pa.Table:
    return pa.table({"address_id": [row[0] for row in rows], "level": [row[1] for row in rows], "full_text": [row[2] for row in rows]})


def by_level(library: pa.Table) -> dict[str, dict[str, object]]:
    return {row["level"]: row for row in library.to_pylist()}


def test_components_are_read_from_the_full_text() -> None:
    room = by_level(complete_library(addresses(("1", "room", ROOM))))["room"]
    assert {name: room[name] for name in ("town", "road", "house_number", "compound", "building", "unit", "room")} == {
        "town": "安阳街道",
        "road": "万松东路",
        "house_number": "128号",
        "compound": "阳光花苑",
        "building": "3幢",
        "unit": "2单元",
        "room": "502室",
    }


def test_every_parent_up_to_the_province_is_made() -> None:
    library = complete_library(addresses(("1", "room", ROOM)))
    rows = by_level(library)
    chain = ["room", "unit", "building", "compound", "house", "road", "town", "county", "city", "province"]
    assert [row["level"] for row in library.to_pylist()] == ["room", *reversed(chain[1:])]
    for child, parent in itertools.pairwise(chain):
        assert rows[child]["parent_id"] == rows[parent]["address_id"]
    assert rows["building"]["full_text"] == f"{PREFIX}安阳街道万松东路128号阳光花苑3幢"
    assert rows["province"]["parent_id"] is None


def test_ids_of_made_parents_depend_on_the_path_alone() -> None:
    other = f"{PREFIX}塘下镇塘川街210号"
    first = complete_library(addresses(("1", "room", ROOM), ("2", "house", other)))
    second = complete_library(addresses(("9", "house", other), ("8", "room", ROOM)))
    made = [{row["full_text"]: row["address_id"] for row in table.to_pylist() if len(row["address_id"]) > 1} for table in (first, second)]
    assert made[0] == made[1]
    assert len(made[0]) == 11


def test_completing_twice_changes_nothing() -> None:
    once = complete_library(addresses(("1", "room", ROOM)))
    assert complete_library(once).equals(once)


def test_parents_and_columns_that_are_given_are_kept() -> None:
    table = addresses(("1", "house", f"{PREFIX}塘下镇塘川街210号")).append_column("parent_id", pa.array(["mine"]))
    table = table.append_column("division_code", pa.array(["330381101"]))
    house = by_level(complete_library(table))["house"]
    assert (house["parent_id"], house["division_code"]) == ("mine", "330381101")


def test_divisions_left_out_are_those_of_the_scope() -> None:
    library = complete_library(addresses(("1", "house", "塘下镇塘川街210号")), scope=SCOPE)
    assert by_level(library)["town"]["full_text"] == f"{PREFIX}塘下镇"


def test_where_there_are_no_counties_the_city_in_a_text_is_the_city() -> None:
    scope = Scope(province="广东省", city="云澜市", county="")
    library = complete_library(addresses(("1", "house", "广东省云澜市石鼓镇榕树路3号"), ("2", "house", "石鼓镇榕树路4号")), scope=scope)
    assert [row["address_id"] for row in library.to_pylist() if row["county"]] == []
    towns = [row["full_text"] for row in library.to_pylist() if row["level"] == "town"]
    assert towns == ["广东省云澜市石鼓镇"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (pa.table({"address_id": ["1"], "level": ["house"]}), "full_text"),
        (addresses(("1", "house", "甲路1号"), ("1", "house", "甲路2号")), "编号 1 出现不止一次"),
        (addresses(("1", "门牌", "甲路1号")), "第 1 行的 level 是“门牌”"),
    ],
)
def test_a_library_that_cannot_be_used_is_refused_with_the_cause(table: pa.Table, told: str) -> None:
    with pytest.raises(LibraryError, match=told):
        complete_library(table)


def test_an_alias_of_unknown_kind_is_refused() -> None:
    aliases = pa.table({"kind": ["street"], "name": ["甲"], "alias": ["乙"]})
    with pytest.raises(LibraryError, match="别名表第 1 行的 kind 是“street”"):
        build_index(addresses(("1", "room", ROOM)), aliases, scope=SCOPE)


def test_an_index_answers_alike_after_saving_and_opening(tmp_path) -> None:
    library = build(["house 塘下镇塘川街210号", "house 安阳街道隆山东路558号"], ["town 塘下镇 鲍田镇 .."])
    records = pa.table({"record_id": ["a", "b"], "text": ["鲍田镇塘川街210号", "龙山东路558号"]})
    library.index.save(tmp_path / "index")
    assert match(AddressIndex.open(tmp_path / "index"), records).equals(match(library.index, records))


def test_a_folder_that_is_no_index_is_refused(tmp_path) -> None:
    with pytest.raises(LibraryError, match="不是地址索引目录"):
        AddressIndex.open(tmp_path)


def test_an_old_name_counts_in_its_time() -> None:
    lines = ["house 林川镇溪坦村16号", "house 湖岭镇溪坦村16号"]
    library = build(lines, ["town 林川镇 湖岭镇 2011-05-27..2016-01-20"])
    assert library.answers("湖岭镇溪坦村16号", date(2020, 1, 1)) == ["matched house exact 湖岭镇溪坦村16号"]
    assert library.answers("湖岭镇溪坦村16号", date(2013, 1, 1)) == ["review county ambiguous  | 林川镇溪坦村16号 ; 湖岭镇溪坦村16号"]


def test_a_retired_address_gives_way_to_the_one_in_force() -> None:
    table = addresses(("old", "house", f"{PREFIX}莘塍镇莘塍东街88号"), ("new", "house", f"{PREFIX}莘塍街道莘塍东街88号"))
    change = date(2011, 5, 27)
    table = table.append_column("valid_from", pa.array([None, change], pa.date32()))
    table = table.append_column("valid_to", pa.array([change, None], pa.date32()))
    index = build_index(table, None, scope=SCOPE)
    records = pa.table(
        {"record_id": ["now", "then"], "text": ["莘塍东街88号"] * 2, "as_of": pa.array([None, date(2009, 1, 1)], pa.date32())}
    )
    assert match(index, records)["address_id"].to_pylist() == ["new", "old"]


class TestTies:
    """What stands beside the text decides between equal candidates, and only there."""

    ROWS = (
        ("a", "house", f"{PREFIX}莘塍街道中心街36号"),
        ("b", "house", f"{PREFIX}塘下镇中心街36号"),
        ("c", "town", f"{PREFIX}塘下镇"),
        ("d", "town", f"{PREFIX}莘塍街道"),
    )

    def index(self) -> AddressIndex:
        table = addresses(*self.ROWS).append_column("division_code", pa.array([None, None, "330381101", "330381007"]))
        table = table.append_column("lon", pa.array([120.60, 120.70, None, None])).append_column("lat", pa.array([27.8, 27.9, None, None]))
        return build_index(table, None, scope=SCOPE)

    def answer(self, text: str, **columns: object) -> str | None:
        records = pa.table({"record_id": ["1"], "text": [text], **{name: [value] for name, value in columns.items()}})
        row = match(self.index(), records).to_pylist()[0]
        return row["address_id"] if row["status"] == "matched" else row["status"]

    def test_without_them_a_person_decides(self) -> None:
        assert self.answer("中心街36号") == "review"

    def test_a_division_code_decides(self) -> None:
        assert self.answer("中心街36号", division_code="330381101") == "b"
        assert self.answer("中心街36号", division_code="330381007000") == "a"

    def test_a_position_decides_if_only_one_candidate_is_near(self) -> None:
        assert self.answer("中心街36号", lon=120.6005, lat=27.8003) == "a"
        assert self.answer("中心街36号", lon=120.65, lat=27.85) == "review"

    def test_a_division_code_never_overrules_the_text(self) -> None:
        assert self.answer("莘塍街道中心街36号", division_code="330381101") == "a"

    def test_an_id_decides_where_the_text_does_not_contradict_it(self) -> None:
        assert self.answer("中心街36号", source_address_id="b") == "b"
        assert self.answer("不详", source_address_id="b") == "b"
        assert self.answer("莘塍街道中心街36号", source_address_id="b") == "review"
        assert self.answer("莘塍街道中心街36号", source_address_id="unknown") == "a"

    def test_an_id_never_turns_an_unknown_number_into_another(self) -> None:
        assert self.answer("塘下镇中心街38号", source_address_id="b") == "review"


def test_aliases_hold_only_within_their_division() -> None:
    lines = ["road 塘下镇中心街", "road 莘塍街道中心街", "house 塘下镇中心街36号", "house 莘塍街道中心街36号"]
    aliases = alias_table(["road 中心街 老街 .."]).set_column(0, "kind", pa.array(["road"]))
    aliases = aliases.append_column("within", pa.array(["塘下镇"]))
    rows = [line.split(" ", 1) for line in lines]
    index = build_index(addresses(*((text, level, PREFIX + text) for level, text in rows)), aliases, scope=SCOPE)
    records = pa.table({"record_id": ["1"], "text": ["老街36号"]})
    assert render(match(index, records), index) == ["matched house alias 塘下镇中心街36号"]


def test_a_library_without_rows_matches_nothing() -> None:
    index = build_index(addresses(("1", "house", f"{PREFIX}塘下镇塘川街210号")).slice(0, 0), None, scope=Scope())
    records = pa.table({"record_id": ["1"], "text": ["塘下镇塘川街210号"]})
    assert match(index, records)["status"].to_pylist() == ["unmatched"]
