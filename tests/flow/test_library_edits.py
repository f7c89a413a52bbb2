"""People's changes of the address library on the whole path: what they do to matches, and that each can be taken back."""

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from address_matching import RULE_VERSION
from flow.context import Context
from flow.library_changes import plan_add, plan_alias, plan_rename, plan_retire, record, undo
from flow.library_history import history_of_address, history_of_library
from flow.match import match_by
from flow.reference import current_library
from flow.rematch import results_in
from flow.run import advance, run
from flow.suggest import Thresholds, suggest
from pool import PoolError
from pool.verify import verify
from tests.small_exports import NOW, ORGANISATIONS, context_at
from tests.small_library import HEAD, STREET, TOWN, write_library, write_organisations
from transforms.claims import address_input_key

OLD, NEW = "2015-03-02", "2025-06-01"
TEXTS = {
    f"瑞安市{TOWN}中心街101号": OLD,
    f"{TOWN}中心街101号": "",
    f"{TOWN}中心街103号阳光小区2幢301室": NEW,
    f"{HEAD}{TOWN}中心街103号阳光小区3幢": NEW,
    f"瑞安市{TOWN}中心街103号阳光小区3栋": NEW,
    f"{TOWN}中心街103号阳光小区3号楼": NEW,
    f"瑞安市{TOWN}中心街103号阳光小区1幢101室": NEW,
    f"瑞安市{TOWN}虹桥路101号": NEW,
    f"瑞安市{TOWN}中心街88号": NEW,
    f"瑞安市{TOWN}中心街103号华侨公寓1幢": NEW,
    f"{TOWN}中心街103号华侨公寓2幢": NEW,
    f"{HEAD}{TOWN}中心街103号华侨公寓": NEW,
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with the library and a first release; every test of this module leaves the library as it was."""
    folder = tmp_path_factory.mktemp("exports")
    write_library(folder)
    write_organisations(folder, TEXTS)
    context = context_at(tmp_path_factory.mktemp("home"))
    assert run(context, folder) == 1
    return context


def _later(context: Context, days: int) -> Context:
    return replace(context, now=NOW + timedelta(days=days), run=f"run-{days}")


def _matches(context: Context) -> dict[str, tuple[str, str]]:
    """Text to address and reason, by the library that stands."""
    library = current_library(context)
    [batch] = [entry.batch for entry in context.pool.ledger.batches(contract=ORGANISATIONS)]
    match_by(context, library, batch)
    contract = context.contracts[ORGANISATIONS]
    use = next(use for use in contract.addresses if use.text == "registered_address_text")
    accepted = context.pool.batches.folder(batch) / "accepted.parquet"
    results = results_in(context.pool.matches.layers(library.version, RULE_VERSION))
    rows = duckdb.sql(f"""
        SELECT source.registered_address_text, result.address_id, result.reason FROM '{accepted}' AS source
        JOIN ({results}) AS result ON result.input_key = {address_input_key(use, "source")} WHERE part = 1""").fetchall()
    return {text: (id, reason) for text, id, reason in rows}


def _address_of(context: Context, text: str) -> str:
    return _matches(context)[text][0]


def test_building_that_records_agree_on_is_proposed_added_matched_and_taken_back(published: Context) -> None:
    before = current_library(published).version
    found = suggest(published, Thresholds(records=3))
    [building] = [each for each in found.proposals if each.kind == "add"]
    assert (building.text, building.level, building.parent) == (f"{STREET}103号阳光小区3栋", "building", f"{STREET}103号阳光小区")
    assert (building.evidence.total, building.departments) == (3, ["市民政局"])
    assert building.evidence.last == date(2025, 6, 1)

    context = _later(published, 1)
    edit = record(context, plan_add(context, building.text), "门牌证 2025-118 号")
    texts = [text for text in TEXTS if "阳光小区3" in text]
    matched = _matches(context)
    assert {matched[text][0] for text in texts} == {building.address_id}
    assert building.text not in {each.text for each in suggest(context, Thresholds(records=1)).proposals}

    undo(context, edit.number, "填错了")
    assert current_library(context).version == before
    assert {_matches(context)[text][0] for text in texts} == {"C1"}


def test_several_records_naming_another_compound_at_a_plate_propose_an_alias(published: Context) -> None:
    found = suggest(published, Thresholds(records=3))
    [alias] = [each for each in found.proposals if each.kind == "alias"]
    assert (alias.text, alias.address_id, alias.evidence.total) == ("华侨公寓", "C1", 3)

    context = _later(published, 2)
    edit = record(context, plan_alias(context, alias.address_id, alias.text), "居民都这样叫")
    assert _address_of(context, f"瑞安市{TOWN}中心街103号华侨公寓1幢") == "B1"
    undo(context, edit.number, "查无此名")
    assert _address_of(context, f"瑞安市{TOWN}中心街103号华侨公寓1幢") == "H103"


def test_retired_address_still_takes_records_of_its_time_and_no_others(published: Context) -> None:
    context = _later(published, 3)
    planned = plan_retire(context, f"{TOWN}中心街101号", date(2025, 5, 1))
    assert [row["address_id"] for row in planned.rows] == ["H101"]
    assert any("2 条地址文本" in note for note in planned.notes)
    edit = record(context, planned, "拆迁")

    matched = _matches(context)
    assert matched[f"瑞安市{TOWN}中心街101号"][0] == "H101", "registered in 2015"
    assert matched[f"{TOWN}中心街101号"] == ("R1", "road_only"), "undated"
    with pytest.raises(PoolError, match="已于 2025-05-01 停用"):
        plan_add(context, f"{TOWN}中心街101号")

    undo(context, edit.number, "没有拆")
    assert _address_of(context, f"{TOWN}中心街101号") == "H101"


def test_retirement_takes_all_that_lies_below_and_waits_for_its_day(published: Context) -> None:
    context = _later(published, 4)
    before = current_library(context).version
    planned = plan_retire(context, "C1", date(2025, 9, 1))
    assert {row["address_id"] for row in planned.rows} == {"C1", "B1", "B2", "M1", "M2"}
    assert any("到 2025-09-01 当天才生效" in note for note in planned.notes)
    edit = record(context, planned, "拆迁公告")
    assert current_library(context).version == before
    assert "未到日期" in [event.state for event in history_of_library(context)]

    later = replace(context, now=NOW.replace(month=9, day=1))
    rows = duckdb.sql(f"SELECT address_id FROM '{current_library(later).addresses}' WHERE valid_to = '2025-09-01'").fetchall()
    assert {row[0] for row in rows} == {"C1", "B1", "B2", "M1", "M2"}
    undo(context, edit.number, "推迟")


def test_renamed_street_is_found_by_both_names_and_keeps_its_ids(published: Context) -> None:
    context = _later(published, 5)
    assert _matches(context)[f"瑞安市{TOWN}虹桥路101号"][1] == "not_in_library"
    [planned] = plan_rename(context, f"{TOWN}中心街", "虹桥路", date(2025, 1, 1))
    edit = record(context, planned, "瑞政地名〔2025〕12 号")

    matched = _matches(context)
    assert matched[f"瑞安市{TOWN}虹桥路101号"] == ("H101", "exact")
    assert matched[f"瑞安市{TOWN}中心街103号阳光小区1幢101室"][0] == "M1", "by the old name"
    library = current_library(context)
    texts = dict(duckdb.sql(f"SELECT address_id, full_text FROM '{library.addresses}' WHERE road = '虹桥路'").fetchall())
    assert texts["M1"] == f"{HEAD}{TOWN}虹桥路103号阳光小区1栋101室"
    assert duckdb.sql(
        f"SELECT within, name, alias, valid_to FROM '{library.aliases}' WHERE alias = '中心街' AND within = '{TOWN}'"
    ).fetchall() == [(TOWN, "虹桥路", "中心街", date(2025, 1, 1))]
    pool_alias = context.pool.releases.folder(advance(context)) / "pool" / "address_alias.parquet"
    assert duckdb.sql(f"SELECT count(*) FROM '{pool_alias}' WHERE alias = '中心街' AND name = '虹桥路'").fetchall() == [(1,)]

    undo(context, edit.number, "公告撤回")
    assert _address_of(context, f"瑞安市{TOWN}中心街103号阳光小区1幢101室") == "M1"
    assert _matches(context)[f"瑞安市{TOWN}虹桥路101号"][1] == "not_in_library"


def test_new_plate_is_found_and_the_old_one_leads_to_it(published: Context) -> None:
    context = _later(published, 6)
    [planned] = plan_rename(context, "H101", "88号", date(2025, 1, 1))
    edit = record(context, planned, "门牌整编")
    matched = _matches(context)
    assert matched[f"瑞安市{TOWN}中心街88号"][0] == "H101"
    assert matched[f"{TOWN}中心街101号"][0] == "H101", "by the old plate"
    undo(context, edit.number, "整编取消")


def test_rename_to_a_taken_name_or_of_something_vague_is_refused(published: Context) -> None:
    with pytest.raises(PoolError, match=r"已有 .*103号"):
        plan_rename(published, "H101", "103号", date(2025, 1, 1))
    with pytest.raises(PoolError, match="没有不同"):
        plan_rename(published, "B1", "1幢", date(2025, 1, 1))
    with pytest.raises(PoolError, match="库中没有地址“安阳街道中心街105号”，最近的是"):
        plan_rename(published, f"{TOWN}中心街105号", "7号", date(2025, 1, 1))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f"{TOWN}中心街101号", "已在库中：.*H101"),
        (f"{TOWN}滨江花苑3幢201室", "上级地址还不在库中：.*滨江花苑、.*滨江花苑3幢"),
        ("上海市黄浦区南京路1号", "读不出属于库中哪个乡镇街道"),
        (f"{TOWN}中心街103号阳光小区3-2-101", "读得出不止一个意思"),
    ],
)
def test_address_that_exists_is_vague_or_lacks_parents_is_not_added(published: Context, text: str, cause: str) -> None:
    with pytest.raises(PoolError, match=cause):
        plan_add(published, text)


def test_missing_parents_are_made_when_asked_for(published: Context) -> None:
    planned = plan_add(published, f"{TOWN}滨江花苑3幢201室", with_parents=True, valid_from=date(2024, 1, 1))
    assert [(row["level"], row["full_text"]) for row in planned.rows] == [
        ("compound", f"{HEAD}{TOWN}滨江花苑"),
        ("building", f"{HEAD}{TOWN}滨江花苑3幢"),
        ("room", f"{HEAD}{TOWN}滨江花苑3幢201室"),
    ]
    assert [row["parent_id"] for row in planned.rows[1:]] == [row["address_id"] for row in planned.rows[:-1]]
    assert {row["valid_from"] for row in planned.rows} == {"2024-01-01"}


def test_an_undone_edit_is_told_an_undo_can_be_undone_and_nothing_is_lost(published: Context) -> None:
    context = _later(published, 7)
    edit = record(context, plan_add(context, f"{TOWN}中心街109号"), "新建")
    done = undo(context, edit.number, "错")
    with pytest.raises(PoolError, match=rf"已由 .* 撤销（第 {done.number} 号）"):
        undo(context, edit.number, "再错")
    again = undo(context, done.number, "没错")
    assert current_library(context).effects() == [1]
    undo(context, again.number, "还是错")
    with pytest.raises(PoolError, match="没有第 999 号修改"):
        undo(context, 999, "")
    actions = [entry.action for entry in context.pool.audit.records() if entry.action.startswith("address.")]
    assert actions.count("address.undo") == sum(each.kind == "undo" for each in context.pool.ledger.library_edits())


def test_history_tells_delivery_edits_and_reasons_of_an_address_and_of_what_lies_above(published: Context) -> None:
    context = replace(_later(published, 8), actor="王工")
    [planned] = plan_rename(context, "R1", "虹桥路", date(2025, 1, 1))
    edit = record(context, planned, "瑞政地名〔2025〕12 号")
    events = history_of_address(context, "M1")
    assert (events[0].day, events[0].what) == ("2025-06-30", "统一标准地址收录")
    assert events[0].reference.startswith("reference.standard_address-2025-06-30-")
    last = next(event for event in events if event.reference == str(edit.number))
    assert (last.who, last.why, last.state) == ("王工", "瑞政地名〔2025〕12 号", "有效")
    assert "“中心街”改为“虹桥路”，自 2025-01-01 起" in last.what
    undo(context, edit.number, "错")
    states = {event.reference: event.state for event in history_of_address(context, "M1")}
    assert states[str(edit.number)] == "已撤销"


def test_edit_that_meets_nothing_any_more_is_told(published: Context) -> None:
    context = _later(published, 9)
    planned = plan_retire(context, "H101", date(2025, 5, 1))
    gone = replace(planned, payload=dict(planned.payload) | {"address_id": "H999", "full_text": "没有的地址"})
    edit = record(context, gone, "试")
    state = {event.reference: event.state for event in history_of_library(context)}[str(edit.number)]
    assert state.startswith("未生效")
    undo(context, edit.number, "试完")


def test_pool_is_whole_after_all_that(published: Context) -> None:
    first, last = (published.pool.releases.manifest(number) for number in (1, advance(_later(published, 10))))
    assert last["inputs"]["library"] == first["inputs"]["library"]
    said = [{name: table["content_hash"] for name, table in manifest["tables"].items()} for manifest in (first, last)]
    assert said[0] == said[1], "as if nothing had been changed"
    assert verify(published.pool) == []


def test_examples_are_masked_and_shown_in_full_only_on_the_record(published: Context) -> None:
    context = _later(published, 11)
    [room] = [each for each in suggest(context, Thresholds(records=1)).proposals if each.level == "room"]
    assert room.text == f"{STREET}103号阳光小区2栋301室"
    assert room.examples == ["安阳街道中心街103号阳光小区2幢***"]
    [room] = [each for each in suggest(context, Thresholds(records=1), unmasked=True).proposals if each.level == "room"]
    assert room.examples == ["安阳街道中心街103号阳光小区2幢301室"]
    assert list(context.pool.audit.records())[-1].action == "address.suggest.unmasked"
