"""The contracts that are shipped, and what a loaded contract says."""

import subprocess
import sys

import pytest

from schemas.contract import AddressUse, Constant, Contract, load_contract, pool_contracts, source_contracts
from schemas.refused import refused_by_name
from tests.schemas.shipped import SHIPPED, Edited

EVERY_CONTRACT = [*source_contracts().values(), *pool_contracts().values()]
POOL_TABLES = (
    "address", "person", "residence", "house", "tenancy", "organisation", "premises", "licence", "event", "event_party",
    "benefit", "facility", "lineage", "conflict", "entity_link", "entity_doubt", "entity_redirect", "row_outcome",
)  # fmt: skip


def test_departments_reference_data_and_pool_tables_have_contracts() -> None:
    assert {contract.system for contract in source_contracts().values()} == {
        "public_security", "market_regulation", "emergency_management", "civil_affairs", "reference",
        "law_enforcement", "justice", "petition", "hotline", "social_governance",
    }  # fmt: skip
    assert set(POOL_TABLES) <= set(pool_contracts())


def test_a_contract_says_what_its_file_says() -> None:
    contract = load_contract(SHIPPED / "public_security" / "rental_house.yaml")
    assert (contract.id, contract.system, contract.dataset) == ("public_security.rental_house", "public_security", "rental_house")
    assert (contract.format, contract.encoding, contract.delivery) == ("csv", "gb18030", "full")
    assert (contract.title_rows, contract.header_rows, contract.sheet) == (0, 1, None)
    assert (contract.frequency_days, contract.latency_hours) == (1, 36)
    assert contract.key == ("letting_source_id",)
    assert contract.column("house_source_id").synonyms == ("房屋编号",)
    assert contract.addresses == (
        AddressUse(
            text="address_text", division_code="division_code", source_address_id="address_source_id", as_of="lease_start",
            lon="longitude", lat="latitude",
        ),
    )  # fmt: skip


def test_a_column_takes_its_meaning_from_its_element() -> None:
    column = source_contracts()["public_security.resident_population"].column("citizen_number")
    assert column.element is not None
    assert (column.element.check, column.level, column.mask) == ("citizen_number", "L4", "citizen_number")


def test_a_fact_refers_to_other_facts_by_their_alias() -> None:
    house, *_, tenancy, _ = source_contracts()["public_security.rental_house"].facts
    assert house.references == {"owner": "owner"}
    assert tenancy.references == {"house": "house", "person": "tenant"}
    assert source_contracts()["civil_affairs.social_organisation"].facts[0].columns["kind"] == Constant("social_organisation")


def test_a_rule_knows_the_columns_it_reads(edited: Edited) -> None:
    sql = "lease_end >= lease_start"
    contract = edited(sql, "owner_name <> 'lease_x' AND length(tenant_name) > 1")
    assert contract.rules[0].columns == ("lease_end", "lease_start", "owner_name", "tenant_name")


def test_an_ignored_column_is_known_but_has_no_element() -> None:
    cause = source_contracts()["civil_affairs.subsistence_allowance"].column("cause")
    assert cause.ignored
    assert cause.element is None


def test_a_coded_header_has_a_chinese_label() -> None:
    entity = source_contracts()["market_regulation.market_entity"]
    assert (entity.column("uscc").physical_name, entity.column("uscc").label) == ("UNISCID", "统一社会信用代码")


@pytest.mark.parametrize("contract", EVERY_CONTRACT, ids=lambda contract: contract.id)
def test_every_column_has_a_chinese_label_and_a_mask_where_it_is_sensitive(contract: Contract) -> None:
    for column in contract.columns:
        assert not column.label.isascii(), column.name
        assert column.ignored or column.level < "L3" or column.mask, column.name


@pytest.mark.parametrize("contract", EVERY_CONTRACT, ids=lambda contract: contract.id)
def test_no_contract_takes_what_is_refused(contract: Contract) -> None:
    taken = [column for column in contract.columns if not column.ignored]
    assert not [text for column in taken for text in (column.physical_name, column.label) if refused_by_name(text)]


def test_references_of_the_pool_point_at_keys() -> None:
    for table in pool_contracts().values():
        for column in table.columns:
            if column.references:
                target, key = column.references
                assert pool_contracts()[target].key == (key,)


def test_numbers_with_a_scale_are_exact_decimals() -> None:
    assert pool_contracts()["tenancy"].column("rent").sql_type == "DECIMAL(18, 2)"
    assert pool_contracts()["address"].column("lon").sql_type == "DOUBLE"
    assert pool_contracts()["row_outcome"].column("row").sql_type == "BIGINT"


def test_loading_all_contracts_needs_no_table_library() -> None:
    code = "import sys, schemas.contract as c; c.source_contracts(); print(*{'pyarrow', 'pandas', 'duckdb'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SHIPPED.parents[1])
    assert not done.stdout.split()


def test_a_dataset_may_come_in_several_formats_each_told_by_the_end_of_the_name() -> None:
    contract = source_contracts()["reference.standard_address_change"]
    names = ("a.csv", "A.XLSX", "库.parquet", "a.unknown")
    assert [contract.format_of(name) for name in names] == ["csv", "xlsx", "parquet", "csv"]
    assert (contract.encoding, contract.frequency_days) == ("auto", 0)
