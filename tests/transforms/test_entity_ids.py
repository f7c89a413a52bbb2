"""Ids last: they follow the strongest evidence, the others lead to them, and what people decide joins or parts."""

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection

from tests.transforms.sources import deliver, place_at, resolve, rows_of
from tests.transforms.test_persons_joined import ADDRESSES, HOME, MAN, OTHER_MAN, PHONE, RENTAL, RESIDENT, Row, resident, tenant
from transforms.resolving.entities import DECISIONS


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def run(connection: DuckDBPyConnection, residents: list[Row], *lettings: list[Row], **setting: Any) -> dict[str, str]:
    """Resolve residents and deliveries of lettings; the person of each row by its source key."""
    current = {RESIDENT: deliver(connection, RESIDENT, residents), RENTAL: deliver(connection, RENTAL, *lettings)}
    place_at(connection, current, ADDRESSES)
    resolve(connection, current, {"person.*": [RESIDENT]}, **setting)
    found = rows_of(
        connection,
        """SELECT letting_source_id, key FROM current_rental_house JOIN entity_link USING (file_key, row) WHERE alias = 'tenant'
           UNION ALL SELECT citizen_number, key FROM current_resident_population JOIN entity_link USING (file_key, row)""",
    )
    return dict(found)


def redirects(connection: DuckDBPyConnection) -> dict[str, str]:
    return dict(rows_of(connection, "SELECT old_id, new_id FROM entity_redirect WHERE table_name = 'person'"))


def decided(table: str, left: str, right: str, same: bool) -> dict[str, pa.Table]:
    rows = [dict(zip(DECISIONS.names, (table, left, right, same), strict=True))]
    return {"decisions": pa.Table.from_pylist(rows, schema=DECISIONS)}


ALONE = [tenant("1", "张茂", tenant_phone=PHONE)]
KNOWN = [resident(MAN, "张茂", phone=PHONE)]
NOBODY = [resident(OTHER_MAN, "李茂")]


def test_person_keeps_the_id_of_the_number_whoever_else_speaks_of_him(connection: DuckDBPyConnection) -> None:
    alone = run(connection, KNOWN, [tenant("9", "孙茂")])[MAN]
    assert run(connection, KNOWN, ALONE)[MAN] == alone
    assert run(connection, NOBODY, [tenant("1", "张国强", MAN)])["1"] == alone


def test_id_that_a_mention_had_alone_leads_to_the_person_it_was_joined_with(connection: DuckDBPyConnection) -> None:
    before = run(connection, NOBODY, ALONE)["1"]
    after = run(connection, KNOWN, ALONE)["1"]
    assert before != after
    assert redirects(connection) == {before: after}


def test_mention_that_is_told_apart_again_gets_back_the_id_it_had(connection: DuckDBPyConnection) -> None:
    before = run(connection, NOBODY, ALONE)["1"]
    person = run(connection, KNOWN, ALONE)[MAN]
    parted = run(connection, KNOWN, ALONE, **decided("person", before, person, same=False))
    assert parted == {"1": before, MAN: person}
    assert redirects(connection) == {}


def test_of_two_mentions_without_a_number_the_one_known_first_names_the_person(connection: DuckDBPyConnection) -> None:
    first, second = tenant("1", "张茂", tenant_phone=PHONE), tenant("2", "张茂", tenant_phone=PHONE)
    alone = {key: run(connection, NOBODY, [row])[key] for key, row in (("1", first), ("2", second))}
    for order in (("1", "2"), ("2", "1")):
        deliveries = [[{"1": first, "2": second}[key] for key in order[: place + 1]] for place in range(2)]
        found = run(connection, NOBODY, *deliveries)
        assert found["1"] == found["2"] == alone[order[0]]
        assert redirects(connection) == {alone[order[1]]: alone[order[0]]}


def test_row_that_now_brings_a_number_leads_on_from_the_id_it_had_without(connection: DuckDBPyConnection) -> None:
    before = run(connection, NOBODY, ALONE)["1"]
    after = run(connection, NOBODY, ALONE, [tenant("1", "张茂", MAN, tenant_phone=PHONE)])["1"]
    assert redirects(connection) == {before: after}


def test_number_that_a_row_gave_wrongly_before_does_not_lead_away_from_its_owner(connection: DuckDBPyConnection) -> None:
    found = run(connection, NOBODY, [tenant("1", "李茂", OTHER_MAN)], [tenant("1", "张茂", MAN)])
    assert redirects(connection) == {}
    assert found[OTHER_MAN] != found["1"]


def test_decision_joins_two_persons_and_both_numbers_are_told(connection: DuckDBPyConnection) -> None:
    both = [resident(MAN, "张茂", phone=PHONE), resident(OTHER_MAN, "张伟")]
    apart = run(connection, both, [tenant("9", "孙茂")])
    left, right = sorted((apart[MAN], apart[OTHER_MAN]))
    joined = run(connection, both, [tenant("9", "孙茂")], **decided("person", left, right, same=True))
    assert joined[MAN] == joined[OTHER_MAN] in (left, right)
    assert rows_of(connection, "SELECT DISTINCT rule FROM entity_link WHERE rule = 'decision'") == []
    assert rows_of(connection, "SELECT column_name FROM conflict_person WHERE column_name = 'citizen_number'") == [("citizen_number",)]


def test_decision_joins_a_mention_that_evidence_would_not(connection: DuckDBPyConnection) -> None:
    mention = [tenant("1", "小张")]
    apart = run(connection, KNOWN, mention)
    left, right = sorted(apart.values())
    joined = run(connection, KNOWN, mention, **decided("person", left, right, same=True))
    assert joined["1"] == joined[MAN]
    assert rows_of(connection, "SELECT alias FROM entity_link WHERE rule = 'decision'") == [("tenant",)]


def test_decision_parts_a_mention_from_all_that_is_joined_with_the_person(connection: DuckDBPyConnection) -> None:
    mentions = [*ALONE, tenant("2", "张茂", tenant_phone=PHONE) | {"address_text": HOME}]
    before = run(connection, NOBODY, ALONE)["1"]
    person = run(connection, KNOWN, mentions)[MAN]
    found = run(connection, KNOWN, mentions, **decided("person", *sorted((before, person)), same=False))
    assert found["1"] != found[MAN]
    assert found["2"] == found[MAN], "by name, phone and address, which is stronger than name and phone"


def test_of_one_day_and_one_department_the_row_that_says_more_survives(connection: DuckDBPyConnection) -> None:
    short = tenant("1", "张茂", MAN, tenant_occupation="工人")
    full = tenant("2", "张茂", MAN, tenant_occupation="缝纫工", tenant_phone=PHONE, tenant_employer="瑞星机械厂")
    run(connection, NOBODY, [short, full])
    assert rows_of(connection, "SELECT occupation FROM person WHERE name = '张茂'") == [("缝纫工",)]


def test_every_surviving_value_knows_its_row(connection: DuckDBPyConnection) -> None:
    said = tenant("1", "张国墙", MAN, tenant_occupation="缝纫工", tenant_phone=PHONE)
    run(connection, [resident(MAN, "张国强", sex_code="1")], [said])
    lineage = rows_of(connection, "SELECT left(file_key, 8), role, attributes FROM lineage_person ORDER BY ALL")
    assert lineage == [
        ("rental_h", "survivor", "occupation phone"),
        ("resident", "survivor", "citizen_number name sex_code identity_basis"),
    ]
    assert rows_of(connection, "SELECT column_name, losing_value FROM conflict_person") == [("name", "张国墙")]
