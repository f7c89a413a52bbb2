"""What is wrong with a contract is said in Chinese, with file, line, cause and cure."""

import shutil
from pathlib import Path

import pytest

from schemas.contract import FOLDER, ContractError, load_contract, pool_contracts_below
from tests.schemas.shipped import SHIPPED, Edited

DELIVERY = "- {property: delivery, value: full}"


@pytest.mark.parametrize(
    ("old", "new", "cause", "cure", "offset"),
    [
        ("physicalName: 房屋ID", "physicalNmae: 房屋ID", "不认识的键“physicalNmae”", "是否想写“physicalName”", 0),
        ("servers:", "sevrers:", "不认识的键“sevrers”", "是否想写“servers”", 0),
        ("format: csv", "required: csv", "缺少“format”", "请补上", 0),
        ("id: public_security.rental_house\n", "", "缺少“id”", "请补上", -2),
        ("version: 1.0.0", "version: 1.0", "“version”的值“1.0”应是文本", "要加引号", 0),
        ("version: 1.0.0", "version: 2025-01-01", "“version”的值“2025-01-01”应是文本", "要加引号", 0),
        ("房屋间数, logicalType: integer", "房屋间数, logicalType: int", "“logicalType”不能是“int”", "是否想写“integer”", 0),
        ("房屋间数, logicalType: integer,", "房屋间数,", "列“room_count”没有 logicalType", "请写明类型", 0),
        ("房屋间数, logicalType: integer", "房屋间数, logicalType: string", "数据元“count”的类型是 integer，这里写的是 string", "请写 logicalType: integer", 0),
        ("value: document_type_code", "value: document_typ_code", "没有登记数据元“document_typ_code”", "是否想写“document_type_code”", 0),
        ("property: element", "property: elemnet", "自定义属性“elemnet”不能用在这里", "是否想写“element”", 0),
        ("property: delivery", "property: titleRows", "自定义属性“titleRows”不能用在这里", "请移到 schema 的表", 0),
        ("value: full", "value: complete", "“delivery”不能是“complete”", "full", 0),
        ("- {property: delivery, value: full}", "- {property: delivery, value: full}\n  - {property: retention, value: 3Y}", "“retention”的值“3Y”应是 ISO 8601 的时长", "P3Y（三年）", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: approval, value: 'yes'}}", "“approval”的值“yes”应是 true 或 false", "不加引号", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{nulls: 0.2}}}}", "限值应写明 warn 或 block", "例如 {nulls: {warn: 0.1, block: 0.2}}", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{nulss: {{warn: 0.2}}}}}}", "drift 不认识“nulss”", "是否想写“nulls”", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{nulls: {{wran: 0.2}}}}}}", "限值不认识“wran”", "是否想写“warn”", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{nulls: {{warn: 20%}}}}}}", "限值“warn”应是大于 0 的数，现在是“20%”", "0.2 表示变了 20 个百分点", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{nulls: {{warn: 0.3, block: 0.2}}}}}}", "warn（0.3）大于 block（0.2）", "请把 warn 写小", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{columns: {{owner_phon: {{nulls: {{warn: 0.2}}}}}}}}}}", "drift 用到没有的列“owner_phon”", "是否想写“owner_phone”", 1),
        (DELIVERY, f"{DELIVERY}\n  - {{property: drift, value: {{columns: {{owner_phone: {{row_count: {{warn: 0.2}}}}}}}}}}", "列的 drift 不认识“row_count”", "nulls", 1),
        ("primaryKey: true, primaryKeyPosition: 1, ", "", "没有主键", "primaryKey: true", -1),
        ("primaryKeyPosition: 1, ", "primaryKeyPosition: 2, ", "主键各列的位置 [2] 不连续", "请从 1 起", -1),
        ("lease_end >= lease_start", "lease_end >= lease_strat", "用到没有的列“lease_strat”", "是否想写“lease_start”", 0),
        ("severity: reject", "severity: rejct", "severity 不能是“rejct”", "reject（隔离该行）", 0),
        ("engine: datapool", "engine: soda", "规则不是数据池能执行的形式", "engine: datapool", 0),
        ("let_area: let_area", "let_aria: let_area", "表“house”没有可填的列“let_aria”", "是否想写“let_area”", 0),
        ("let_area: let_area", "let_area: let_aria", "合同没有列“let_aria”", "是否想写“let_area”", 0),
        ("let_area: let_area", "let_area: {value: 1}", "固定值的写法不对", "{constant: 值}", 0),
        ("owner: owner,", "owner: house,", "“owner”应指向一条关于“person”的事实，没有叫“house”的", "owner、tenant", 0),
        ("house: house, person: tenant", "person: tenant", "关于“tenancy”的事实没有说是哪个“house”（缺少 house）", "请写 house: 一条关于“house”的事实的名字", 0),
        ("house: house, person: tenant", "house: {constant: H1}, person: tenant", "“house”应指向一条关于“house”的事实，不能是固定值", "请写 house:", 0),
        ("owner: owner,", "owner_id: owner_number,", "“owner_id”是数据池自己编的号", "请写 owner: 一条关于“person”的事实的名字", 0),
        ("{name: address_source_id,", "{name: address_source_id, relationships: [{type: foreignKey, to: adress.address_id}],", "列“address_source_id”指向数据池没有的表“adress”", "是否想写“address”", 0),
        ("{name: address_source_id,", "{name: address_source_id, relationships: [{type: foreignKey, to: address.adress_id}],", "指向表“address”没有的列“adress_id”", "是否想写“address_id”", 0),
        ("table: tenancy", "table: tennancy", "数据池没有表“tennancy”", "是否想写“tenancy”", 0),
        ("address: address_text, source_key", "address: plate_text, source_key", "地址列“plate_text”没有列在 addresses 下", "addresses 补上", 0),
        ("{text: address_text, division_code: division_code", "{text: address_text, division_code: division", "没有的列“division”", "division_code", 0),
        ("{text: address_text, division_code", "{text: address_text, divison_code", "地址说明不认识“divison_code”", "是否想写“division_code”", 0),
        ("of: actual_house", "of: actual_hose", "没有数据集“public_security.actual_hose”", "是否想写“public_security.actual_house”", 0),
        ("of: actual_house", "ofs: actual_house", "事实不认识“ofs”", "是否想写“of”", 0),
        ("source_key: house_source_id, ", "", "写了 of: public_security.actual_house，却没有 source_key", "请在 columns 写明", -1),
        ("as: tenant", "as: tenant\n            of: actual_house", "表“person”的事实不能写 of", "event、house", 1),
        ("as: tenant", "ass: tenant", "事实不认识“ass”", "是否想写“as”", 0),
        ("gb18030", "gb18O30", "没有叫“gb18O30”的编码", "gb18030", 0),
        ("name: owner_phone,", "name: owner_name,", "列名“owner_name”重复", "请改名", 0),
        ("{name: title_number,", "{name: state,", "列名“state”是数据池自己用的", "请改名", 0),
        ("physicalName: 产权证号", "physicalName: 房屋面积", "表头“房屋面积”对应了两列", "请只留一处", 0),
        ("physicalName: 产权证号", "physicalName: 银行账号", "列“银行账号”在拒收清单上（金融账户", "ignore: true", 0),
        ("房屋间数,", "房屋间数, classification: L9,", "敏感级别不能是“L9”", "L1、L2、L3 或 L4", 0),
        ("status: active", "status: active\nstatus: draft", "键“status”写了两次", "请只留一处", 1),
        ("logicalType: number, customProperties: [{property: element, value: area}]", "logicalType: number, element: area", "“element”是自定义属性，不能直接写成键", "customProperties: [{property: element", 0),
        ("{name: area, physical", "{name：area, physical", "“name：area”里的冒号是全角的", "半角冒号", 0),
        ("{name: area, physical", "{name: area physical", "花括号里少了逗号", "补上逗号", 0),
        ("    properties:", "\tproperties:", "缩进用了制表符", "空格缩进", 0),
        ("kind: {constant: rented}", "kind: {constant: rentet}", "“rentet”不在代码表“居住关系”", "是否想写“rented”", 0),
        ("team: {", "team: {{", "不是合法的 YAML：花括号里少了逗号", "补上逗号或“}”", 1),
    ],
)  # fmt: skip
def test_a_fault_names_line_cause_and_cure(edited: Edited, old: str, new: str, cause: str, cure: str, offset: int) -> None:
    with pytest.raises(ContractError) as raised:
        edited(old, new)
    assert cause in str(raised.value)
    assert cure in str(raised.value)
    edited_line = (SHIPPED / "public_security" / "rental_house.yaml").read_text(encoding="utf-8").split(old)[0].count("\n") + 1
    assert [fault.line for fault in raised.value.faults if cause in fault.cause] == [edited_line + offset]
    assert str(raised.value).startswith(f"{raised.value.path} 第 ")


