"""Headers are matched to contract columns, and what does not fit is reported."""

from schemas.contract import source_contracts
from transforms.conform import conform

HOUSES = source_contracts()["public_security.rental_house"]
HEADER = [column.physical_name for column in HOUSES.columns]


def test_the_header_of_the_contract_fits_without_drift() -> None:
    found = conform(HEADER, HOUSES)
    assert list(found.mapping.values()) == [column.name for column in HOUSES.columns]
    assert not found.has_drifted
    assert found.blocks == ()


def test_synonyms_widths_and_blanks_are_understood_in_any_order() -> None:
    header = ["房屋详址", "房屋编号", " 出租 登记编号 ", "租金(元/月)", "房屋地址＿坐标x"]
    found = conform(header, HOUSES)
    assert dict(found.mapping) == {0: "address_text", 1: "house_source_id", 2: "letting_source_id", 3: "rent", 4: "longitude"}
    assert found.missing_required == ()


def test_an_exact_header_wins_over_a_synonym_of_the_same_column() -> None:
    found = conform(["房屋编号", "房屋ID", "出租登记编号", "房屋地址_详址"], HOUSES)
    assert found.mapping[1] == "house_source_id"
    assert found.repeated == ("房屋编号",)
    assert 0 not in {*found.mapping, *found.unknown}


def test_a_missing_required_column_blocks_and_names_the_header() -> None:
    found = conform([text for text in HEADER if text != "房屋ID"], HOUSES)
    assert found.missing_required == ("房屋ID",)
    assert found.blocks[0].startswith("缺少必填列“房屋ID”")


def test_unknown_and_missing_optional_columns_are_drift_only() -> None:
    found = conform([*(text for text in HEADER if text != "检查人"), "备注二"], HOUSES)
    assert found.blocks == ()
    assert found.to_dict() == {
        "unknown": ["备注二"],
        "refused": {},
        "repeated": [],
        "missing_optional": ["检查人"],
        "missing_required": [],
    }


def test_refused_columns_are_refused_by_name_and_never_mapped() -> None:
    found = conform([*HEADER, "房主银行账号", "宗教信仰"], HOUSES)
    assert set(found.refused) == {len(HEADER), len(HEADER) + 1}
    assert not set(found.refused) & set(found.mapping)
    assert "金融账户" in found.refused[len(HEADER)]
