"""Who is who among the mentions of persons: each way to be joined, and each trap."""

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings, strategies as st

from samples.identifiers import citizen_numbers, shortened
from tests.transforms.sources import create_address_results, deliver, place_at, resolve, rows_of

RESIDENT = "public_security.resident_population"
RENTAL = "public_security.rental_house"
FIRM = "market_regulation.market_entity"
ALLOWANCE = "civil_affairs.subsistence_allowance"
AUTHORITY = {"person.*": [RESIDENT, RENTAL]}
HOME, ELSEWHERE = "安福路12号", "万松路8号"
ADDRESSES = {HOME: "A1", ELSEWHERE: "A2"}
PHONE, OTHER_PHONE = "13900000001", "13900000002"
Row = dict[str, Any]


def number_of(sequence: int, birth: int = 19900101) -> str:
    """A valid number; odd sequences are men's."""
    return citizen_numbers(np.array([330381]), np.array([birth]), np.array([sequence]))[0]


MAN, OTHER_MAN, WOMAN = number_of(11), number_of(13, 19850607), number_of(22)
MISTYPED = MAN[:9] + str((int(MAN[9]) + 1) % 10) + MAN[10:]
SWAPPED = MAN[:15] + MAN[16] + MAN[15] + MAN[17]


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def resident(number: str | None, name: str, **others: Any) -> Row:
    return {"citizen_number": number, "name": name, "registered_address_text": HOME, **others}


def tenant(key: str, name: str, number: str | None = None, *, claimed: str = "", **others: Any) -> Row:
    unverified = json.dumps({"tenant_number": claimed}) if claimed else None
    row = {"letting_source_id": key, "house_source_id": f"H{key}", "address_text": ELSEWHERE, "tenant_name": name, "tenant_number": number}
    return row | {"unverified": unverified} | others


def owner(key: str, name: str, number: str | None = None, *, claimed: str = "", **others: Any) -> Row:
    unverified = json.dumps({"owner_number": claimed}) if claimed else None
    row = {"letting_source_id": key, "house_source_id": "H1", "address_text": ELSEWHERE, "owner_name": name, "owner_number": number}
    return row | {"unverified": unverified} | others


def people(connection: DuckDBPyConnection, sources: Mapping[str, Sequence[Row]], **setting: Any) -> list[set[str]]:
    """Resolve rows by contract; the mentions of each person as `dataset:row:role`, rows counted from 1."""
    current = {contract: deliver(connection, contract, rows) for contract, rows in sources.items()}
    place_at(connection, current, ADDRESSES)
    resolve(connection, current, AUTHORITY, **setting)
    found: dict[str, set[str]] = {}
    for key, file_key, row, alias in rows_of(connection, "SELECT key, file_key, row, alias FROM entity_link WHERE table_name = 'person'"):
        found.setdefault(key, set()).add(f"{file_key[:8]}:{row - 1}:{alias}")
    return sorted(found.values(), key=sorted)


def doubts(connection: DuckDBPyConnection) -> list[str]:
    return [rule for (rule,) in rows_of(connection, "SELECT rule FROM entity_doubt WHERE table_name = 'person' ORDER BY rule")]


def rules(connection: DuckDBPyConnection) -> set[str]:
    return {rule for (rule,) in rows_of(connection, "SELECT DISTINCT rule FROM entity_link WHERE table_name = 'person'")}


A, B, C = "resident:1:resident", "rental_h:1:tenant", "rental_h:2:tenant"
A2 = "resident:2:resident"


def test_number_that_fails_its_check_joins_where_name_and_phone_confirm_it(connection: DuckDBPyConnection) -> None:
    for claimed in (MISTYPED, SWAPPED, MAN[:-1] + ("1" if MAN[-1] != "1" else "2")):
        rows = {RESIDENT: [resident(MAN, "张茂", phone=PHONE)], RENTAL: [tenant("1", "张茂", claimed=claimed, tenant_phone=PHONE)]}
        assert people(connection, rows) == [{A, B}], claimed
        assert rows_of(connection, "SELECT citizen_number FROM person") == [(MAN,)]
        assert "number_typo" in rules(connection)


