"""Entities are a function of the deliveries: one after the other or all at once, whoever came first, they come out the same."""

from pathlib import Path

from flow.run import run
from tests.flow.reviewing import later
from tests.small_exports import RESIDENTS, context_at, residents, write_export

RENTAL = "public_security.rental_house"
PHONE = "13900000001"
ENTITY_TABLES = ("person", "house", "entity_link", "entity_doubt", "entity_redirect", "lineage", "conflict")


def letting(key: str, **cells: str) -> dict[str, str]:
    return {"letting_source_id": key, "house_source_id": "H1", "address_text": "瑞安市安阳街道兴隆社区", "tenant_phone": PHONE, **cells}


def test_deliveries_one_by_one_the_first_one_last_and_all_at_once_give_the_same_persons_and_ids(tmp_path: Path) -> None:
    number = residents(1)[0]["citizen_number"]
    deliveries = {
        "20250601": (RENTAL, [letting("1", tenant_name="张国强"), letting("2", tenant_name="张国强")]),
        "20250610": (RENTAL, [letting("1", tenant_name="张国强"), letting("3", tenant_name="张国强", tenant_number=number)]),
        "20250620": (RESIDENTS, [residents(1)[0] | {"name": "张国强", "phone": PHONE}]),
    }
    for day, period in enumerate(("20250610", "20250620", "20250601")):
        contract, rows = deliveries[period]
        write_export(tmp_path / f"exports{day}", contract, rows, period=period)
        run(later(context_at(tmp_path / "steps"), day), tmp_path / f"exports{day}")
    for period, (contract, rows) in deliveries.items():
        write_export(tmp_path / "all", contract, rows, period=period)
    run(context_at(tmp_path / "whole"), tmp_path / "all")
    assert _tables(tmp_path / "steps") == _tables(tmp_path / "whole")


def _tables(home: Path) -> dict[str, object]:
    """Content hashes of the entity tables of the current release."""
    releases = context_at(home).pool.releases
    current = releases.current()
    assert current is not None
    return {table: releases.manifest(current)["tables"][table] for table in ENTITY_TABLES}
