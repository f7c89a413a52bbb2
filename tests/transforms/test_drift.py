"""What is not as usual in a delivery is told with what was, what is and what to do; what is usual is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from schemas.contract import Contract, source_contracts
from schemas.drift import DriftLimits, Limit
from tests.small_exports import residents
from transforms.check import check_rows
from transforms.conform import Conformity, conform
from transforms.drift.anomaly import Anomaly
from transforms.drift.columns import column_anomalies
from transforms.drift.compare import anomalies
from transforms.drift.delivery import SHAPE, UNKNOWN, Delivery
from transforms.drift.shape import cells_shape

PERIOD = date(2025, 6, 30)
ROWS = 600
COLUMNS = ("citizen_number", "name", "sex_code", "nation_code", "birth_date", "registered_address_text", "employer", "phone", "moved_in_on")
WHOLE = source_contracts()["public_security.resident_population"]
RESIDENTS = replace(WHOLE, columns=tuple(column for column in WHOLE.columns if column.name in COLUMNS), facts=(), rules=(), addresses=())
"""The contract with the columns that are looked at here: the others only cost time."""
Row = dict[str, str]
Change = Callable[[int, Row], Mapping[str, str]]


def people(rows: int = ROWS) -> list[Row]:
    """Residents of all ages, nine in ten with a phone, one in three with an employer."""
    return [
        {
            **each,
            "sex_code": "12"[place % 2],
            "nation_code": "01",
            "birth_date": f"19{40 + place % 60}-03-{1 + place % 28:02}",
            "employer": "瑞安市第一中学" if place % 3 == 0 else "",
            "phone": f"138{place:08}" if place % 10 else "",
            "moved_in_on": f"20{place % 25:02}-05-01",
        }
        for place, each in enumerate(residents(rows))
    ]


def delivery(
    rows: Sequence[Row], headers: Mapping[str, str] | None = None, contract: Contract = RESIDENTS, period: date = PERIOD
) -> tuple[Delivery, Conformity]:
    """A file of these rows as a check sees it, and how its header fits. headers: column to what stands in its place in the header."""
    physical = {column.name: column.physical_name for column in contract.columns}
    names = list(rows[0])
    header = [(headers or {}).get(name, physical.get(name, name)) for name in names]
    fit = conform(header, contract)
    taken = {names[place]: name for place, name in fit.mapping.items()}
    table = {"sheet": pa.array([""] * len(rows)), "row": pa.array(range(2, len(rows) + 2), pa.int64())}
    table |= {name: pa.array([row[own] for row in rows], pa.string()) for own, name in taken.items()}
    with duckdb.connect() as connection:
        checked = check_rows(connection, pa.table(table).to_reader(), contract, load_date=PERIOD, period=period)
        unknown = cells_shape(connection, {text: [row[names[place]] for row in rows] for place, text in fit.unknown.items()})
        shape = {
            "order": [fit.mapping.get(place, "") for place in range(len(header))],
            "headers": {name: header[place] for place, name in fit.mapping.items()},
            "columns": {name: each.to_dict() for name, each in checked.shapes.items()},
            UNKNOWN: {header: each.to_dict() for header, each in unknown.items()},
        }
        return Delivery.from_profile(checked.profile.to_dict() | {SHAPE: shape}), fit


@pytest.fixture(scope="module")
def usual() -> Delivery:
    return delivery(people())[0]


def found(
    usual: Delivery, rows: Sequence[Row], headers: Mapping[str, str] | None = None, contract: Contract = RESIDENTS, batches: int = 6
) -> dict[tuple[str, str], Anomaly]:
    now, fit = delivery(rows, headers, contract)
    past = [usual] * batches
    told = [*column_anomalies(fit, now, past, contract, "人口.csv"), *anomalies(now, past, contract, "人口.csv")]
    return {(each.kind, each.column): each for each in told}


def changed(**cells: Callable[[Row], str]) -> list[Row]:
    return [{**row, **{name: write(row) for name, write in cells.items()}} for row in people()]


def test_same_again_is_nothing_to_tell(usual: Delivery) -> None:
    assert found(usual, people()) == {}


def test_first_delivery_has_no_usual_to_be_held_against(usual: Delivery) -> None:
    assert found(usual, people(20), batches=0) == {}


def test_dates_in_another_form_are_told_with_both_and_keep_nothing_out(usual: Delivery) -> None:
    told = found(usual, changed(birth_date=lambda row: row["birth_date"].replace("-", "/")))
    assert set(told) == {("forms", "birth_date")}
    anomaly = told["forms", "birth_date"]
    assert anomaly.severity == "warn", "dates are read in every form"
    assert "人口.csv：列“出生日期”写法变了" in anomaly.message
    assert anomaly.usual == "日期（2025-06-30） 100%"
    assert anomaly.now == "日期（2025/6/30） 100%"


def test_spreadsheet_serials_in_the_place_of_dates_are_told(usual: Delivery) -> None:
    def serial(row: Row) -> str:
        return str((date.fromisoformat(row["birth_date"]) - date(1899, 12, 30)).days)

    assert "五位数字（表格的日期序号）" in found(usual, changed(birth_date=serial))["forms", "birth_date"].now


def test_names_in_the_column_of_phones_keep_the_batch_out_and_say_whose_they_are(usual: Delivery) -> None:
    told = found(usual, changed(phone=lambda row: "王小明"))
    assert told["nulls", "phone"].severity == "block"
    assert told["forms", "phone"].severity == "block"


def test_swapped_columns_are_one_anomaly_that_names_both(usual: Delivery) -> None:
    told = found(usual, changed(name=lambda row: row["phone"] or "13812345678", phone=lambda row: row["name"]))
    swapped = told["swapped_columns", "name、phone"]
    assert "列“姓名”和“联系电话”像是对调了" in swapped.message
    assert swapped.severity == "block"
    assert not {("forms", "phone"), ("forms", "name")} & set(told)


def test_values_that_are_missing_are_told_by_their_share(usual: Delivery) -> None:
    emptied = [{**row, "phone": "" if place % 3 == 1 else row["phone"]} for place, row in enumerate(people())]
    told = found(usual, emptied)["nulls", "phone"]
    assert told.severity == "warn"
    assert "可在契约的 drift 里写 columns: {phone: {nulls: {warn: 0.35}}}" in told.cure
    assert found(usual, changed(phone=lambda row: ""))["nulls", "phone"].severity == "block"


def test_more_values_than_before_keep_nothing_out(usual: Delivery) -> None:
    told = found(usual, changed(employer=lambda row: "瑞安市第一中学"))
    assert told["nulls", "employer"].severity == "warn"


def test_codes_that_shift_are_told_by_their_names(usual: Delivery) -> None:
    told = found(usual, changed(sex_code=lambda row: "1"))["codes", "sex_code"]
    assert "男" in told.now
    assert [round(each.usual, 2) for each in told.classes] == [0.5, 0.5]


def test_one_value_for_all_is_told_though_it_is_well_formed(usual: Delivery) -> None:
    assert ("commonest", "phone") in found(usual, changed(phone=lambda row: "13812345678" if row["phone"] else ""))


def test_texts_cut_off_are_told_by_their_lengths(usual: Delivery) -> None:
    assert ("lengths", "registered_address_text") in found(usual, changed(registered_address_text=lambda row: "浙江省温州市"))


def test_dates_are_compared_by_their_distance_to_the_period() -> None:
    """A month later everything is a month later; the same dates a month later are not the same."""
    then, later = date(2025, 5, 31), date(2025, 6, 30)
    rows = [{**row, "moved_in_on": f"2025-05-{1 + place % 28:02}"} for place, row in enumerate(people())]
    moved = [{**row, "moved_in_on": row["moved_in_on"].replace("-05-", "-06-")} for row in rows]
    before = delivery(rows, period=then)[0]
    assert anomalies(delivery(moved, period=later)[0], [before] * 3, RESIDENTS, "人口.csv") == []
    [stale] = anomalies(delivery(rows, period=later)[0], [before] * 3, RESIDENTS, "人口.csv")
    assert (stale.kind, stale.column) == ("values", "moved_in_on")
    assert stale.usual == "当月 100%"


@pytest.mark.parametrize(("rows", "severity"), [(590, None), (400, "warn"), (200, "block")])
def test_number_of_rows_is_held_against_the_usual(usual: Delivery, rows: int, severity: str | None) -> None:
    told = found(usual, people(rows)).get(("row_count", ""))
    assert (told.severity if told else None) == severity


def test_one_earlier_delivery_shows_large_changes_only(usual: Delivery) -> None:
    assert ("row_count", "") not in found(usual, people(300), batches=1)
    assert found(usual, people(30), batches=1)["row_count", ""].severity == "block"


def test_reason_of_quarantine_that_grows_is_told(usual: Delivery) -> None:
    told = found(usual, [{**row, "name": "" if place % 8 == 0 else row["name"]} for place, row in enumerate(people())])
    assert "姓名" in told["quarantined", "name"].message
    assert told["quarantined", "name"].usual == "0%"


def test_limits_of_the_contract_hold_as_written_the_columns_before_the_datasets(usual: Delivery) -> None:
    emptied = [{**row, "phone": "" if place % 4 == 1 else row["phone"]} for place, row in enumerate(people())]
    strict = replace(RESIDENTS, drift=DriftLimits({}, {"phone": {"nulls": Limit(block=0.1)}}))
    lenient = replace(RESIDENTS, drift=DriftLimits({"nulls": Limit(warn=0.9)}, {}))
    assert found(usual, emptied, contract=strict, batches=1)["nulls", "phone"].severity == "block"
    assert ("nulls", "phone") not in found(usual, emptied, contract=lenient)


def test_new_column_comes_with_the_line_for_the_contract(usual: Delivery) -> None:
    told = found(usual, [{**row, "备注": "有"} for row in people()])["new_column", "备注"]
    assert "契约没有的列“备注”，以往 6 批中 0 批有" in told.message
    assert 'physicalName: "备注"' in told.cure
    assert told.severity == "warn"


def test_unknown_column_is_told_aloud_once() -> None:
    rows = [{**row, "备注": "有"} for row in people()]
    assert found(delivery(rows)[0], rows)["new_column", "备注"].severity == "note"


def test_column_that_another_took_the_place_of_is_proposed_as_a_synonym(usual: Delivery) -> None:
    told = found(usual, people(), headers={"phone": "电话号码"})
    assert set(told) == {("renamed_column", "phone")}
    renamed = told["renamed_column", "phone"]
    assert "以往 6 批中 6 批有，通常 90% 有值" in renamed.message
    assert "位置相同、内容的写法相同" in renamed.message
    assert 'synonyms: [{synonym: "电话号码"}]' in renamed.cure
    assert renamed.severity == "block", "nine in ten phones would be lost"


def test_identifier_is_never_taken_for_another_column_by_itself(usual: Delivery) -> None:
    now, fit = delivery(people(), headers={"citizen_number": "身份号"})
    assert fit.missing_required == ("公民身份号码",)
    assert "citizen_number" not in now.order
    told = found(usual, people(), headers={"citizen_number": "身份号"})["renamed_column", "citizen_number"]
    assert "须与部门核实后" in told.cure
    assert told.severity == "block"


def test_column_with_other_content_is_not_taken_for_the_one_that_is_missing(usual: Delivery) -> None:
    told = found(usual, changed(phone=lambda row: "第一中学"), headers={"phone": "联系电话人"})
    assert set(told) == {("missing_column", "phone"), ("new_column", "联系电话人")}, (
        "place and header would do, the content speaks against it"
    )


def test_unrest_that_is_usual_is_not_told(usual: Delivery) -> None:
    now = replace(usual, received=900)
    steady = [usual] * 6
    restless = [replace(usual, received=received) for received in (600, 350, 600, 850, 600, 600)]
    assert [each.kind for each in anomalies(now, steady, RESIDENTS, "人口.csv")] == ["row_count"]
    assert anomalies(replace(usual, received=800), restless, RESIDENTS, "人口.csv") == []


def test_other_order_and_a_known_synonym_are_noted_only(usual: Delivery) -> None:
    turned = [dict(reversed(row.items())) for row in people()]
    assert {each.severity for each in found(usual, turned).values()} == {"note"}


def test_header_that_stands_twice_is_told(usual: Delivery) -> None:
    told = found(usual, [{**row, "电话二": row["phone"]} for row in people()], headers={"电话二": "联系电话"})
    assert "只读第一列" in told["repeated_column", "联系电话"].message


def test_shapes_hold_no_value_of_a_person() -> None:
    with duckdb.connect() as connection:
        rows = [{**row, "sex_code": "诸葛小明", "employer": "绝密单位"} for row in people()]
        table = {"sheet": pa.array([""] * ROWS), "row": pa.array(range(2, ROWS + 2), pa.int64())}
        table |= {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
        shapes = check_rows(connection, pa.table(table).to_reader(), RESIDENTS, load_date=PERIOD, period=PERIOD).shapes
    kept = repr({name: each.to_dict() for name, each in shapes.items()})
    for row in rows:
        assert not any(text in kept for name, text in row.items() if len(text) > 2), row
    assert shapes["nation_code"].codes == {}, "codes of a protected column are no open ones"
