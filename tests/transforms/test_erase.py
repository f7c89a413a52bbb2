"""Which cells of a row name a person, and in which forms their identifiers are written."""

import pytest

from schemas.contract import Contract, source_contracts
from transforms.erase import WHOLE, Needles, cut, named_columns, parties, scrubbed, written_forms

NUMBER, OLD = "11010519491231002X", "110105491231002"
HER = Needles(written_forms(NUMBER), frozenset({"欧阳翡翠"}), frozenset({"13857797531"}))
HOUSES, RESIDENTS = "public_security.rental_house", "public_security.resident_population"
BENEFITS, FIRMS = "civil_affairs.subsistence_allowance", "civil_affairs.social_organisation"


def contract_of(id: str) -> Contract:
    return source_contracts()[id]


def cut_of(id: str, mine: tuple[str, ...] = (), others: tuple[str, ...] = (), **cells: str) -> set[str]:
    """What goes of a row, by contract column; cells of columns that the contract does not know keep their name."""
    contract = contract_of(id)
    columns = {column.name: column.physical_name for column in contract.columns}
    names = {header: name for name, header in columns.items()}
    row = {columns.get(name, name): text for name, text in cells.items()}
    return {names.get(header, header) for header in cut(contract, row, columns, HER, mine=mine, others=others)}


def test_a_citizen_number_is_written_with_18_or_15_digits_and_either_x() -> None:
    assert written_forms(NUMBER) == {NUMBER, NUMBER.lower(), OLD}
    assert written_forms(OLD) == written_forms(NUMBER)
    assert written_forms(" １１０１０５１９４９１２３１００２ｘ ") == written_forms(NUMBER)
    assert written_forms("e12345678") == {"E12345678", "e12345678"}
    assert written_forms("330381200502140012") == {"330381200502140012"}, "nobody born in this century has a short one"


def test_row_about_the_person_goes_whole() -> None:
    assert cut_of(RESIDENTS, citizen_number=NUMBER, name="欧阳翡翠") == {WHOLE}
    assert cut_of(RESIDENTS, citizen_number=OLD, name="欧阳翡") == {WHOLE}, "a mistyped name makes it nobody else's"
    assert cut_of(BENEFITS, member_number=NUMBER.lower(), member_name="欧阳翡翠", head_name="张某") == {WHOLE}
    assert cut_of(RESIDENTS, citizen_number="", name="欧阳翡翠", phone="138-5779-7531") == {WHOLE}
    assert cut_of(RESIDENTS, ("resident",), name="欧阳翡翠") == {WHOLE}, "as resolving found"


def test_of_another_ones_row_only_the_cells_of_the_person_go() -> None:
    owner = {"owner_document_type_code": "111", "owner_number": NUMBER, "owner_name": "欧阳翡翠", "owner_phone": "13900000000"}
    row = owner | {"letting_source_id": "L1", "address_text": "中心街1号", "tenant_name": "张某", "safety_responsible": "欧阳翡翠"}
    assert cut_of(HOUSES, **row) == {*owner, "safety_responsible"}
    assert cut_of(FIRMS, uscc="51330381MJ000001X", representative_name="欧阳翡翠", representative_number=NUMBER) == {
        "representative_name",
        "representative_number",
    }


def test_begin_and_rent_of_a_lease_go_with_the_tenant_and_the_address_stays() -> None:
    lease = {"tenant_name": "欧阳翡翠", "tenant_phone": "13857797531", "lease_start": "2024-03-01", "rent": "1500"}
    assert cut_of(HOUSES, letting_source_id="L1", address_text="中心街1号", owner_name="张某", **lease) == set(lease)


def test_name_alone_or_phone_alone_names_nobody() -> None:
    assert cut_of(HOUSES, owner_name="欧阳翡翠", trustee_phone="13900000000") == set()
    assert cut_of(RESIDENTS, citizen_number="x", name="欧阳翡", phone="13857797531") == set()


def test_name_with_phone_goes_where_no_fact_speaks_of_them() -> None:
    assert cut_of(HOUSES, trustee_name="欧阳翡翠", trustee_phone="13857797531", owner_name="张某") == {"trustee_name", "trustee_phone"}


def test_identifier_within_a_text_goes_with_the_text_and_longer_numbers_are_others() -> None:
    assert cut_of(HOUSES, inspection_result=f"证号{OLD}，已查", owner_name="张某") == {"inspection_result"}
    assert cut_of(HOUSES, 备注二=f"见{NUMBER}") == {"备注二"}
    assert cut_of(HOUSES, inspection_result=f"单号9{OLD}7") == set()


def test_row_of_somebody_else_with_the_number_of_the_person_loses_the_number_alone() -> None:
    row = {"citizen_number": NUMBER, "name": "张某", "phone": "13900000000"}
    assert cut_of(RESIDENTS, others=("resident",), **row) == {"citizen_number"}


def test_name_of_a_firm_and_key_of_a_row_stay() -> None:
    row = {"uscc": "51330381MJ000001X", "name": "欧阳翡翠", "representative_name": "欧阳翡翠", "representative_number": NUMBER}
    assert "uscc" not in cut_of(FIRMS, **row)
    assert "name" not in cut_of(FIRMS, **(row | {"name": "瑞安市欧阳翡翠书画社"}))


def test_subject_is_the_person_of_the_first_fact_or_whose_record_it_is() -> None:
    subjects = {id: [party.alias for party in parties(contract_of(id)) if party.is_subject] for id in (HOUSES, RESIDENTS, BENEFITS, FIRMS)}
    assert subjects == {HOUSES: [], RESIDENTS: ["resident"], BENEFITS: ["member"], FIRMS: []}


def test_pairs_of_name_and_phone_are_those_of_the_facts_and_of_like_names() -> None:
    pairs = named_columns(contract_of(HOUSES))
    assert {("owner_name", "owner_phone"), ("tenant_name", "tenant_phone"), ("trustee_name", "trustee_phone")} == set(pairs)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"列“证号”的值 {NUMBER} 不是", "列“证号”的值 （已依申请删除） 不是"),
        ("欧阳翡翠 13857797531", "（已依申请删除） （已依申请删除）"),
        ("欧阳翡翠 缺电话", "欧阳翡翠 缺电话"),
    ],
)
def test_messages_lose_identifiers_and_name_with_phone(text: str, left: str) -> None:
    assert scrubbed(text, HER) == left
