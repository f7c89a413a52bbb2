"""Limits of drift: what a contract sets goes before the defaults, the column's before the dataset's."""

from dataclasses import replace

import pytest

from schemas.contract import source_contracts
from schemas.drift import DriftLimits, Limit, default_limit, drift_facts
from schemas.evolution.contracts import contract_changes
from schemas.snapshot import snapshot
from tests.schemas.conftest import Edited

DELIVERY = "- {property: delivery, value: full}"
DRIFT = "{row_count: {warn: 0.3, block: 0.6}, nulls: {warn: 0.1}, columns: {owner_phone: {nulls: {block: 0.2}}}}"


def test_contract_sets_limits_for_the_dataset_and_for_columns(edited: Edited) -> None:
    limits = edited(DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {DRIFT}}}").drift
    assert limits.of("row_count") == Limit(0.3, 0.6)
    assert limits.of("nulls", "owner_phone") == Limit(block=0.2)
    assert limits.of("nulls", "owner_name") == Limit(warn=0.1)
    assert limits.of("forms", "owner_phone") is None


def test_contract_without_limits_leaves_the_defaults() -> None:
    assert source_contracts()["public_security.rental_house"].drift == DriftLimits()
    assert default_limit("row_count") == Limit(0.3, 0.6)
    assert default_limit("row_count", "incremental").block is None, "increments come in all sizes"
    assert default_limit("forms", "incremental", "parsed").block is None, "what is read in every form has lost nothing"


@pytest.mark.parametrize("name", sorted(drift_facts().measures))
def test_every_default_tells_before_it_blocks(name: str) -> None:
    for limit in (drift_facts().measures[name].limit, *drift_facts().measures[name].variants.values()):
        assert limit.warn is not None
        assert 0 < limit.warn < (limit.block or 1.01)


def test_changed_limits_are_a_compatible_change_of_the_contract() -> None:
    contract = source_contracts()["public_security.rental_house"]
    old, new = snapshot(contract), snapshot(replace(contract, drift=DriftLimits({"nulls": Limit(warn=0.1)})))
    assert [(change.subject, change.is_compatible) for change in contract_changes(old, new)] == [("漂移限值", True), ("版本号", True)]