def test_number_that_fails_its_check_is_asked_about_where_only_the_name_agrees(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张茂")], RENTAL: [tenant("1", "张茂", claimed=MISTYPED)]}
    assert people(connection, rows) == [{B}, {A}]
    assert doubts(connection) == ["number_unconfirmed"]


def test_number_two_slips_away_confirms_nothing_and_one_far_away_speaks_against(connection: DuckDBPyConnection) -> None:
    far = OTHER_MAN[:-1] + ("1" if OTHER_MAN[-1] != "1" else "2")
    rows = {RESIDENT: [resident(MAN, "张茂", phone=PHONE)], RENTAL: [tenant("1", "张茂", claimed=far, tenant_phone=PHONE)]}
    assert people(connection, rows) == [{B}, {A}]
    assert doubts(connection) == []


def test_old_number_with_a_wrong_digit_joins_where_phone_confirms_it_and_is_not_kept(connection: DuckDBPyConnection) -> None:
    old = shortened(MAN)[:12] + ("9" if MAN[14] != "9" else "8") + shortened(MAN)[13:]
    [wrong] = citizen_numbers(np.array([330381]), np.array([19900101]), np.array([int(old[12:])]))
    typed = tenant("1", "张茂", wrong, claimed=old, tenant_phone=PHONE)
    assert people(connection, {RESIDENT: [resident(MAN, "张茂", phone=PHONE)], RENTAL: [typed]}) == [{A, B}]
    assert rows_of(connection, "SELECT citizen_number FROM person") == [(MAN,)]


def test_old_number_of_a_namesake_born_on_the_same_day_is_not_taken_for_a_slip(connection: DuckDBPyConnection) -> None:
    beside = number_of(13)
    namesake = resident(beside, "张茂", birth_date="1990-01-01", unverified=json.dumps({"citizen_number": shortened(beside)}))
    rows = {RESIDENT: [resident(MAN, "张茂", birth_date="1990-01-01"), namesake | {"registered_address_text": ELSEWHERE}]}
    assert people(connection, rows) == [{A}, {A2}]


def test_person_without_a_number_is_known_by_name_and_phone(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张茂", phone=PHONE)], RENTAL: [tenant("1", "张茂", tenant_phone=PHONE)]}
    assert people(connection, rows) == [{A, B}]
    assert "name_phone" in rules(connection)


def test_person_without_a_number_is_known_by_name_birthday_and_address(connection: DuckDBPyConnection) -> None:
    numberless = resident(None, "张茂", birth_date="1990-01-01", household_number="2")
    assert people(connection, {RESIDENT: [resident(MAN, "张茂"), numberless]}) == [{A, A2}]
    assert "name_birth_address" in rules(connection)


def test_name_and_birthday_alone_join_nobody(connection: DuckDBPyConnection) -> None:
    stranger = resident(None, "张茂", birth_date="1990-01-01") | {"registered_address_text": ELSEWHERE}
    assert people(connection, {RESIDENT: [resident(MAN, "张茂"), stranger]}) == [{A}, {A2}]


def test_another_birthday_or_sex_speaks_against_name_and_phone(connection: DuckDBPyConnection) -> None:
    for other in ({"birth_date": "1961-01-01"}, {"sex_code": "2"}):
        numberless = resident(None, "张茂", phone=PHONE, **other)
        assert people(connection, {RESIDENT: [resident(MAN, "张茂", phone=PHONE), numberless]}) == [{A}, {A2}], other


def test_phone_of_a_whole_factory_is_no_evidence(connection: DuckDBPyConnection) -> None:
    workers = [
        tenant(str(place), name, number_of(31 + 2 * place), tenant_phone=PHONE)
        for place, name in enumerate(("王甲", "李乙", "赵丙", "孙丁"), 2)
    ]
    newcomer = tenant("1", "王甲", tenant_phone=PHONE) | {"address_text": "别处"}
    found = people(connection, {RENTAL: [newcomer, *workers]})
    assert {B} in found
    assert len(found) == 5


def test_address_of_a_whole_dormitory_is_no_evidence(connection: DuckDBPyConnection) -> None:
    names = [f"工{chr(0x4E00 + place)}" for place in range(12)]
    workers = [tenant(str(place), name, number_of(101 + 2 * place)) for place, name in enumerate(names, 2)]
    found = people(connection, {RENTAL: [tenant("1", names[0], birth_date=None), tenant("99", "新来的"), *workers]})
    assert {B} in found


def test_rare_name_at_the_same_address_joins_and_a_common_one_is_asked_about(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张茂")], RENTAL: [tenant("1", "张茂") | {"address_text": HOME}]}
    assert people(connection, rows) == [{A, B}]
    namesake = resident(OTHER_MAN, "张茂") | {"registered_address_text": ELSEWHERE}
    assert {B} in people(connection, rows | {RESIDENT: [resident(MAN, "张茂"), namesake]})
    assert doubts(connection) == ["name_address"]


def test_same_owner_of_the_same_house_is_one_person_without_a_number(connection: DuckDBPyConnection) -> None:
    rows = {RENTAL: [owner("1", "张茂", MAN), owner("2", "张茂")]}
    assert people(connection, rows) == [{"rental_h:1:owner", "rental_h:2:owner"}]
    assert "name_and_role" in rules(connection)


def test_representative_is_known_by_the_phone_of_the_firm(connection: DuckDBPyConnection) -> None:
    firm = {"entity_source_id": "1", "uscc": "913303810000000001", "name": "瑞星机械厂", "representative_name": "张茂", "phone": PHONE}
    rows = {RESIDENT: [resident(MAN, "张茂", phone=PHONE)], FIRM: [firm]}
    assert people(connection, rows) == [{"market_e:1:representative", A}]


@pytest.mark.parametrize("written", ["张国墙", "张囯强"])
def test_name_that_sounds_or_looks_alike_joins_with_phone_and_address(connection: DuckDBPyConnection, written: str) -> None:
    rows = {RESIDENT: [resident(MAN, "张国强", phone=PHONE)], RENTAL: [tenant("1", written, tenant_phone=PHONE) | {"address_text": HOME}]}
    assert people(connection, rows) == [{A, B}]
    assert "similar_name_phone_address" in rules(connection)


def test_name_in_traditional_characters_is_the_same_name(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张国强", phone=PHONE)], RENTAL: [tenant("1", "張國強", tenant_phone=PHONE)]}
    assert people(connection, rows) == [{A, B}]


def test_name_that_sounds_alike_with_the_phone_alone_is_asked_about(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张国强", phone=PHONE)], RENTAL: [tenant("1", "张国墙", tenant_phone=PHONE)]}
    assert people(connection, rows) == [{B}, {A}]
    assert doubts(connection) == ["similar_name_contact"]


def test_twins_at_one_address_and_phone_stay_two_and_each_gets_what_is_said_of_him(connection: DuckDBPyConnection) -> None:
    twins = [resident(MAN, "王小明", phone=PHONE), resident(number_of(13), "王小亮", phone=PHONE)]
    said = [tenant("1", "王小明", tenant_phone=PHONE), tenant("2", "王小亮", tenant_phone=PHONE)]
    assert people(connection, {RESIDENT: twins, RENTAL: [row | {"address_text": HOME} for row in said]}) == [{A, B}, {A2, C}]


def test_sisters_whose_names_sound_alike_are_not_joined_by_a_mention_that_could_be_either(connection: DuckDBPyConnection) -> None:
    sisters = [resident(WOMAN, "张丽", phone=PHONE), resident(number_of(24, 19920202), "张莉", phone=PHONE)]
    said = tenant("1", "张立", tenant_phone=PHONE) | {"address_text": HOME}
    assert people(connection, {RESIDENT: sisters, RENTAL: [said]}) == [{B}, {A}, {A2}]
    assert doubts(connection) == ["similar_name_phone_address"] * 2


def test_namesakes_on_two_phones_are_not_joined_by_a_mention_with_both(connection: DuckDBPyConnection) -> None:
    rows = {
        RESIDENT: [resident(MAN, "张茂", phone=PHONE), resident(OTHER_MAN, "张茂", phone=OTHER_PHONE)],
        FIRM: [
            {"entity_source_id": "1", "uscc": "913303810000000001", "name": "甲厂", "representative_name": "张茂", "phone": PHONE},
            {"entity_source_id": "2", "uscc": "913303810000000001", "name": "甲厂", "representative_name": "张茂", "phone": OTHER_PHONE},
        ],
    }
    found = people(connection, rows)
    assert not any({A, A2} <= person for person in found)
    assert {A} in found
    assert {A2} in found


def test_same_number_typed_for_another_name_is_split_and_asked_about(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张国强")], RENTAL: [tenant("1", "李秀英", MAN)]}
    assert people(connection, rows) == [{B}, {A}]
    assert rows_of(connection, "SELECT name, citizen_number, identity_basis FROM person ORDER BY name") == [
        ("张国强", MAN, "citizen_number"),
        ("李秀英", None, "disputed_number"),
    ]
    assert doubts(connection) == ["number_of_another"]


def test_number_typed_for_a_relative_nearby_stays_with_whom_it_belongs_to(connection: DuckDBPyConnection) -> None:
    brothers = [resident(MAN, "王小明", phone=PHONE), resident(number_of(13, 19920202), "王小亮", phone=PHONE)]
    typed = tenant("1", "王小亮", MAN, tenant_phone=PHONE)
    assert people(connection, {RESIDENT: brothers, RENTAL: [typed]}) == [{B}, {A}, {A2}]
    assert set(doubts(connection)) == {"number_of_another"}


@pytest.mark.parametrize("written", ["张国墙", "張國強", "张强", "张国伟"])
def test_same_number_with_a_name_written_otherwise_is_one_person(connection: DuckDBPyConnection, written: str) -> None:
    assert people(connection, {RESIDENT: [resident(MAN, "张国强")], RENTAL: [tenant("1", written, MAN)]}) == [{A, B}]


def test_two_persons_of_one_name_birthday_and_phone_under_two_numbers_are_asked_about(connection: DuckDBPyConnection) -> None:
    rows = {RESIDENT: [resident(MAN, "张茂", phone=PHONE), resident(number_of(13), "张茂", phone=PHONE)]}
    assert people(connection, rows) == [{A}, {A2}]
    assert doubts(connection) == ["numbers_differ"]


def test_head_of_household_is_one_person_over_all_rows_of_the_household(connection: DuckDBPyConnection) -> None:
    rows = [
        {
            "certificate_number": "R1", "paid_month": "2025-12-01", "head_name": "张茂", "head_number": head, "phone": PHONE,
            "address_text": HOME, "member_name": "王茂", "member_number": member,
        }
        for head, member in ((MAN, WOMAN), (None, OTHER_MAN))
    ]  # fmt: skip
    found = people(connection, {ALLOWANCE: rows})
    assert {"subsiste:1:head", "subsiste:2:head"} in found


def test_name_and_phone_repeated_many_times_are_compared_once_each(connection: DuckDBPyConnection) -> None:
    rows = [tenant(str(place), "张茂", tenant_phone=PHONE) for place in range(200)]
    assert len(people(connection, {RENTAL: rows})) == 1
    [(pairs,)] = rows_of(connection, "SELECT count(*) FROM pair_person")
    assert pairs < 2 * len(rows)


MANY = [
    *(resident(number, name, phone=phone, birth_date=f"{number[6:10]}-{number[10:12]}-{number[12:14]}") for number, name, phone in (
        (MAN, "张国强", PHONE), (OTHER_MAN, "张国强", OTHER_PHONE), (WOMAN, "李秀英", PHONE), (number_of(24), "李秀英", None)
    )),
    resident(None, "张国强", birth_date="1990-01-01", phone=PHONE),
]  # fmt: skip
LETTINGS = [
    tenant("1", "张国墙", tenant_phone=PHONE) | {"address_text": HOME},
    tenant("2", "张国强", tenant_phone=OTHER_PHONE),
    tenant("3", "张国强", claimed=MISTYPED, tenant_phone=PHONE),
    tenant("4", "李秀英", MAN),
    tenant("5", "李秀英") | {"address_text": HOME},
    owner("6", "王茂", MAN),
    owner("7", "王茂"),
]


def _by_source_key(connection: DuckDBPyConnection, residents: Sequence[Row], lettings: Sequence[Row]) -> set[frozenset[str]]:
    """Persons as the sets of what tells their mentions apart, whatever row they stand in."""
    found = people(connection, {RESIDENT: residents, RENTAL: lettings})
    names = {
        "resident": [f"{row['citizen_number']}{row['name']}" for row in residents],
        "rental_h": [row["letting_source_id"] for row in lettings],
    }

    def told(mention: str) -> str:
        source, row, alias = mention.split(":")
        return f"{names[source][int(row) - 1]}:{alias}"

    return {frozenset(map(told, person)) for person in found}


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_result_does_not_depend_on_the_order_of_rows(chance: random.Random) -> None:
    connection = duckdb.connect(":memory:")
    expected = _by_source_key(connection, MANY, LETTINGS)
    residents, lettings = (chance.sample(rows, len(rows)) for rows in (MANY, LETTINGS))
    assert _by_source_key(connection, residents, lettings) == expected


def test_unrelated_row_changes_nothing_for_others(connection: DuckDBPyConnection) -> None:
    before = _by_source_key(connection, MANY, LETTINGS)
    ids = set(rows_of(connection, "SELECT person_id FROM person"))
    stranger = resident(number_of(55, 19770707), "欧阳无关", phone="13911111112") | {"registered_address_text": "无处"}
    after = _by_source_key(connection, [*MANY, stranger], LETTINGS)
    assert before <= after
    assert len(after) == len(before) + 1
    assert ids <= set(rows_of(connection, "SELECT person_id FROM person"))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([MAN, OTHER_MAN, WOMAN, None]),
            st.sampled_from(["张国强", "张国墙", "张强", "李秀英", "李秀"]),
            st.sampled_from([PHONE, OTHER_PHONE, None]),
            st.sampled_from([HOME, ELSEWHERE]),
            st.sampled_from(["", MISTYPED, SWAPPED]),
        ),
        min_size=2,
        max_size=8,
    )
)
def test_joined_group_never_holds_two_valid_numbers(drawn: list[tuple[str | None, str, str | None, str, str]]) -> None:
    connection = create_connection()
    rows = [
        tenant(str(place), name, number, claimed="" if number else claimed, tenant_phone=phone) | {"address_text": address}
        for place, (number, name, phone, address, claimed) in enumerate(drawn)
    ]
    current = {RENTAL: deliver(connection, RENTAL, rows)}
    place_at(connection, current, ADDRESSES)
    resolve(connection, current)
    numbers = rows_of(
        connection,
        """SELECT key, count(DISTINCT tenant_number) FROM entity_link
           JOIN current_rental_house USING (file_key, row) WHERE table_name = 'person' AND alias = 'tenant' GROUP BY key""",
    )
    assert all(count <= 1 for _, count in numbers)


def create_connection() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    create_address_results(connection)
    return connection
