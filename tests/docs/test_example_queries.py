"""The analyst's example queries, on a release whose rows are known."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from flow.query import query, share_database
from flow.run import run
from samples.exports.table import Table
from samples.identifiers import credit_codes
from samples.writers import ExportFile
from schemas.contract import source_contracts
from tests.small_exports import context_at, residents
from tests.small_library import STREET, write_library

QUERIES = Path(__file__).parents[2] / "docs" / "queries"
DAY, BEFORE = date(2025, 12, 31), date(2024, 10, 31)
ROOM = f"{STREET}103号阳光小区1栋101室"
ANYANG = "浙江省温州市瑞安市安阳街道兴隆社区"
TANGXIA = "浙江省温州市瑞安市塘下镇上马社区"
NOWHERE = "不知何处"
MAYU = "浙江省温州市瑞安市马屿镇江浦村"


def export(folder: Path, contract_id: str, rows: Iterable[Mapping[str, str]], day: date = DAY) -> None:
    """Write rows as their contract says."""
    contract = source_contracts()[contract_id]
    listed = list(rows)
    columns = {column.name: [row.get(column.name, "") for row in listed] for column in contract.columns}
    file = ExportFile(contract, folder, day)
    file.write(Table(contract.key[0], columns, {}))
    file.close()


def letting(number: int, house: str, owner: str, tenant: str, **more: str) -> dict[str, str]:
    row = {"letting_source_id": f"CZ{number}", "house_source_id": house, "address_text": ANYANG, "is_let": "是"}
    row |= {"owner_number": owner, "owner_name": "房主某", "tenant_number": tenant, "tenant_name": f"承租某{number}"}
    return row | {"let_area": "15", "lease_start": "2024-01-01"} | more


def allowance(number: int, citizen: str, **more: str) -> dict[str, str]:
    row = {
        "certificate_number": f"DB{number}",
        "head_name": "户主某",
        "head_number": citizen,
        "member_name": "户主某",
        "member_number": citizen,
    }
    row |= {"category": "城市低保", "address_text": ANYANG, "approved_on": "2020-01-01", "paid_month": "202512", "monthly_amount": "800"}
    return row | more


def hazard(number: int, code: str, due: str, reviewed: str = "") -> dict[str, str]:
    row = {"hazard_number": f"YH{number}", "category": "消防安全", "description": "通道堆物", "inspected_on": "2025-10-01", "uscc": code}
    return row | {"organisation_name": "瑞安市甲厂", "address_text": TANGXIA, "due_on": due, "reviewed_on": reviewed}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The share of the second of two releases."""
    folder = tmp_path_factory.mktemp("exports")
    context = context_at(tmp_path_factory.mktemp("home"))
    people = residents(40)
    a_year_before(folder / "before", people)
    assert run(context, folder / "before") == 1
    today(folder / "today", people)
    assert run(replace(context, run="run-2"), folder / "today") == 2
    return share_database(context.pool)


def a_year_before(folder: Path, people: list[dict[str, str]]) -> None:
    """Twenty-two people at home, two of them gone today, and an allowance that nobody has heard of since."""
    export(
        folder,
        "public_security.resident_population",
        [person | {"registered_address_text": ANYANG, "actual_address_text": ANYANG} for person in people[:22]],
        BEFORE,
    )
    export(folder, "civil_affairs.subsistence_allowance", [allowance(9, people[39]["citizen_number"], paid_month="202410")], BEFORE)


