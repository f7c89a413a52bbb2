"""Rules about the tables of a release: each finds what it is made for and blames no good record; faults in their files are told by line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from expectations.pool_rules import KINDS, load_rules, pool_rules
from schemas.documents import ContractError
from tests.expectations.rule_pool import RULES, evaluated, rule_pool

BORN = "19900101"
NUMBER = f"330381{BORN}1218"
SECRETS = (NUMBER, BORN, "1990-01-0", "2020-01-0", "某处")
Tables = dict[str, list[dict[str, Any]]]


def person(id: str, **more: Any) -> dict[str, Any]:
    return {"person_id": id, "citizen_number": NUMBER, "birth_date": "1990-01-01", "sex_code": "1"} | more


def firm(id: str, **more: Any) -> dict[str, Any]:
    return {"organisation_id": id, "uscc": "91", "name": id, "founded_on": "2010-01-01"} | more


def conflict(table: str, key: str, column: str, surviving: str = "1", losing: str = "2") -> dict[str, Any]:
    said = {"surviving_value": surviving, "losing_value": losing, "file_key": "F", "sheet": "", "row": 7}
    return {"table_name": table, "key": key, "column_name": column} | said


def delivery(batch: str, dataset: str = "a.b", period: str = "2025-12-31", **more: Any) -> dict[str, Any]:
    return {
        "batch": batch,
        "dataset": dataset,
        "period": period,
        "received_at": "2026-01-01 09:00",
        "status": "accepted",
        "received": 1,
    } | more


def daily(dataset: str = "a.b", newest: str = "2025-12-31") -> dict[str, Any]:
    return {"dataset": dataset, "department": "甲局", "frequency_days": 1, "latency_hours": 36, "newest_period": newest}


def history(id: str, start: str, end: str | None) -> dict[str, Any]:
    return {"effective_from": start, "effective_to": end, "residence_id": id}


def rate(dataset: str, status: str, level: str, rows: int) -> dict[str, Any]:
    return {"dataset": dataset, "town": "", "level": level, "status": status, "rows": rows}


def edge(table: str, key: str, file: str, attributes: str, role: str = "survivor") -> dict[str, Any]:
    place = {"file_key": file, "sheet": "", "row": 3}
    return {"table_name": table, "key": key, "role": role, "attributes": attributes} | place


def stated(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "dataset": "a.b", "file_key": "F", "sheet": "", "row": 3, "subject_table": "person", "subject_key": "p"} | more


def state_of(dataset: str, code_list: str) -> dict[str, Any]:
    return {"dataset": dataset, "table_name": "organisation", "column_name": "status_code", "code_list": code_list}


DIVISIONS = [
    {"division_code": "330381", "level": "county"},
    {"division_code": "330381001", "civil_affairs_code": "330381005000", "level": "town"},
    {"division_code": "330381009", "level": "town", "valid_from": "2010-01-01", "valid_to": "2020-01-01"},
]
FILES = [{"file_key": "F", "dataset": "a.b"}, {"file_key": "KEPT", "dataset": "c.d"}]


# By rule: the tables with one bad record called "bad" (unless said otherwise) among good ones.
PLANTED: dict[str, Tables] = {
    "person_has_identifier": {"person": [person("bad", citizen_number=None), person("good")]},
    "birth_date_matches_number": {"person": [person("bad", birth_date="1990-01-02"), person("good"), person("void", birth_date=None)]},
    "sex_matches_number": {"person": [person("bad", sex_code="2"), person("good"), person("unknown", sex_code="0")]},
    "death_not_before_birth": {"person": [person("bad", death_date="1980-01-01"), person("good", death_date="2020-01-01")]},
    "residence_dates_in_order": {
        "residence": [
            {"residence_id": "bad", "valid_from": "2020-01-05", "valid_to": "2020-01-01"},
            {"residence_id": "good", "valid_from": "2020-01-05"},
        ]
    },
    "tenancy_dates_in_order": {"tenancy": [{"tenancy_id": "bad", "valid_from": "2020-01-05", "valid_to": "2020-01-01"}]},
    "licence_dates_in_order": {
        "licence": [
            {"licence_id": "bad", "issued_on": "2020-01-05", "valid_to": "2020-01-01"},
            {"licence_id": "good", "valid_to": "2020-01-01"},
        ]
    },
    "benefit_dates_in_order": {"benefit": [{"benefit_id": "bad", "valid_from": "2020-01-05", "valid_to": "2020-01-01"}]},
    "organisation_dates_in_order": {"organisation": [firm("bad", cancelled_on="2009-01-01"), firm("good", cancelled_on="2011-01-01")]},
    "organisation_has_identifier": {"organisation": [firm("bad", uscc=None), firm("good", uscc=None, registration_number="3303")]},
    "event_times_in_order": {
        "event": [
            {"event_id": "bad", "reported_at": "2025-01-02 10:00", "closed_on": "2025-01-01"},
            {"event_id": "good", "reported_at": "2025-01-02 10:00", "closed_on": "2025-01-02"},
        ]
    },
    "facility_within_capacity": {"facility": [{"facility_id": "bad", "occupied": 9, "capacity": 8}, {"facility_id": "good", "occupied": 8}]},
    "let_area_within_area": {"house": [{"house_id": "bad", "let_area": 90, "area": 80}, {"house_id": "good", "let_area": 80, "area": 80}]},
    "tenancy_of_let_house": {
        "tenancy": [
            {"tenancy_id": "bad", "house_id": "own", "valid_from": "2025-01-01"},
            {"tenancy_id": "over", "house_id": "own", "valid_from": "2024-01-01", "valid_to": "2024-12-31"},
            {"tenancy_id": "good", "house_id": "let", "valid_from": "2025-01-01"},
        ],
        "house": [{"house_id": "own", "is_let": False}, {"house_id": "let", "is_let": True}],
    },
    "house_of_tenancy_placed": {
        "tenancy": [{"tenancy_id": "one", "house_id": "bad"}, {"tenancy_id": "two", "house_id": "good"}],
        "house": [{"house_id": "bad"}, {"house_id": "good", "match_status": "matched"}, {"house_id": "empty"}],
    },
    "event_placed": {
        "event": [{"event_id": "bad", "address_text": "某处", "match_status": "unmatched"}, {"event_id": "nowhere", "match_status": None}]
    },
    "event_party_known": {"event_party": [{"event_party_id": "bad"}, {"event_party_id": "good", "name": "某"}]},
    "licence_not_after_end": {
        "licence": [
            {"licence_id": "bad", "organisation_id": "ended", "issued_on": "2021-01-01"},
            {"licence_id": "good", "organisation_id": "ended", "issued_on": "2019-01-01"},
        ],
        "organisation": [firm("ended", cancelled_on="2020-01-01")],
    },
    "facility_of_living_organisation": {
        "facility": [{"facility_id": "bad", "organisation_id": "ended", "checked_on": "2021-01-01"}],
        "organisation": [firm("ended", cancelled_on="2020-01-01")],
    },
    "address_finer_than_parent": {
        "address": [
            {"address_id": "bad", "parent_id": "good", "level": "road", "town": "镇"},
            {"address_id": "good", "level": "house", "town": "镇"},
        ]
    },
    "address_in_town": {"address": [{"address_id": "bad", "level": "house"}, {"address_id": "good", "level": "town"}]},
    "grid_community_known": {
        "grid": [{"network": "n", "grid_code": "bad", "community_code": "9"}, {"network": "n", "grid_code": "good", "community_code": "1"}],
        "division": [{"division_code": "1"}],
    },
    "division_code_in_force": {
        "stated_place": [
            stated("bad", division_code="330381009"),
            stated("then in use", division_code="330381009", stated_on="2015-01-01"),
            stated("in use", division_code="330381001", stated_on="1990-01-01"),
            stated("of all", division_code="330381000000"),
            stated("of the other authority", division_code="330381005"),
            stated("from elsewhere", division_code="110101001"),
            stated("none", division_code=None),
        ],
        "division": DIVISIONS,
    },
    "coordinates_in_city": {
        "stated_place": [
            stated("bad", division_code="330381001", longitude=119.9, latitude=27.5),
            stated("good", division_code="330381001", longitude=120.5, latitude=27.5),
            stated("elsewhere", division_code="110101001", longitude=116.4, latitude=39.9),
            stated("perhaps elsewhere", longitude=116.4, latitude=39.9),
        ],
        "division": DIVISIONS,
    },
    "address_in_city": {
        "address": [
            {"address_id": "bad", "level": "town", "lon": 120.5, "lat": 28.5},
            {"address_id": "good", "level": "town", "lon": 120.5, "lat": 27.5},
            {"address_id": "nowhere", "level": "town"},
        ]
    },
    "grid_in_city": {
        "grid": [
            {"network": "n", "grid_code": "bad", "longitude": 27.5, "latitude": 120.5},
            {"network": "n", "grid_code": "good", "longitude": 120.5, "latitude": 27.5},
        ]
    },
    "birth_dates_agree": {"conflict": [conflict("person", "bad", "birth_date")], "person": [person("bad"), person("good")]},
    "person_names_agree": {"conflict": [conflict("person", "bad", "name")], "person": [person("bad")]},
    "sexes_agree": {"conflict": [conflict("person", "bad", "sex_code")], "person": [person("bad")]},
    "death_dates_agree": {"conflict": [conflict("person", "bad", "death_date")], "person": [person("bad")]},
    "organisation_names_agree": {"conflict": [conflict("organisation", "bad", "name")], "organisation": [firm("bad")]},
    "organisation_states_agree": {  # two ends are no disagreement
        "conflict": [
            conflict("organisation", "bad", "status_code", "1", "4"),
            conflict("organisation", "both", "status_code", "4", "5"),
            conflict("organisation", "unknown", "status_code", "1", "4"),
        ],
        "lineage": [
            edge("organisation", "bad", "KEPT", "name status_code"),
            edge("organisation", "both", "KEPT", "status_code"),
            edge("organisation", "unknown", "OTHER", "status_code"),
            edge("organisation", "unknown", "KEPT", "name"),
        ],
        "source_file": [*FILES, {"file_key": "OTHER", "dataset": "e.f"}],
        "coded_column": [state_of("a.b", "social_organisation_state"), state_of("c.d", "registration_state")],
    },
    "house_addresses_agree": {"conflict": [conflict("house", "bad", "address_id")], "house": [{"house_id": "bad"}]},
    "let_house_registered": {
        "tenancy": [{"tenancy_id": "bad", "house_id": "unheard"}, {"tenancy_id": "good", "house_id": "known"}],
        "lineage": [edge("house", "unheard", "F", "area"), edge("house", "known", "F", "area"), edge("house", "known", "KEPT", "", "agreement")],
        "source_file": FILES,
        "register": [{"dataset": "c.d", "table_name": "house"}, {"dataset": "a.b", "table_name": "event"}],
    },
    "living_where_dead": {
        "tenancy": [
            {"tenancy_id": "bad", "person_id": "dead", "valid_from": "2021-01-01"},
            {"tenancy_id": "good", "person_id": "dead", "valid_from": "2019-01-01"},
        ],
        "person": [person("dead", death_date="2020-01-01")],
    },
    "benefit_not_after_death": {"doubtful_benefit": [{"benefit_id": "bad", "doubt": "deceased"}, {"benefit_id": "moved", "doubt": "moved_out"}]},
    "one_record_a_person": {"entity_doubt": [{"table_name": "person", "left_key": "bad", "right_key": "other"}]},
    "one_record_an_organisation": {"entity_doubt": [{"table_name": "organisation", "left_key": "bad", "right_key": "other"}]},
    "event_not_in_future": {"event": [{"event_id": "bad", "occurred_on": "2026-01-01"}, {"event_id": "good", "occurred_on": "2025-12-31"}]},
    "residence_not_before_birth": {
        "residence": [
            {"residence_id": "bad", "person_id": "one", "valid_from": "1989-12-31"},
            {"residence_id": "good", "person_id": "one", "valid_from": "1990-01-01"},
        ],
        "person": [person("one")],
    },
    "residence_not_after_death": {
        "residence": [{"residence_id": "bad", "person_id": "one", "valid_from": "2021-01-01"}],
        "person": [person("one", death_date="2020-01-01")],
    },
    "event_not_after_organisation_ended": {
        "event_party": [
            {"event_party_id": "bad", "event_id": "late", "organisation_id": "ended", "name": "甲"},
            {"event_party_id": "good", "event_id": "early", "organisation_id": "ended", "name": "甲"},
        ],
        "event": [{"event_id": "late", "occurred_on": "2021-01-01"}, {"event_id": "early", "occurred_on": "2019-01-01"}],
        "organisation": [firm("ended", cancelled_on="2020-01-01")],
    },
    "event_stages_in_order": {
        "event_stage": [
            {"event_stage_id": "first", "event_id": "e", "stage": "dispatched", "happened_at": "2025-01-01 10:00"},
            {"event_stage_id": "bad", "event_id": "e", "stage": "arrived", "happened_at": "2025-01-01 09:00"},
            {"event_stage_id": "other", "event_id": "e", "stage": "evaluated", "happened_at": "2025-01-01 08:00"},
        ]
    },
    "residence_history_without_overlap": {
        "residence_history": [
            history("bad", "2020-01-01", "2021-01-01"),
            history("bad", "2020-06-01", None),
            history("good", "2020-01-01", "2021-01-01"),
            history("good", "2021-01-01", None),
        ]
    },
    "tenancy_history_without_overlap": {
        "tenancy_history": [
            {"tenancy_id": "bad", "effective_from": "2020-01-01", "effective_to": None},
            {"tenancy_id": "bad", "effective_from": "2020-06-01", "effective_to": None},
        ]
    },
    "birth_date_unchanged": {
        "person": [person("bad"), person("good"), person("new")],
        "previous_person": [person("bad", birth_date="1990-01-02"), person("good"), person("gone")],
    },
    "death_not_revoked": {
        "person": [person("bad"), person("good", death_date="2020-01-01")],
        "previous_person": [person("bad", death_date="2020-01-01"), person("good", death_date="2020-01-01")],
    },
    "founding_unchanged": {"organisation": [firm("bad"), firm("good")], "previous_organisation": [firm("bad", founded_on="2011-01-01"), firm("good")]},
    "event_not_reopened": {
        "event": [{"event_id": "bad"}, {"event_id": "good", "closed_on": "2025-02-01"}],
        "previous_event": [{"event_id": "bad", "closed_on": "2025-01-01"}, {"event_id": "good", "closed_on": "2025-01-01"}],
    },
    "record_confirmed": {"unconfirmed_record": [{"table_name": "house", "key": "bad"}]},
    "every_row_accounted": {
        "delivery": [delivery("bad", received=2), delivery("good", "c.d"), delivery("out", "c.d", status="blocked", received=9)],
        "row_outcome": [{"batch": "bad"}, {"batch": "good"}],
    },
    "delivery_used": {"delivery": [delivery("bad", status="failed"), delivery("good")]},
    "delivery_on_time": {
        "delivery": [delivery("bad", received_at="2026-01-02 12:01"), delivery("good", received_at="2026-01-02 11:59")],
        "dataset": [daily()],
    },
    "dataset_fresh": {"dataset": [daily("bad", "2025-12-01"), daily("good")]},
    "dataset_without_gap": {
        "delivery": [delivery("1", "bad", "2025-12-01"), delivery("2", "bad"), delivery("3", "good", "2025-12-30"), delivery("4", "good")],
        "dataset": [daily("bad"), daily("good")],
    },
    "dataset_volume_as_before": {
        "volume": [
            *({"release": 1, "dataset": dataset, "rows": 100} for dataset in ("bad", "good")),
            {"release": 2, "dataset": "bad", "rows": 49},
            {"release": 2, "dataset": "good", "rows": 50},
        ],
        "dataset": [daily("bad"), daily("good")],
    },
    "addresses_matched": {
        "address_rate": [
            rate("bad", "unmatched", "", 6),
            rate("bad", "matched", "room", 5),
            rate("good", "review", "house", 5),
            rate("good", "matched", "room", 5),
        ]
    },
    "addresses_matched_to_house": {
        "address_rate": [rate("bad", "matched", "town", 6), rate("bad", "matched", "room", 5), rate("good", "matched", "house", 5)]
    },
}  # fmt: skip


def test_every_rule_has_its_planted_fault() -> None:
    assert sorted(PLANTED) == sorted(RULES)


@pytest.mark.parametrize("name", RULES)
def test_rule_finds_its_planted_fault_and_blames_nothing_else(name: str) -> None:
    rule, connection = RULES[name], rule_pool(**PLANTED[name])
    result = evaluated(connection, rule)[name]
    assert (result.outcome, result.broken, result.cause) == ("broken", 1, "")
    [(key, detail)] = connection.execute("SELECT key, coalesce(detail, '') FROM broken").fetchall()
    assert key.endswith("bad")
    assert not [secret for secret in SECRETS if secret in detail], "what is said of a broken record quotes no value of a person"


def test_every_row_whose_value_lost_answers_and_the_record_counts_once() -> None:
    lost = [conflict("person", "bad", "birth_date") | {"file_key": file, "row": row} for file, row in (("F", 7), ("F", 9), ("KEPT", 2))]
    connection = rule_pool(conflict=lost, person=[person("bad"), person("good")], source_file=FILES, dataset=[daily("a.b"), daily("c.d")])
    assert evaluated(connection, RULES["birth_dates_agree"])["birth_dates_agree"].broken == 1
    assert connection.execute("SELECT key, dataset, file_key, row FROM broken").fetchall() == [
        ("bad", "a.b", "F", 7),
        ("bad", "a.b", "F", 9),
        ("bad", "c.d", "KEPT", 2),
    ]


def test_a_house_or_an_event_of_the_city_has_no_code_and_no_position_of_elsewhere() -> None:
    foreign = {"division_code": "110101001", "longitude": None, "latitude": None}
    places = [
        stated(name, subject_table=table, subject_key=name, **foreign) for name, table in (("h", "house"), ("e", "event"), ("far", "event"))
    ]
    places.append(stated("p", subject_table="house", subject_key="p", longitude=116.4, latitude=39.9))
    connection = rule_pool(
        stated_place=places,
        division=DIVISIONS,
        house=[{"house_id": "h", "match_status": "matched"}],
        event=[{"event_id": "e", "match_status": "matched"}, {"event_id": "far", "match_status": "unmatched"}],
    )
    evaluated(connection, RULES["division_code_in_force"], RULES["coordinates_in_city"])
    found = connection.execute("SELECT rule, key FROM broken ORDER BY ALL").fetchall()
    assert found == [("coordinates_in_city", "p"), ("division_code_in_force", "e"), ("division_code_in_force", "h")]


def test_where_nobody_registers_houses_no_letting_is_blamed() -> None:
    connection = rule_pool(**PLANTED["let_house_registered"] | {"register": []})
    assert evaluated(connection, RULES["let_house_registered"])["let_house_registered"].broken == 0


def test_of_two_records_that_may_be_one_the_source_of_that_without_a_number_is_asked() -> None:
    doubts = [{"table_name": table, "left_key": "good", "right_key": "bad"} for table in ("person", "organisation")]
    people = [person("good"), person("bad", citizen_number=None)]
    connection = rule_pool(entity_doubt=doubts, person=people, organisation=[firm("good"), firm("bad", uscc=None)])
    for name in ("one_record_a_person", "one_record_an_organisation"):
        assert evaluated(connection, RULES[name])[name].broken == 1
        assert connection.execute("SELECT key FROM broken").fetchall() == [("bad",)]


def test_all_rules_together_find_what_each_finds_alone() -> None:
    everything: Tables = {}
    for tables in (PLANTED["birth_date_matches_number"], PLANTED["sex_matches_number"], PLANTED["let_area_within_area"]):
        for name, rows in tables.items():
            everything.setdefault(name, []).extend({**row} for row in rows)
    together, alone = rule_pool(**everything), rule_pool(**everything)
    results = evaluated(together)
    for name in ("birth_date_matches_number", "sex_matches_number", "let_area_within_area"):
        assert evaluated(alone, RULES[name])[name].broken == results[name].broken
    assert {name for name, result in results.items() if result.outcome == "error"} == set()


def test_an_empty_pool_breaks_no_rule() -> None:
    assert {result.outcome for result in evaluated(rule_pool()).values()} == {"met"}


def test_a_rule_that_crashes_is_an_error_with_its_cause_and_the_others_are_judged() -> None:
    connection = rule_pool(person=[person("bad", birth_date="1990-01-02", phone="张三13957700000")])
    crashing = replace(RULES["sex_matches_number"], name="crashing", holds="phone::INTEGER > 0")
    query = replace(RULES["event_placed"], name="crashing_query", broken="SELECT name::INTEGER AS key FROM no_such_table")
    results = evaluated(connection, crashing, query, RULES["birth_date_matches_number"])
    assert results["crashing"].outcome == "error"
    assert results["crashing"].broken is None
    assert "Conversion Error" in results["crashing"].cause
    assert "张三" not in results["crashing"].cause, "what stands in the rows is told to nobody"
    assert results["crashing_query"].outcome == "error"
    assert results["birth_date_matches_number"].broken == 1


def test_the_source_that_supplied_the_doubted_column_answers_for_a_broken_record() -> None:
    connection = rule_pool(
        person=[person("bad", birth_date="1990-01-02")],
        lineage=[
            edge("person", "bad", "F1", "name citizen_number"),
            edge("person", "bad", "F2", "phone birth_date"),
            edge("person", "bad", "F3", "birth_date", "conflict"),
        ],
        source_file=[{"file_key": "F1", "dataset": "a.b"}, {"file_key": "F2", "dataset": "c.d"}],
        dataset=[daily("a.b"), daily("c.d") | {"department": "乙局"}],
        residence=[{"residence_id": "r", "person_id": "bad", "kind": "registered", "address_id": "home"}],
        address=[{"address_id": "home", "level": "house", "town": "甲镇"}],
    )
    evaluated(connection, RULES["birth_date_matches_number"])
    assert connection.execute("SELECT dataset, department, town, file_key, row FROM broken").fetchall() == [
        ("c.d", "乙局", "甲镇", "F2", 3)
    ]


@pytest.fixture
def rule_file(tmp_path: Path) -> Path:
    return tmp_path / "columns.yaml"


GOOD = """one:
  sentence: 甲
  dimension: accuracy
  severity: warn
  table: person
  columns: [name]
  holds: name IS NOT NULL
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "cause"),
    [
        ("dimension: accuracy", "dimension: acuracy", 3, "没有“acuracy”"),
        ("severity: warn", "severity: reject", 4, "没有“reject”"),
        ("table: person", "table: persons", 5, "没有“persons”"),
        ("columns: [name]", "columns: [nam]", 6, "没有“nam”"),
        ("holds: name", "hold: name", 7, "不认识“hold”"),
        ("  sentence: 甲\n", "", 1, "缺少“sentence”"),
        ("  holds: name IS NOT NULL\n", "", 1, "holds 或 broken"),
        ("  holds: name IS NOT NULL\n", "  broken: SELECT 1 AS key\n", 1, "没有写明看哪些表"),
    ],
)
def test_faults_of_a_rule_file_are_told_by_line(rule_file: Path, before: str, after: str, line: int, cause: str) -> None:
    assert before in GOOD
    rule_file.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load_rules(rule_file)
    assert (line, True) in [(fault.line, cause in fault.cause) for fault in caught.value.faults]


def test_a_file_of_rules_is_named_after_their_kind(tmp_path: Path) -> None:
    path = tmp_path / "column.yaml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(ContractError, match=r"没有“column”这一类规则"):
        load_rules(path)


def test_there_are_rules_of_every_kind() -> None:
    assert {rule.kind for rule in pool_rules()} == set(KINDS)
