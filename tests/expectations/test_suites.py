"""Suites say everything a contract says, in words a person understands."""

from collections import Counter

import pytest

from expectations.suites import suite_for, suite_for_release
from expectations.validation import validate_tables
from schemas.contract import Contract, pool_contracts, source_contracts
from tests.expectations.tables import pool_tables

CONTRACTS = [*source_contracts().values(), *pool_contracts().values()]


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.id)
def test_names_are_unique_and_descriptions_distinct(contract: Contract) -> None:
    suites = [suite_for(contract)] if contract.system != "pool" else suite_for_release(pool_contracts())
    for suite in suites:
        assert max(Counter(one.name for one in suite.expectations).values()) == 1
        assert max(Counter(one.description for one in suite.expectations).values()) == 1
        assert {one.severity for one in suite.expectations} <= {"reject", "warn", "block"}


@pytest.mark.parametrize("contract", source_contracts().values(), ids=lambda contract: contract.id)
def test_every_promise_of_the_contract_has_its_expectation(contract: Contract) -> None:
    suite = suite_for(contract)
    rules = Counter(one.rule for one in suite.expectations)
    columns = [column for column in contract.columns if not column.ignored]
    assert rules["columns"] == rules["rows"] == 1
    assert rules["required"] == sum(column.required for column in columns)
    assert rules["code"] == sum(column.element is not None and column.element.code_list is not None for column in columns)
    assert rules["unique"] >= bool(contract.key)
    assert all(rules[rule.name] == 1 for rule in contract.rules)


def test_a_rule_keeps_the_words_dimension_and_severity_of_its_contract() -> None:
    contract = source_contracts()["public_security.rental_house"]
    suite = suite_for(contract)
    for rule in contract.rules:
        one = next(one for one in suite.expectations if one.name == rule.name)
        assert (one.description, one.dimension, one.severity) == (rule.description, rule.dimension, rule.severity)


def test_every_reference_of_the_pool_is_expected_to_lead_somewhere_but_those_of_the_past() -> None:
    suites = {suite.table: suite for suite in suite_for_release(pool_contracts())}
    for table, contract in pool_contracts().items():
        expected = {f"{column.name}.reference" for column in contract.columns if column.references and not contract.is_history}
        assert {one.name for one in suites[table].expectations if one.rule == "reference"} == expected
    assert "person_id.reference" in {one.name for one in suites["residence"].expectations}


def test_dangling_references_and_doubled_keys_are_found_in_a_release() -> None:
    person = {"person_id": "P1", "identity_basis": "citizen_number"}
    home = {"residence_id": "R1", "person_id": "P1", "kind": "actual", "address_text": "虹桥路1号"}
    lost = home | {"residence_id": "R2", "person_id": "P9"}
    suites = [suite for suite in suite_for_release(pool_contracts()) if suite.table in ("person", "residence")]
    results = validate_tables(pool_tables(person=[person, person], residence=[home, lost]), suites)
    broken = {(result.suite, one.name, one.unexpected) for result in results for one in result.unmet if one.severity == "block"}
    assert broken == {("pool.person", "person_id.unique", 2), ("pool.residence", "person_id.reference", 1)}


def test_a_row_whose_whole_key_occurs_again_is_found_and_parts_of_a_key_may_repeat() -> None:
    edge = {"table_name": "person", "key": "P1", "file_key": "ab", "sheet": "", "row": 7, "role": "subject"}
    suites = [suite for suite in suite_for_release(pool_contracts()) if suite.table == "lineage"]
    (result,) = validate_tables(pool_tables(lineage=[edge, edge, edge | {"row": 8}, edge | {"key": "P2"}]), suites)
    assert [(one.name, one.unexpected) for one in result.unmet] == [("key.unique", 2)]


def test_a_reference_into_a_table_that_the_release_lacks_must_be_empty() -> None:
    residence = {"residence": pool_contracts()["residence"]}
    home = {"residence_id": "R1", "person_id": "P1", "kind": "actual", "address_text": "虹桥路1号"}
    (result,) = validate_tables(pool_tables(residence=[home]), suite_for_release(residence))
    assert [one.name for one in result.unmet] == ["person_id.reference"]


def test_an_empty_pool_keeps_its_promises() -> None:
    results = validate_tables(pool_tables(), suite_for_release(pool_contracts()))
    assert [one for result in results for one in result.unmet] == []


def test_a_suite_without_its_table_is_refused() -> None:
    with pytest.raises(KeyError, match="residence"):
        validate_tables({}, [suite for suite in suite_for_release(pool_contracts()) if suite.table == "residence"])


def test_an_empty_table_is_asked_for_its_columns_only_and_must_have_them() -> None:
    contracts = pool_contracts()
    (suite,) = suite_for_release({"person": contracts["person"]}, empty=["person"])
    assert [one.rule for one in suite.expectations] == ["columns"]
    (result,) = validate_tables({"person": pool_tables()["person"].drop_columns("name")}, [suite])
    assert [one.name for one in result.unmet] == ["columns"]