def test_all_faults_of_a_contract_are_named_at_once_in_order_of_lines(edited: Edited) -> None:
    with pytest.raises(ContractError) as raised:
        edited("房屋间数, logicalType: integer", "房屋间数, logicalType: string, classification: L0")
    assert len(raised.value.faults) == 2
    assert len(str(raised.value).splitlines()) == 2


def test_a_contract_in_the_wrong_place_is_told_where_it_belongs(tmp_path: Path) -> None:
    copy = tmp_path / "civil_affairs" / "houses.yaml"
    copy.parent.mkdir()
    copy.write_text((SHIPPED / "public_security" / "rental_house.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"请写“civil_affairs\.houses”"):
        load_contract(copy)


def test_a_contract_that_is_not_there_or_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="没有这个文件"):
        load_contract(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("名称: 出租房屋".encode("gb18030"))
    with pytest.raises(ContractError, match="不是 UTF-8 编码"):
        load_contract(tmp_path / "gbk.yaml")


def test_a_pool_table_that_points_at_a_table_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    for system in ("pool", "mart"):
        shutil.copytree(FOLDER / system, tmp_path / system)
    tenancy = tmp_path / "pool" / "tenancy.yaml"
    tenancy.write_text(tenancy.read_text(encoding="utf-8").replace("to: house.house_id", "to: hause.house_id"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"tenancy\.yaml 第 13 行：列“house_id”指向数据池没有的表“hause”。是否想写“house”"):
        pool_contracts_below(tmp_path)
