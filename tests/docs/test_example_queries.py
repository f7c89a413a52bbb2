"""The analyst's example queries, on a release whose rows are known."""

from collections.abc import Iterable, Mapping
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

QUERIES = Path(__file__).parents[2] / "docs" / "queries"
DAY = date(2025, 12, 31)
ANYANG = "浙江省温州市瑞安市安阳街道兴隆社区"
TANGXIA = "浙江省温州市瑞安市塘下镇上马社区"
MAYU = "浙江省温州市瑞安市马屿镇江浦村"


def export(folder: Path, contract_id: str, rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows as their contract says."""
    contract = source_contracts()[contract_id]
    listed = list(rows)
    columns = {column.name: [row.get(column.name, "") for row in listed] for column in contract.columns}
    file = ExportFile(contract, folder, DAY)
    file.write(Table(contract.key[0], columns, {}))
    file.close()


def letting(number: int, house: str, owner: str, tenant: str, **more: str) -> dict[str, str]:
    row = {"letting_source_id": f"CZ{number}", "house_source_id": house, "address_text": ANYANG, "is_let": "是"}
    row |= {"owner_number": owner, "owner_name": "房主某", "tenant_number": tenant, "tenant_name": f"承租某{number}"}
    return row | {"let_area": "30", "lease_start": "2024-01-01"} | more


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
    """The share of a release: a crowded house, ten moves, three hazards, four recipients of an allowance."""
    folder = tmp_path_factory.mktemp("exports")
    people = residents(40)
    numbers = [person["citizen_number"] for person in people]
    tenants, (letting_recipient, firm_recipient, former_recipient, other_recipient) = numbers[20:27], numbers[30:34]
    moved = [TANGXIA] * 6 + [MAYU] * 4 + [ANYANG] * 10
    export(
        folder,
        "public_security.resident_population",
        [
            person | {"registered_address_text": ANYANG, "actual_address_text": place}
            for person, place in zip(people[:20], moved, strict=True)
        ],
    )
    lettings = [letting(number, "FW1", former_recipient, tenant) for number, tenant in enumerate(tenants[:5])]
    lettings.append(letting(5, "FW1", former_recipient, tenants[5], lease_end="2025-06-30"))
    lettings.append(letting(6, "FW2", letting_recipient, tenants[6], address_text=TANGXIA))
    export(folder, "public_security.rental_house", lettings)
    codes = credit_codes(["91"] * 2, ["330381"] * 2, ["MA900001", "MA900002"])
    firms = [
        {"entity_source_id": "1", "uscc": codes[0], "name": "瑞安市甲厂", "state_code": "1", "registered_address_text": TANGXIA},
        {"entity_source_id": "2", "uscc": codes[1], "name": "瑞安市乙店", "state_code": "1", "registered_address_text": ANYANG},
    ]
    firms[1] |= {"representative_name": "户主某", "representative_number": firm_recipient}
    export(folder, "market_regulation.market_entity", firms)
    hazards = [hazard(1, codes[0], "2025-12-01"), hazard(2, codes[0], "2025-12-01", "2025-11-20"), hazard(3, codes[0], "2026-01-10")]
    export(folder, "emergency_management.hazard_inspection", hazards)
    recipients = [allowance(1, letting_recipient), allowance(2, firm_recipient), allowance(4, other_recipient)]
    recipients.append(allowance(3, former_recipient, benefit_end="2025-06-30"))
    export(folder, "civil_affairs.subsistence_allowance", recipients)
    context = context_at(tmp_path_factory.mktemp("home"))
    assert run(context, folder) == 1
    return share_database(context)


def rows(database: Path, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = query(database, (QUERIES / f"{name}.sql").read_text(encoding="utf-8")).to_pylist()
    return found


def test_tenants_are_counted_by_town_and_few_are_not_shown(database):
    assert rows(database, "tenants_by_town") == [
        {"town": "塘下镇", "let_houses": 1, "tenants": None},
        {"town": "安阳街道", "let_houses": 1, "tenants": 5},
    ]


def test_people_living_away_from_their_registration_are_summed_by_towns_and_small_groups_left_out(database):
    assert rows(database, "living_elsewhere") == [{"registered_town": "安阳街道", "actual_town": "塘下镇", "persons": 6}]


def test_a_house_with_many_tenants_and_little_room_is_listed_and_former_tenants_do_not_count(database):
    (found,) = rows(database, "crowded_lettings")
    assert (found["town"], found["tenants"], float(found["square_metres_each"])) == ("安阳街道", 5, 6.0)


def test_only_hazards_past_their_date_without_review_are_overdue(database):
    (found,) = rows(database, "overdue_hazards")
    assert (found["organisation"], found["days_overdue"], found["town"]) == ("瑞安市甲厂", 30, "塘下镇")


def test_recipients_who_let_a_house_or_run_a_firm_are_found_and_former_ones_are_not(database):
    found = [(row["category"], row["let_houses"], row["firms"]) for row in rows(database, "allowance_cross_check")]
    assert found == [("urban", 1, 0), ("urban", 0, 1)]


def test_every_query_is_explained_in_the_guide_and_says_what_it_is_for():
    guide = (QUERIES.parent / "analyst.md").read_text(encoding="utf-8")
    for file in sorted(QUERIES.glob("*.sql")):
        assert f"queries/{file.name}" in guide
        assert file.read_text(encoding="utf-8").startswith("/* ")