def today(folder: Path, people: list[dict[str, str]]) -> None:
    """A crowded house, ten moves, hazards, recipients of an allowance (one of them dead), a room with five firms."""
    numbers = [person["citizen_number"] for person in people]
    tenants, (letting_recipient, firm_recipient, former_recipient, other_recipient) = numbers[22:29], numbers[30:34]
    moved = [TANGXIA] * 6 + [MAYU] * 4 + [ANYANG] * 10
    lived = [
        person | {"registered_address_text": ANYANG, "actual_address_text": place} for person, place in zip(people[:20], moved, strict=True)
    ]
    lived[19]["death_date"] = "2025-06-01"
    export(folder, "public_security.resident_population", lived)
    lettings = [letting(number, "FW1", former_recipient, tenant) for number, tenant in enumerate(tenants[:5])]
    lettings.append(letting(5, "FW1", former_recipient, tenants[5], lease_end="2025-06-30"))
    lettings.append(letting(6, "FW2", letting_recipient, tenants[6], address_text=TANGXIA))
    export(folder, "public_security.rental_house", lettings)
    codes = credit_codes(["91"] * 7, ["330381"] * 7, [f"MA90000{number}" for number in range(7)])
    firms = [
        {"entity_source_id": str(number), "uscc": code, "name": f"瑞安市{name}", "state_code": "1", "registered_address_text": ROOM}
        for number, (code, name) in enumerate(zip(codes, ("甲厂", "乙店", "丙厂", "丁厂", "戊厂", "己厂", "庚厂"), strict=True))
    ]
    firms[0] |= {"registered_address_text": TANGXIA}
    firms[1] |= {"representative_name": "户主某", "representative_number": firm_recipient, "operating_address_text": MAYU}
    firms[6] |= {"state_code": "4"}
    export(folder, "market_regulation.market_entity", firms)
    hazards = [hazard(1, codes[0], "2025-12-01"), hazard(2, codes[0], "2025-12-01", "2025-11-20"), hazard(3, codes[0], "2026-01-10")]
    hazards.append(hazard(4, codes[6], "2026-01-20") | {"organisation_name": "瑞安市庚厂"})
    export(folder, "emergency_management.hazard_inspection", hazards)
    recipients = [allowance(1, letting_recipient), allowance(2, firm_recipient), allowance(4, other_recipient)]
    recipients.append(allowance(3, former_recipient, benefit_end="2025-06-30"))
    recipients.append(allowance(6, numbers[35], address_text=NOWHERE))
    recipients.append(allowance(5, numbers[19], head_name=people[19]["name"], member_name=people[19]["name"]))
    export(folder, "civil_affairs.subsistence_allowance", recipients)
    write_library(folder, period="20251231")
    grids(folder)


def grids(folder: Path) -> None:
    """A grid of one house of the street, and one of the police along all of it, of which no crosswalk speaks."""
    unified = {"network": "综治网格", "grid_code": "330381001001001", "town": "安阳街道", "community": "兴隆社区"}
    police = {"network": "警务责任区", "grid_code": "JW01", "town": "安阳街道"}
    export(folder, "social_governance.grid", [unified | {"name": "兴隆社区第一网格", "kind": "基础网格"}, police | {"name": "安阳一号"}])
    street = {"kind": "道路", "road": "中心街"}
    one_house = street | {"kind": "门牌段", "number_from": "101", "number_to": "101"}
    covered = [unified | one_house | {"coverage_number": "FW1"}, police | street | {"coverage_number": "FW2"}]
    export(folder, "social_governance.grid_coverage", [{**each, "community": ""} for each in covered])


