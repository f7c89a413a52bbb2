"""A drafted contract passes the check as it is, reads the file it came from, and says what an engineer must know, no value in the clear."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import yaml

from flow.drafting import Drafted, Wanted, draft_contract
from pool import PoolError
from samples.identifiers import citizen_numbers, credit_codes
from schemas.city import load_city
from schemas.contract import Contract, load_contract
from sources.readers import Layout, ReadError, open_rows
from transforms.check import check_rows
from transforms.conform import conform

TODAY = date(2026, 1, 1)
CITY = load_city("330381")
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静丽强磊军洋"
ROWS = 120


def person(number: int) -> dict[str, str]:
    birth = (1950 + number % 50) * 10_000 + (1 + number % 12) * 100 + 1 + number % 28
    [identity] = citizen_numbers(np.array([330381]), np.array([birth]), np.array([100 + number]))
    return {"姓名": SURNAMES[number % 10] + GIVEN[number // 10 % 10], "身份证号": identity}


def homes(rows: int = ROWS) -> list[dict[str, str]]:
    """Tenants of a made-up export with every trouble a draft must see."""
    return [
        {
            "登记编号": f"DJ{number:06d}",
            "租客_姓名": person(number)["姓名"],
            "租客_身份证号": person(number)["身份证号"],
            "健康状况": "良好",
            "现住址": f"瑞安市安阳街道罗阳大道{number + 1}号{number % 9 + 1}幢{number % 6 + 1}0{number % 4 + 1}室",
            "起租日期": f"2024-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "停租日期": f"2025/{1 + number % 12}/{1 + number % 28}",
            "联系电话": f"1380577{number:04d}",
            "月租金": str(800 + number % 7 * 100),
            "说明码": ["甲等", "乙等", "丙等"][number % 3],
        }
        for number in range(rows)
    ]


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "gb18030", delimiter: str = ",", title: str = "") -> Path:
    lines = [title] if title else []
    lines += [delimiter.join(cells) for cells in ([*rows[0]], *([*row.values()] for row in rows))]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def drafted(file: Path, folder: Path, **options: object) -> Drafted:
    wanted = Wanted("civil_affairs", "tenants", output=folder / "civil_affairs" / "tenants.yaml", **options)  # type: ignore[arg-type]
    return draft_contract(file, wanted, CITY, TODAY)


def accepted(file: Path, contract: Contract) -> tuple[int, int]:
    """Rows accepted and received when the file is checked by a contract."""
    layout = Layout(contract.format, contract.encoding, contract.title_rows, contract.header_rows, contract.sheet)
    rows = open_rows(file, layout)
    found = conform(rows.header, contract)
    assert not found.blocks
    assert not found.unknown
    with duckdb.connect() as connection:
        table = next(rows.batches())
        taken = {place: name for place, name in found.mapping.items() if place not in found.ignored}
        text = table.select([0, 1, *(place + 2 for place in taken)]).rename_columns(["sheet", "row", *taken.values()])
        profile = check_rows(connection, pa.Table.from_batches([text]).to_reader(), contract, load_date=TODAY).profile
        return profile.accepted, profile.received


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Drafted]:
    folder = tmp_path_factory.mktemp("drafting")
    file = write_csv(folder / "租客_20251231.csv", homes(), title="租客登记表,,,,,,,,,")
    return file, drafted(file, folder)


def test_the_draft_passes_the_check_and_takes_every_row_of_its_file(tenants: tuple[Path, Drafted]) -> None:
    file, made = tenants
    assert accepted(file, load_contract(made.path)) == (ROWS, ROWS)


def test_layout_elements_key_and_order_of_days_are_found(tenants: tuple[Path, Drafted]) -> None:
    contract = load_contract(tenants[1].path)
    assert (contract.encoding, contract.title_rows, contract.name) == ("gb18030", 1, "租客")
    elements = {column.physical_name: column.element.name for column in contract.columns if column.element}
    assert elements == {
        "登记编号": "source_key",
        "租客_姓名": "person_name",
        "租客_身份证号": "citizen_number",
        "现住址": "address_text",
        "起租日期": "date",
        "停租日期": "date",
        "联系电话": "phone",
        "月租金": "amount",
        "说明码": "text",
    }
    assert [contract.column(name).physical_name for name in contract.key] == ["登记编号"]
    assert [rule.description for rule in contract.rules] == ["停租日期不早于起租日期"]
    assert [use.text for use in contract.addresses] == [contract.columns[4].name]
    assert {fact.table for fact in contract.facts} == {"person", "residence"}


def test_refused_columns_are_named_and_their_values_are_not(tenants: tuple[Path, Drafted]) -> None:
    text = tenants[1].text
    assert "拒收：医疗健康和身体信息" in text
    assert "良好" not in text
    assert load_contract(tenants[1].path).columns[3].ignored


def test_no_name_number_phone_or_address_stands_in_the_draft(tenants: tuple[Path, Drafted]) -> None:
    text = tenants[1].text
    for row in homes():
        for header in ("租客_姓名", "租客_身份证号", "联系电话", "现住址"):
            assert row[header] not in text


def test_few_values_are_proposed_as_a_code_list(tenants: tuple[Path, Drafted]) -> None:
    assert "取值：丙等（40）、乙等（40）、甲等（40）。若是代码，可登记为代码表" in tenants[1].text


def test_a_header_in_codes_and_an_identifier_under_a_wrong_header_are_recognised(tmp_path: Path) -> None:
    codes = credit_codes(["91"] * 60, ["330381"] * 60, [f"MA{n:06d}" for n in range(60)])
    rows = [
        {"GMSFHM": person(n)["身份证号"], "XM": person(n)["姓名"], "XB": "12"[n % 2], "备注": codes[n], "LXDH": f"1390577{n:04d}"}
        for n in range(60)
    ]
    contract = load_contract(drafted(write_csv(tmp_path / "a.csv", rows, "utf-8"), tmp_path).path)
    elements = [column.element.name for column in contract.columns if column.element]
    assert elements == ["citizen_number", "person_name", "sex_code", "uscc", "phone"]


def test_grid_codes_days_of_which_none_has_come_and_ten_thousands_are_recognised(tmp_path: Path) -> None:
    rows = [
        {
            "统一网格编码": f"330381001{number:06d}",
            "所属网格": "兴隆社区第一网格",
            "失效日期": "9999-12-31",
            "损失金额（万元）": f"{number}.5",
        }
        for number in range(ROWS)
    ]
    found = drafted(write_csv(tmp_path / "grids.csv", rows), tmp_path)
    elements = {column.physical_name: column.element and column.element.name for column in load_contract(found.path).columns}
    assert elements == {"统一网格编码": "grid_code", "所属网格": "text", "失效日期": "date", "损失金额（万元）": "amount_in_ten_thousand"}


def test_a_key_of_several_columns_is_found(tmp_path: Path) -> None:
    rows = [{"户号": f"H{n // 4:04d}", "登记日期": f"2025-01-{1 + n % 4:02d}", "家庭人数": "3"} for n in range(80)]
    contract = load_contract(drafted(write_csv(tmp_path / "户.csv", rows, "utf-8"), tmp_path).path)
    assert [contract.column(name).physical_name for name in contract.key] == ["户号", "登记日期"]


def test_what_identifies_no_row_is_said(tmp_path: Path) -> None:
    rows = [{f"类别{place}": str(n >> place & 1) for place in range(6)} for n in range(64)]
    made = drafted(write_csv(tmp_path / "统计.csv", rows, "utf-8"), tmp_path)
    assert "没有找到唯一的主键" in made.text
    load_contract(made.path)


def test_an_existing_contract_is_kept_unless_forced(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", homes(30), "utf-8")
    drafted(file, tmp_path)
    with pytest.raises(PoolError, match="不覆盖"):
        drafted(file, tmp_path)
    drafted(file, tmp_path, overwrites=True)


def test_a_dataset_without_a_name_is_asked_for(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", homes(30))
    with pytest.raises(PoolError, match="--system 和 --dataset"):
        draft_contract(file, Wanted(), CITY, TODAY)
    with pytest.raises(PoolError, match="小写英文字母"):
        draft_contract(file, Wanted("Civil", "x"), CITY, TODAY)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        ("编号;姓名;电话\n1;王伟;13800000001\n2;李芳;13800000002\n".encode(), "分号"),
        (b'[{"a": 1}]', "JSON 数组"),
        (b"<html><table></table></html>", "网页"),
        ("编号,姓名\n".encode(), "只有表头"),
        (b"330381199001011234,13800000001,2024-01-01\n330381199001011235,13800000002,2024-01-02\n", "没有表头"),
        (b"PK\x03\x04broken", "工作簿打不开"),
    ],
)
def test_a_file_that_cannot_be_drafted_from_is_told_why(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(ReadError, match=said):
        drafted(file, tmp_path)
    assert not (tmp_path / "civil_affairs").exists()


def test_headers_that_yaml_would_misread_stay_themselves(tmp_path: Path) -> None:
    headers = ["是否: 有效", "#号", "金额{元}", "null", "2024", "a, b"]
    rows = [{"编号": f"A{n:05d}", **{header: str(n % 7) for header in headers}} for n in range(30)]
    lines = [",".join(f'"{cell}"' for cell in cells) for cells in ([*rows[0]], *([*row.values()] for row in rows))]
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = drafted(file, tmp_path)
    assert [each["physicalName"] for each in yaml.safe_load(made.text)["schema"][0]["properties"]] == ["编号", *headers]
    assert accepted(file, load_contract(made.path))[1] == 30
