"""Every address in one live grid or named in the report; sums are the same at every level; departments' grids against the unified ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings, strategies as st

from flow.grids import place_in_grids
from flow.history import create_empty
from schemas.city import load_city
from schemas.contract import pool_contracts
from transforms.grids import count_by_grid
from transforms.identity import sql_literal
from transforms.questions import create_scope, create_thresholds

DAY = date(2025, 12, 31)
TOP = {"province": "浙江省", "city": "温州市", "county": "瑞安市"}
NEEDS = ("address", "grid", "grid_coverage", "grid_crosswalk", "grid_staff", "residence", "premises", "house", "event", "facility")
FINENESS = ("town", "community", "natural_village", "zone", "road", "road_range", "lane", "compound", "building", "address")
Row = Mapping[str, Any]


def node(id: str, level: str, parent: str, **parts: str) -> dict[str, Any]:
    return {"address_id": id, "level": level, "parent_id": parent, "full_text": id, **TOP, **parts}


def library() -> list[dict[str, Any]]:
    """A town of a community with a road, a lane and a compound, and a village with two groups and a zone."""
    urban, rural = {"town": "甲镇", "community": "东社区"}, {"town": "甲镇", "community": "西村"}
    street = {"town": "甲镇", "road": "中心街"}
    found = [node("county", "county", ""), node("town", "town", "county", town="甲镇")]
    found += [
        node("east", "community", "town", **urban),
        node("west", "community", "town", **rural),
        node("street", "road", "town", **street),
    ]
    found += [node(f"s{number}", "house", "street", **urban, road="中心街", house_number=f"{number}号") for number in range(1, 7)]
    found.append(node("s6-1", "house", "street", **urban, road="中心街", house_number="6-1号"))
    lane = urban | {"road": "中心街", "lane": "9弄"}
    found += [node("lane", "lane", "street", **lane), node("l1", "house", "lane", **lane, house_number="1号")]
    garden = urban | {"road": "中心街", "house_number": "5号", "compound": "阳光小区"}
    found.append(node("garden", "compound", "s5", **garden))
    for building in ("1幢", "2幢"):
        found.append(node(building, "building", "garden", **garden, building=building))
        found += [node(f"{building}{room}", "room", building, **garden, building=building, room=room) for room in ("101室", "102室")]
    for group in ("1组", "2组"):
        found.append(node(group, "natural_village", "west", **rural, natural_village=group))
        found += [node(f"{group}{number}", "house", group, **rural, natural_village=group, house_number=f"{number}号") for number in (1, 2)]
    found.append(node("zone", "zone", "town", **rural, zone="工业区"))
    return [*found, node("z1", "building", "zone", **rural, zone="工业区", building="1幢")]


LIBRARY = library()
DOORS = {each["address_id"]: each for each in LIBRARY if each["level"] in ("house", "compound", "building", "room")}


def grid(code: str, community: str = "东社区", network: str = "unified", **more: Any) -> dict[str, Any]:
    kind = {"kind": "base"} if network == "unified" else {}
    return {"network": network, "grid_code": code, "name": f"网格{code}", "town": "甲镇", "community": community, **kind, **more}


def cover(number: int, code: str, kind: str, network: str = "unified", **names: Any) -> dict[str, Any]:
    return {"coverage_number": f"FW{number}", "network": network, "grid_code": code, "kind": kind, **names}


class Pool:
    """A pool of hand-made tables, and what follows for the grids."""

    def __init__(self, **tables: Iterable[Row]) -> None:
        self.connection: DuckDBPyConnection = duckdb.connect(":memory:", config={"threads": 1})
        self.contracts = pool_contracts()
        for name in NEEDS:
            create_empty(self.connection, self.contracts[name])
        for name, rows in {"address": LIBRARY, **tables}.items():
            self.add(name, list(rows))
        create_scope(self.connection, DAY, *TOP.values())
        limits = load_city("330381").thresholds
        create_thresholds(self.connection, ((name, each.value, each.unit, each.basis) for name, each in limits.items()))
        self.connection.execute("CREATE TABLE deceased (person_id VARCHAR)")
        self.connection.execute("CREATE TABLE ended_organisation AS SELECT 'ended' AS organisation_id")
        self.place()

    def add(self, table: str, rows: list[Row]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        listed = ", ".join(
            f"({', '.join('NULL' if row.get(name) is None else sql_literal(str(row[name])) for name in names)})" for row in rows
        )
        if rows:
            self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM (VALUES {listed}) AS rows({', '.join(names)})")

    def place(self) -> None:
        self.figures = place_in_grids(self.connection, self.contracts)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def grids(self) -> dict[str, str | None]:
        """Address to its grid, or why it has none."""
        return dict(self.ask("SELECT address_id, coalesce(grid_code, placement) FROM address_grid"))


def two_grids(*coverages: Row, **tables: Iterable[Row]) -> Pool:
    whole = [cover(1, "E1", "community"), cover(2, "W1", "community")]
    grids = [grid("E1"), grid("E2"), grid("W1", "西村"), *tables.pop("more", ())]
    return Pool(grid=grids, grid_coverage=[*whole, *coverages], **tables)


def test_a_community_covers_all_its_doors_and_what_lies_across_communities_spans() -> None:
    found = two_grids().grids()
    assert {found[door] for door, each in DOORS.items() if each["community"] == "东社区"} == {"E1"}
    assert {found[door] for door, each in DOORS.items() if each["community"] == "西村"} == {"W1"}
    assert (found["east"], found["west"], found["street"], found["zone"]) == ("E1", "W1", "E1", "W1")
    assert (found["county"], found["town"]) == ("spans", "spans")


@pytest.mark.parametrize(
    ("names", "inside"),
    [
        ({"kind": "road", "road": "中心街"}, {"s1", "s2", "s3", "s4", "s5", "s6", "s6-1", "l1", "garden", "1幢", "2幢101室"}),
        ({"kind": "road_range", "road": "中心街", "number_from": 2, "number_to": 4}, {"s2", "s3", "s4"}),
        ({"kind": "road_range", "road": "中心街", "number_from": 6}, {"s6", "s6-1", "l1"}),
        ({"kind": "road_range", "road": "中心街", "parity": "even", "number_from": 1}, {"s2", "s4", "s6", "s6-1"}),
        ({"kind": "lane", "road": "中心街", "lane": "9弄"}, {"l1"}),
        ({"kind": "compound", "compound": "阳光小区"}, {"garden", "1幢", "1幢101室", "2幢", "2幢102室"}),
        ({"kind": "building", "compound": "阳光小区", "building": "2幢"}, {"2幢", "2幢101室", "2幢102室"}),
        ({"kind": "address", "standard_address_id": "s5"}, {"s5", "garden", "1幢", "1幢101室", "2幢102室"}),
        ({"kind": "natural_village", "community": "西村", "natural_village": "2组"}, {"2组1", "2组2"}),
        ({"kind": "zone", "zone": "工业区"}, {"z1"}),
    ],
)
def test_a_finer_statement_takes_its_doors_from_a_coarser_one(names: Row, inside: set[str]) -> None:
    found = two_grids(cover(3, "E2", **names)).grids()
    assert inside <= {door for door, code in found.items() if code == "E2"}
    outside = {door for door in DOORS if found[door] != "E2"}
    assert outside
    assert not inside & outside


def test_two_statements_of_one_fineness_contest_and_both_are_named() -> None:
    pool = two_grids(cover(3, "E1", "compound", compound="阳光小区"), cover(4, "E2", "compound", compound="阳光小区"))
    contested = {door for door, code in pool.grids().items() if code == "several"}
    assert contested == {"garden", "1幢", "2幢", "1幢101室", "1幢102室", "2幢101室", "2幢102室"}
    assert pool.grids()["street"] == "spans"
    assert pool.ask("SELECT problem, community, subject, addresses FROM grid_gap") == [("several", "东社区", "E1 E2", 7)]


def test_grids_and_statements_that_are_no_longer_or_not_yet_in_force_do_not_count() -> None:
    retired = grid("E2", valid_to="2025-12-31")
    pool = Pool(
        grid=[grid("E1"), retired, grid("W1", "西村", valid_from="2026-01-01"), grid("W2", "西村", valid_to="2026-01-01")],
        grid_coverage=[
            cover(1, "E1", "community"),
            cover(2, "E2", "compound", compound="阳光小区"),
            cover(3, "W1", "community"),
            cover(4, "W2", "natural_village", natural_village="1组"),
            cover(5, "W2", "natural_village", natural_village="2组", valid_to="2025-12-31"),
        ],
    )
    found = pool.grids()
    assert (found["1幢101室"], found["1组1"], found["2组1"]) == ("E1", "W2", "none")
    problems = pool.ask("SELECT problem, subject, addresses FROM grid_gap ORDER BY ALL")
    assert ("retired_grid", "范围 FW2", 0) in problems
    assert ("retired_grid", "范围 FW3", 0) in problems
    assert sum(addresses for problem, _, addresses in problems if problem == "none") == 5


def test_what_leads_nowhere_and_doors_in_the_grid_of_another_community_are_reported() -> None:
    pool = two_grids(
        cover(3, "E2", "road", road="查无此路"),
        cover(4, "X9", "community", town="甲镇", community="东社区"),
        cover(5, "W1", "compound", compound="阳光小区", community="东社区"),
        grid_crosswalk=[{"network": "police", "grid_code": "P9", "unified_code": "E1"}],
        grid_staff=[{"grid_staff_id": "S", "network": "unified", "grid_code": "X9", "person_id": "P", "role": "leader"}],
    )
    found = Counter(pool.ask("SELECT problem, addresses FROM grid_gap"))
    assert found == {("unused_coverage", 0): 1, ("unknown_grid", 0): 3, ("other_community", 7): 1}


def test_an_address_of_the_past_that_nothing_covers_is_no_gap() -> None:
    merged = node("merged", "community", "town", town="甲镇", community="旧村") | {"valid_to": "2019-01-01"}
    pool = two_grids(address=[*LIBRARY, merged])
    assert pool.grids()["merged"] == "ended"
    assert pool.ask("SELECT * FROM grid_gap") == []


def test_a_micro_grid_lies_within_a_grid_and_takes_nothing_from_it() -> None:
    micro = grid("E1m", kind="micro", parent_code="E1")
    pool = two_grids(cover(3, "E1m", "building", compound="阳光小区", building="1幢"), more=[micro])
    assert pool.ask("SELECT DISTINCT grid_code FROM address_grid WHERE micro_grid_code = 'E1m'") == [("E1",)]
    assert pool.ask("SELECT count(*) FROM address_grid WHERE micro_grid_code = 'E1m'") == [(3,)]


def test_a_departments_grid_is_held_against_the_crosswalk() -> None:
    pool = two_grids(
        cover(3, "P1", "community", "police", community="东社区"),
        cover(4, "P1", "natural_village", "police", community="西村", natural_village="1组"),
        more=[grid("P1", network="police"), grid("E9")],
        grid_crosswalk=[{"network": "police", "grid_code": "P1", "unified_code": code} for code in ("E1", "E2")],
    )
    rows = pool.ask(
        "SELECT unified_code, addresses, round(share_of_grid, 3), round(share_of_unified, 3), finding FROM grid_overlap ORDER BY 1"
    )
    assert rows == [("E1", 15, 0.882, 1.0, "agreed"), ("E2", 0, 0.0, None, "empty"), ("W1", 2, 0.118, 0.4, "undeclared")]
    assert pool.figures["conflicts"] == 2


def residence(person: str, address: str | None, kind: str = "actual", **more: Any) -> dict[str, Any]:
    row = {"residence_id": f"{person}{kind}{address}", "person_id": person, "address_id": address, "address_text": "某处", "kind": kind}
    return row | {"match_status": "matched" if address else "unmatched"} | more


def test_sums_are_the_same_at_every_level_and_each_person_counts_once() -> None:
    pool = two_grids(
        cover(3, "E2", "compound", compound="阳光小区"),
        residence=[
            residence("A", "1幢101室"), residence("A", "1组1", "registered"), residence("B", "1幢101室"), residence("C", "s1", "registered"),
            residence("D", "town"), residence("E", None), residence("F", "1组1", valid_to="2025-01-01"),
        ],
        premises=[
            {"premises_id": f"{firm}{kind}", "organisation_id": firm, "address_id": at, "address_text": "某处", "kind": kind}
            for firm, kind, at in (("O", "registered", "s1"), ("O", "operating", "z1"), ("ended", "registered", "s1"))
        ],
        event=[{"event_id": str(number), "kind": "hazard", "source_key": "x", "address_id": at} for number, at in enumerate(("street", "west", "town", None))],
    )  # fmt: skip
    rows = pool.ask("SELECT level, grid_code, households, persons, organisations, events FROM grid_count")
    by_level: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for level, _, *counts in rows:
        by_level[level] = [one + other for one, other in zip(by_level[level], counts, strict=True)]
    assert dict(by_level) == {level: [1, 5, 1, 4] for level in ("county", "town", "community", "grid")}
    at = {code: counts for level, code, *counts in rows if level == "grid" and code != "（不详）"}
    assert at == {"E1": [0, 1, 0, 0], "E2": [1, 2, 0, 0], "W1": [0, 0, 1, 1]}
    assert pool.ask("SELECT DISTINCT size FROM grid_count WHERE level = 'grid' AND grid_code = 'E1'") == [("few",)]


def test_any_table_with_addresses_is_counted_at_every_level_by_one_macro() -> None:
    pool = two_grids(
        event=[{"event_id": str(number), "kind": "hazard", "source_key": "x", "address_id": door} for number, door in enumerate(DOORS)]
    )
    pool.connection.execute("CREATE SCHEMA mart; CREATE TABLE mart.address_grid AS FROM main.address_grid")
    for statement in count_by_grid().statements():
        pool.connection.execute(statement)
    sums = dict(pool.ask("SELECT level, sum(rows) FROM mart.count_by_grid('event') GROUP BY level"))
    assert sums == dict.fromkeys(("county", "town", "community", "grid"), len(DOORS))


@pytest.mark.parametrize(
    ("households", "size"), [(149, "few"), (150, "below"), (300, "usual"), (500, "usual"), (501, "above"), (801, "many")]
)
def test_the_size_of_a_grid_is_told_by_its_households(households: int, size: str) -> None:
    rooms = [
        node(f"r{number}", "room", "1幢", town="甲镇", community="东社区", compound="阳光小区", building="1幢")
        for number in range(households)
    ]
    pool = two_grids(address=[*LIBRARY, *rooms], residence=[residence(f"P{each['address_id']}", each["address_id"]) for each in rooms])
    assert pool.ask("SELECT households, size FROM grid_count WHERE level = 'grid' AND grid_code = 'E1'") == [(households, size)]


def test_without_grids_nothing_is_said_of_them() -> None:
    pool = Pool()
    assert pool.figures == {}
    assert pool.ask("SELECT count(*) FROM address_grid") == [(0,)]


NAMES = {
    "community": ["东社区", "西村"], "natural_village": ["1组", "2组"], "zone": ["工业区"], "road": ["中心街"], "lane": ["9弄"], "compound": ["阳光小区"],
    "building": ["1幢", "2幢"], "standard_address_id": ["s5", "garden", "1幢", "1组1"],
}  # fmt: skip
NEEDED = {
    "town": (), "community": ("community",), "natural_village": ("community", "natural_village"), "zone": ("zone",), "road": ("road",),
    "road_range": ("road",), "lane": ("road", "lane"), "compound": ("compound",), "building": ("building",), "address": ("standard_address_id",),
}  # fmt: skip


@st.composite
def statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(FINENESS))
        names: dict[str, Any] = {name: draw(st.sampled_from(NAMES[name])) for name in NEEDED[kind]}
        if kind == "road_range":
            names["number_from"] = draw(st.integers(1, 6))
            names["number_to"] = draw(st.integers(names["number_from"], 9))
            names["parity"] = draw(st.sampled_from(["all", "odd", "even"]))
        found.append(cover(number, draw(st.sampled_from(["G1", "G2", "G3"])), kind, **names))
    return found


def expected(door: str, said: list[dict[str, Any]]) -> set[str]:
    """The grids that claim a door by the finest statement that holds, reckoned one by one."""
    place, above, distance = DOORS[door], door, {}
    while above:
        distance[above] = len(distance)
        above = next((each["parent_id"] for each in LIBRARY if each["address_id"] == above), "")
    claims: dict[tuple[int, int], set[str]] = defaultdict(set)
    for each in said:
        names = {name: each[name] for name in NEEDED[each["kind"]]}
        named = names.pop("standard_address_id", None)
        number = int("".join(filter(str.isdigit, place.get("lane", place.get("house_number", "0")).split("-")[0])) or 0)
        holds = all(place.get(name) == value for name, value in names.items()) and (named is None or named in distance)
        if each["kind"] == "road_range":
            side = {"all": True, "odd": number % 2 == 1, "even": number % 2 == 0}[each["parity"]]
            holds = holds and each["number_from"] <= number <= each["number_to"] and side
        if holds:
            claims[FINENESS.index(each["kind"]), -distance.get(named or "", 0)].add(each["grid_code"])
    return claims[max(claims)] if claims else set()


@pytest.fixture(scope="module")
def three_grids() -> Pool:
    return Pool(grid=[grid(code) for code in ("G1", "G2", "G3")])


@settings(max_examples=20, deadline=None)
@given(said=statements())
def test_every_door_is_in_exactly_one_live_grid_or_named_in_the_report(three_grids: Pool, said: list[dict[str, Any]]) -> None:
    pool = three_grids
    pool.connection.execute("DELETE FROM grid_coverage")
    pool.add("grid_coverage", list(said))
    pool.place()
    found = pool.grids()
    assert set(found) == {each["address_id"] for each in LIBRARY}
    for door in DOORS:
        claims = expected(door, said)
        assert found[door] == (next(iter(claims)) if len(claims) == 1 else "several" if claims else "none"), (door, said)
    reported = dict(pool.ask("SELECT problem, sum(addresses) FROM grid_gap WHERE problem IN ('none', 'several') GROUP BY ALL"))
    assert reported == {problem: count for problem, count in Counter(found.values()).items() if problem in ("none", "several")}
    assert all(sum(code == problem for code in found.values()) == pool.figures[problem] for problem in ("none", "several"))
