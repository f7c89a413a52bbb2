"""From rows of several departments to one person, one house, one organisation, with lineage, conflicts and outcomes."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from schemas.contract import Contract, Fact, pool_contracts, source_contracts
from tests.transforms.sources import create_address_results, deliver, resolve, rows_of
from transforms.account import create_row_outcomes
from transforms.claims import address_input_key
from transforms.identity import identity_expression
from transforms.survive import survive

PERSON = "330381199001010011"
RESIDENT = "public_security.resident_population"
RENTAL = "public_security.rental_house"
FIRM = "market_regulation.market_entity"
FOOD = "market_regulation.food_licence"
HAZARD = "emergency_management.hazard_inspection"


@pytest.fixture
def connection() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    create_address_results(connection)
    return connection


def _resident(number: str = PERSON, **others: str) -> dict[str, str]:
    return {"citizen_number": number, "name": "张茂", "registered_address_text": "安阳街道安福路12号", **others}


def _letting(**others: object) -> dict[str, object]:
    return {"letting_source_id": "L1", "house_source_id": "H1", "address_text": "安福路12号", **others}


def _firm(uscc: str | None, name: str, number: str | None = None) -> dict[str, str | None]:
    return {
        "entity_source_id": f"{uscc}{number}",
        "uscc": uscc,
        "registration_number": number,
        "name": name,
        "registered_address_text": "安福路12号",
    }


def test_same_number_in_two_sources_is_one_person(connection: DuckDBPyConnection) -> None:
    tenant = _letting(tenant_number=PERSON, tenant_name="张茂", tenant_occupation="缝纫工")
    resolve(connection, {RESIDENT: deliver(connection, RESIDENT, [_resident()]), RENTAL: deliver(connection, RENTAL, [tenant])})
    assert rows_of(connection, "SELECT citizen_number, name, occupation FROM person") == [(PERSON, "张茂", "缝纫工")]


def test_person_known_by_another_document_is_not_confused_with_one_by_number(connection: DuckDBPyConnection) -> None:
    tenant = _letting(tenant_number="E12345678", tenant_document_type_code="414", tenant_name="张茂")
    resolve(connection, {RESIDENT: deliver(connection, RESIDENT, [_resident()]), RENTAL: deliver(connection, RENTAL, [tenant])})
    assert rows_of(connection, "SELECT citizen_number, identity_basis FROM person ORDER BY ALL") == [
        (PERSON, "citizen_number"),
        (None, "document"),
    ]


def test_rows_with_only_the_same_name_stay_two_persons(connection: DuckDBPyConnection) -> None:
    rows = [_letting(letting_source_id=key, tenant_name="王茂") for key in ("L1", "L2")]
    resolve(connection, {RENTAL: deliver(connection, RENTAL, rows)})
    assert rows_of(connection, "SELECT count(*) FROM person WHERE name = '王茂'") == [(2,)]


def test_ids_are_pseudonyms_that_do_not_show_the_number(connection: DuckDBPyConnection) -> None:
    resolve(connection, {RESIDENT: deliver(connection, RESIDENT, [_resident()])})
    [(person_id,)] = rows_of(connection, "SELECT person_id FROM person")
    assert len(person_id) == 32
    assert PERSON not in person_id


def test_house_at_a_standard_address_takes_its_id_whoever_speaks_of_it(connection: DuckDBPyConnection) -> None:
    use = source_contracts()[RENTAL].addresses[0]
    rows = [_letting(letting_source_id="L1"), _letting(letting_source_id="L2", house_source_id="H2")]
    current = deliver(connection, RENTAL, rows)
    [(key,)] = rows_of(connection, f"SELECT DISTINCT {address_input_key(use, 'source')} FROM {current} AS source")
    create_address_results(connection, (f"'{key}'", "A9", "room", "matched", True))
    resolve(connection, {RENTAL: current})
    assert rows_of(connection, "SELECT house_id, address_id FROM house") == [("A9", "A9")]


def test_houses_matched_only_to_their_building_stay_apart(connection: DuckDBPyConnection) -> None:
    use = source_contracts()[RENTAL].addresses[0]
    rows = [_letting(letting_source_id="L1"), _letting(letting_source_id="L2", house_source_id="H2")]
    current = deliver(connection, RENTAL, rows)
    [(key,)] = rows_of(connection, f"SELECT DISTINCT {address_input_key(use, 'source')} FROM {current} AS source")
    create_address_results(connection, (f"'{key}'", "B1", "building", "matched", False))
    resolve(connection, {RENTAL: current})
    assert rows_of(connection, "SELECT address_id, count(*) FROM house GROUP BY ALL") == [("B1", 2)]


def test_organisation_named_only_joins_the_one_with_that_name(connection: DuckDBPyConnection) -> None:
    hazard = {"hazard_number": "Z1", "organisation_name": "瑞星机械厂", "description": "通道堵塞", "inspected_on": "2025-01-02"}
    current = {FIRM: deliver(connection, FIRM, [_firm("913303810000000001", "瑞星机械厂")]), HAZARD: deliver(connection, HAZARD, [hazard])}
    resolve(connection, current)
    assert rows_of(connection, "SELECT uscc FROM organisation") == [("913303810000000001",)]
    assert rows_of(connection, "SELECT count(*) FROM event_party JOIN organisation USING (organisation_id)") == [(1,)]


def test_organisation_named_only_joins_none_of_two_with_that_name(connection: DuckDBPyConnection) -> None:
    hazard = {"hazard_number": "Z1", "organisation_name": "瑞星机械厂", "description": "通道堵塞", "inspected_on": "2025-01-02"}
    firms = [_firm("913303810000000001", "瑞星机械厂"), _firm("913303810000000002", "瑞星机械厂")]
    resolve(connection, {FIRM: deliver(connection, FIRM, firms), HAZARD: deliver(connection, HAZARD, [hazard])})
    assert rows_of(connection, "SELECT count(*) FROM organisation") == [(3,)]


def test_registration_number_leads_to_the_organisation_that_bears_it(connection: DuckDBPyConnection) -> None:
    firms = [_firm("913303810000000001", "瑞星机械厂", "330381000000016"), _firm(None, "瑞星机械厂（普通合伙）", "330381000000016")]
    resolve(connection, {FIRM: deliver(connection, FIRM, firms)})
    assert rows_of(connection, "SELECT count(*) FROM organisation") == [(1,)]


def test_authority_decides_before_freshness(connection: DuckDBPyConnection) -> None:
    older, newer = _resident(phone="13900000001"), _letting(tenant_number=PERSON, tenant_name="张茂", tenant_phone="13900000002")
    current = {RESIDENT: deliver(connection, RESIDENT, [older]), RENTAL: deliver(connection, RENTAL, [], [newer])}
    resolve(connection, current, {"person.*": [RESIDENT], "person.phone": [RENTAL, RESIDENT]})
    assert rows_of(connection, "SELECT phone FROM person") == [("13900000002",)]
    assert rows_of(connection, "SELECT column_name, surviving_value, losing_value FROM conflict_person") == [
        ("phone", "13900000002", "13900000001")
    ]


def test_missing_value_never_survives_a_given_one(connection: DuckDBPyConnection) -> None:
    tenant = _letting(tenant_number=PERSON, tenant_name="张茂", tenant_phone="13900000002")
    current = {RESIDENT: deliver(connection, RESIDENT, [_resident()]), RENTAL: deliver(connection, RENTAL, [tenant])}
    resolve(connection, current, {"person.*": [RESIDENT, RENTAL]})
    assert rows_of(connection, "SELECT phone FROM person") == [("13900000002",)]


def test_every_received_row_has_exactly_one_outcome(connection: DuckDBPyConnection) -> None:
    food = {
        "licence_number": "JY1",
        "organisation_name": "瑞星机械厂",
        "uscc": "913303810000000001",
        "operating_address_text": "安福路12号",
    }
    current = {
        FIRM: deliver(
            connection,
            FIRM,
            [_firm("913303810000000001", "旧名"), _firm("913303810000000009", "走了")],
            [_firm("913303810000000001", "瑞星机械厂")],
        ),
        FOOD: deliver(connection, FOOD, [food | {"issued_on": "2025-01-01"}]),
    }
    tables = resolve(connection, current)
    connection.execute(
        "CREATE TABLE quarantined AS SELECT 'food_licence-0' AS batch, 'f' AS file_key, '' AS sheet, 9::BIGINT AS row, 'required' AS reason"
    )
    subjects = {contract: pool_contracts()[source_contracts()[contract].facts[0].table] for contract in current}
    create_row_outcomes(connection, current, subjects, "quarantined", tables)
    assert rows_of(connection, "SELECT outcome, count(*) FROM row_outcome GROUP BY ALL ORDER BY ALL") == [
        ("published", 2),
        ("quarantined", 1),
        ("superseded", 1),
        ("withdrawn", 1),
    ]


def test_row_that_only_repeats_what_is_known_is_merged(connection: DuckDBPyConnection) -> None:
    firm = _firm("913303810000000001", "瑞星机械厂")
    firms = [firm, firm | {"entity_source_id": "again"}]
    current = {FIRM: deliver(connection, FIRM, firms)}
    tables = resolve(connection, current)
    connection.execute(
        "CREATE TABLE quarantined AS SELECT '' AS batch, '' AS file_key, '' AS sheet, 0::BIGINT AS row, '' AS reason WHERE FALSE"
    )
    create_row_outcomes(connection, current, {FIRM: pool_contracts()["organisation"]}, "quarantined", tables)
    outcomes = dict(rows_of(connection, "SELECT row, outcome FROM row_outcome"))
    assert outcomes == {2: "published", 3: "merged"}


def test_two_values_of_one_row_that_both_lose_are_two_conflicts(connection: DuckDBPyConnection) -> None:
    both = _letting(owner_number=PERSON, owner_phone="13900000001", tenant_number=PERSON, tenant_phone="13900000002")
    current = {RESIDENT: deliver(connection, RESIDENT, [_resident(phone="13900000003")]), RENTAL: deliver(connection, RENTAL, [both])}
    resolve(connection, current, {"person.*": [RESIDENT, RENTAL]})
    assert rows_of(connection, "SELECT losing_value FROM conflict_person WHERE column_name = 'phone' ORDER BY ALL") == [
        ("13900000001",),
        ("13900000002",),
    ]
    key = ", ".join(pool_contracts()["conflict"].key)
    assert rows_of(connection, f"SELECT count(*) FROM conflict_person GROUP BY {key} HAVING count(*) > 1") == []


def test_a_value_that_several_rows_of_one_file_lose_is_a_conflict_of_each(connection: DuckDBPyConnection) -> None:
    lettings = [_letting(letting_source_id=key, tenant_number=PERSON, tenant_phone="13900000001") for key in ("L1", "L2", "L3")]
    current = {RESIDENT: deliver(connection, RESIDENT, [_resident(phone="13900000003")]), RENTAL: deliver(connection, RENTAL, lettings)}
    resolve(connection, current, {"person.*": [RESIDENT, RENTAL]})
    assert rows_of(connection, "SELECT row FROM conflict_person WHERE column_name = 'phone' ORDER BY ALL") == [(2,), (3,), (4,)]


def test_dates_of_a_residence_come_from_one_source(connection: DuckDBPyConnection) -> None:
    stays = _resident(moved_in_on="2010-01-01")
    left = _resident(moved_in_on="2005-01-01", moved_out_on="2009-01-01")
    current = deliver(connection, RESIDENT, [stays, left])
    resolve(connection, {RESIDENT: current})
    dates = rows_of(connection, "SELECT valid_from::VARCHAR, valid_to::VARCHAR FROM residence WHERE kind = 'registered'")
    assert dates in ([("2010-01-01", None)], [("2005-01-01", "2009-01-01")])


def test_representative_is_one_person_by_name_and_by_number(connection: DuckDBPyConnection) -> None:
    numbered = _firm("913303810000000001", "瑞星机械厂") | {"representative_number": PERSON}
    named = _firm("913303810000000001", "瑞星机械厂") | {"entity_source_id": "2", "representative_name": "王茂"}
    resolve(connection, {FIRM: deliver(connection, FIRM, [numbered, named])})
    [(name, person)] = rows_of(connection, "SELECT legal_representative, representative_id FROM organisation")
    [(name_of_person,)] = rows_of(connection, f"SELECT name FROM person WHERE person_id = '{person}'")
    assert name == name_of_person


def test_one_file_received_for_two_datasets_keeps_its_rows_apart(connection: DuckDBPyConnection) -> None:
    food = {"licence_number": "JY1", "organisation_name": "瑞星机械厂", "uscc": "913303810000000001", "issued_on": "2025-01-01"}
    current = {
        FIRM: deliver(connection, FIRM, [_firm("913303810000000001", "瑞星机械厂")]),
        FOOD: deliver(connection, FOOD, [food | {"operating_address_text": "安福路12号"}]),
    }
    for table in current.values():
        connection.execute(f"UPDATE {table.replace('current', 'delivered')} SET file_key = 'same'")
    tables = resolve(connection, current)
    connection.execute("CREATE TABLE quarantined (batch VARCHAR, file_key VARCHAR, sheet VARCHAR, row BIGINT, reason VARCHAR)")
    subjects = {contract: pool_contracts()[source_contracts()[contract].facts[0].table] for contract in current}
    create_row_outcomes(connection, current, subjects, "quarantined", tables)
    assert rows_of(connection, "SELECT batch, count(*) FROM row_outcome GROUP BY ALL ORDER BY ALL") == [
        ("food_licence-0", 1),
        ("market_entity-0", 1),
    ]


def test_house_without_an_address_is_known_by_its_number_in_the_source(connection: DuckDBPyConnection) -> None:
    fact = Fact("house", "house", {"source_key": "house_source_id"}, {})
    [(identity,)] = rows_of(connection, f"SELECT {identity_expression(fact, 'a', 'b')} FROM (SELECT 'H1' AS house_source_id) AS source")
    assert identity == "source:a.b:H1"


def test_parts_of_one_field_become_places_of_their_own(connection: DuckDBPyConnection) -> None:
    use = source_contracts()[FIRM].addresses[0]
    current = deliver(connection, FIRM, [_firm("913303810000000001", "瑞星机械厂")])
    [(key,)] = rows_of(connection, f"SELECT {address_input_key(use, 'source')} FROM {current} AS source")
    create_address_results(connection, (f"'{key}'", "A1", "house", "matched", True), (f"'{key}'", "A2", "house", "matched", True))
    connection.execute("UPDATE address_result SET part = 2 WHERE address_id = 'A2'")
    resolve(connection, {FIRM: current})
    assert rows_of(connection, "SELECT address_id FROM premises ORDER BY ALL") == [("A1",), ("A2",)]
    assert rows_of(connection, "SELECT count(*) FROM organisation") == [(1,)]


def test_a_namesake_born_on_the_same_day_is_another_person(connection: DuckDBPyConnection) -> None:
    contract = source_contracts()[RESIDENT]
    rows = [{"name": "王茂", "birth_date": "1990-01-01", "registered_address_text": "安福路12号", "household_number": key} for key in "12"]
    current = {contract.id: deliver(connection, RESIDENT, rows)}
    resolve(connection, current)
    assert rows_of(connection, "SELECT count(*) FROM person") == [(2,)]


def test_registration_number_borne_by_two_organisations_leads_to_neither(connection: DuckDBPyConnection) -> None:
    number = "330381000000016"
    firms = [_firm("913303810000000001", "甲厂", number), _firm("913303810000000002", "乙厂", number), _firm(None, "丙厂", number)]
    resolve(connection, {FIRM: deliver(connection, FIRM, firms)})
    assert rows_of(connection, "SELECT count(*) FROM organisation") == [(3,)]


def test_source_without_authority_comes_after_every_source_that_has_some(connection: DuckDBPyConnection) -> None:
    older, newer = _resident(phone="13900000001"), _letting(tenant_number=PERSON, tenant_name="张茂", tenant_phone="13900000002")
    current = {RESIDENT: deliver(connection, RESIDENT, [older]), RENTAL: deliver(connection, RENTAL, [], [newer])}
    resolve(connection, current, {"person.*": [RESIDENT]})
    assert rows_of(connection, "SELECT phone FROM person") == [("13900000001",)]


def test_a_record_claimed_once_is_as_it_was_claimed_and_whoever_gives_nothing_supplies_nothing(connection: DuckDBPyConnection) -> None:
    house = pool_contracts()["house"]
    claims = [_claim(house, row, key, area) for row, (key, area) in enumerate([("twice", 9), ("twice", 9), ("once", 7), ("bare", None)])]
    connection.execute("CREATE TABLE claim_house AS " + " UNION ALL ".join(claims))
    survive(connection, house, {}, ["housing.register"])
    assert sorted(rows_of(connection, "SELECT house_id, area FROM house")) == [("bare", None), ("once", 7), ("twice", 9)]
    assert sorted(rows_of(connection, "SELECT row, role, attributes FROM lineage_house")) == [
        (0, "survivor", "area"),
        (1, "agreement", None),
        (2, "survivor", "area"),
        (3, "agreement", None),
    ]


def _claim(table: Contract, row: int, key: str, area: int | None) -> str:
    given = {"house_id": f"'{key}'", "area": "NULL" if area is None else str(area)}
    columns = ", ".join(f"{given.get(column.name, 'NULL')}::{column.sql_type} AS {column.name}" for column in table.columns)
    return f"SELECT {columns}, 'housing.register' AS dataset, 'file' AS file_key, '' AS sheet, {row} AS row, {row}::BIGINT AS claim"