def rows(database: Path, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = query(database, (QUERIES / f"{name}.sql").read_text(encoding="utf-8")).to_pylist()
    return found


def test_tenants_are_counted_by_town_and_few_are_not_shown(database):
    assert rows(database, "tenants_by_town") == [
        {"town": "塘下镇", "let_houses": 1, "tenants": None},
        {"town": "安阳街道", "let_houses": 1, "tenants": 5},
    ]


def test_people_living_away_from_their_registration_are_summed_by_towns_and_small_groups_left_out(database):
    assert rows(database, "living_elsewhere") == [
        {"registered_town": "安阳街道", "staying_town": "塘下镇", "persons": 6, "over_half_a_year": 0}
    ]


def test_a_house_with_many_tenants_and_little_room_is_listed_and_former_tenants_do_not_count(database):
    (found,) = rows(database, "crowded_lettings")
    assert (found["town"], found["tenants"], float(found["square_metres_each"]), found["square_metres_limit"]) == ("安阳街道", 5, 3.0, 4.0)


def test_a_firm_that_works_in_another_town_than_it_is_registered_in_is_listed(database):
    (found,) = rows(database, "firms_elsewhere")
    assert (found["name"], found["kind"], found["registered_town"], found["operating_town"]) == (
        "瑞安市乙店",
        "within_county",
        "安阳街道",
        "马屿镇",
    )


def test_the_firms_of_a_shared_room_are_listed_and_an_ended_one_does_not_count(database):
    found = rows(database, "shared_rooms")
    assert [row["name"] for row in found] == [f"瑞安市{name}" for name in ("丁厂", "丙厂", "乙店", "己厂", "戊厂")]
    assert {row["organisations"] for row in found} == {5}
    assert {row["full_text"] for row in found} == {"浙江省温州市瑞安市安阳街道中心街103号阳光小区1栋***"}


def test_open_hazards_of_ended_firms_are_listed(database):
    (found,) = rows(database, "ended_firms_with_open_events")
    assert (found["name"], found["organisation_status_code"], str(found["due_on"])) == ("瑞安市庚厂", "4", "2026-01-20")


def test_what_is_paid_to_the_dead_is_summed(database):
    (found,) = rows(database, "doubtful_benefits")
    assert (found["doubt"], found["persons"], float(found["amount"])) == ("deceased", 1, 800)


def test_who_only_an_old_allowance_speaks_of_is_unconfirmed(database):
    (found,) = rows(database, "unconfirmed_records")
    assert (found["table_name"], str(found["last_confirmed_on"])) == ("person", "2024-10-31")


def test_addresses_of_one_department_are_counted_by_department_and_level(database):
    (found,) = rows(database, "single_source_addresses")
    assert (found["department"], found["address_level"], found["addresses"], found["records"]) == ("市市场监督管理局", "room", 1, 6)


def test_a_day_of_the_past_counts_who_has_moved_since(database):
    actual = {row["town"]: row["persons"] for row in rows(database, "residents_on_a_day") if row["kind"] == "actual" and row["town"]}
    assert actual == {"安阳街道": 26}, "of twenty-two one had died; five recipients of an allowance, since nobody knows when"


def test_a_day_of_the_past_keeps_whose_address_was_not_found(database):
    (found,) = [row for row in rows(database, "residents_on_a_day") if row["town"] is None]
    assert (found["address_text"], found["kind"], found["persons"]) == (NOWHERE, "actual", None), "one person is too few to be shown"


def test_what_the_first_release_knew_is_compared_with_now(database):
    assert rows(database, "as_a_release_saw_it") == [{"persons_then": 23, "gone": 2, "changed": 1}]


def test_who_ever_lived_at_an_address_is_listed_with_the_reasons(database):
    ends = Counter((row["kind"], row["effective_to_basis"]) for row in rows(database, "who_lived_there"))
    assert ends["registered", None] == 19
    assert ends["registered", "withdrawn"] == 2
    assert ends["actual", "succeeded"] == 10


def test_only_hazards_past_their_date_without_review_are_overdue(database):
    (found,) = rows(database, "overdue_hazards")
    assert (found["organisation"], found["days_overdue"], found["town"]) == ("瑞安市甲厂", 30, "塘下镇")


def test_recipients_who_let_a_house_or_run_a_firm_are_found_and_former_ones_are_not(database):
    found = [(row["category"], row["let_houses"], row["firms"]) for row in rows(database, "allowance_cross_check")]
    assert found == [("urban", 1, 0), ("urban", 0, 1)]


def test_addresses_in_no_grid_are_counted_with_an_example(database):
    found = rows(database, "addresses_without_grid")[0]
    assert (found["problem"], found["town"], found["addresses"]) == ("none", "安阳街道", 6)
    assert str(found["example_text"]).startswith(f"{STREET}103号")


def test_events_are_summed_by_grid_and_every_level_has_them_all(database):
    found = rows(database, "events_by_grid")
    assert {row["level"]: row["rows"] for row in found} == dict.fromkeys(("grid", "community", "town", "county"), 4)
    assert [row["grid_code"] for row in found if row["level"] == "grid"] == ["（不详）"]


def test_a_grid_of_a_department_that_the_crosswalk_leaves_out_is_listed(database):
    [found] = rows(database, "grid_overlaps")
    assert (found["grid_code"], found["unified_code"], found["addresses"], found["finding"]) == ("JW01", "330381001001001", 1, "undeclared")


def test_grids_of_too_few_households_are_listed(database):
    [found] = rows(database, "grid_sizes")
    assert (found["name"], found["size"]) == ("兴隆社区第一网格", "few")


def test_every_query_is_explained_in_the_guide_and_says_what_it_is_for():
    guide = (QUERIES.parent / "analyst.md").read_text(encoding="utf-8")
    for file in sorted(QUERIES.glob("*.sql")):
        assert f"queries/{file.name}" in guide
        assert file.read_text(encoding="utf-8").startswith("/* ")
