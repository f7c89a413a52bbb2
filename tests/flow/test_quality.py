"""Rules and scores of a release: kept with it, the same for the same input, opened down to rows of files, and a gate."""

import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

import flow.quality
from expectations.pool_rules import FOLDER, KINDS, pool_rules
from flow.context import Context
from flow.delivered import file_key
from flow.erase.erase import erase, prepare
from flow.progress import silent
from flow.quality import pool_score, release_scores, score_history
from flow.rule_check import check_pool_rules, check_rule_limits
from flow.run import run
from flow.trace.figures import trace_figure
from flow.trace.record import trace
from flow.trace.row import trace_row
from pool.verify import verify
from schemas.city import load_city
from schemas.documents import ContractError
from tests.cli.command import datapool
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

MIGRANTS = "public_security.floating_population"
FILES = ("broken.parquet", "rules.parquet", "scores.parquet", "validation.json")
HERE = "瑞安市安阳街道兴隆社区"


def migrant(person: dict[str, str], **more: str) -> dict[str, str]:
    row = {"registration_number": f"LD{person['name'][2:]}", "document_type_code": "111", "document_number": person["citizen_number"]}
    return row | {"name": person["name"], "actual_address_text": HERE, "registered_on": "2025-01-01"} | more


def write_first(folder: Path) -> Path:
    """Six people, two of whom another department knows too, one of these by another name; and a row that is quarantined."""
    people = residents(6)
    write_export(folder, RESIDENTS, [*people, people[5] | {"citizen_number": ""}])
    write_export(folder, MIGRANTS, [migrant(people[0]), migrant(people[1], name="李某异")])
    write_export(folder, ORGANISATIONS, organisations(5))
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    assert run(context_at(folder / "home"), write_first(folder / "exports")) == 1
    return folder / "home"


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Context:
    """A copy of that pool for a test that changes it."""
    return context_at(Path(shutil.copytree(home, tmp_path / "home")))


def rows_of(context: Context, name: str, release: int = 1) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(context.pool.releases.folder(release) / "quality" / name).to_pylist()
    return rows


def later(context: Context, day: int) -> Context:
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day))


def test_a_broken_record_stands_with_the_row_of_the_file_it_came_from(home: Path) -> None:
    context = context_at(home)
    [broken] = [row for row in rows_of(context, "broken.parquet") if row["rule"] == "person_names_agree"]
    [migrants] = [entry for entry in context.pool.ledger.batches() if entry.contract == MIGRANTS]
    assert (broken["table_name"], broken["dataset"], broken["department"]) == ("person", MIGRANTS, context.contracts[MIGRANTS].department)
    assert (broken["file_key"], broken["row"]) == (file_key(migrants.sha256), 3)


def test_the_number_of_a_rule_leads_to_the_row_and_the_row_and_the_record_lead_to_the_rule(home: Path) -> None:
    context, name = context_at(home), "rules/person_names_agree"
    found = trace_figure(context, name)
    assert found.agrees
    [(batch, file, sheet, row, table, key, _)] = found.rows
    assert (file, row, table) == ("floating_population_20250630.csv", 3, "person")

    of_row = trace_row(context, batch, row)
    assert (of_row.sheet, [each.key for each in of_row.broken], name in of_row.figures) == (sheet, [key], True)
    other = trace_row(context, batch, row - 1)
    assert (other.broken, name in other.figures) == ([], False)

    [broken] = trace(context, "person", key).broken
    assert (broken.rule, broken.sentence) == ("person_names_agree", "同一证件号码在各来源的姓名一致")
    asked = datapool("trace", "person", key, "--home", home)
    assert "不符合的质量规则" in asked.output
    assert "person_names_agree" in asked.output


def test_the_number_of_a_rule_about_deliveries_leads_to_their_batches(home: Path) -> None:
    context = context_at(home)
    found = trace_figure(context, "rules/delivery_on_time")
    assert found.agrees
    assert {batch for batch, *_ in found.rows} == {
        row["key"] for row in rows_of(context, "broken.parquet") if row["rule"] == "delivery_on_time"
    }


def test_rules_broken_rows_and_what_great_expectations_says_agree(home: Path) -> None:
    context = context_at(home)
    rules = {row["rule"]: row for row in rows_of(context, "rules.parquet")}
    assert list(rules) == [rule.name for rule in pool_rules()]
    listed = [row["rule"] for row in rows_of(context, "broken.parquet")]
    validation = json.loads((context.pool.releases.folder(1) / "quality" / "validation.json").read_text(encoding="utf-8"))
    [stated] = [suite["results"] for suite in validation if suite["suite"] == "rules"]
    assert {each["name"]: (each["unexpected"], each["success"]) for each in stated} == {
        name: (row["broken"], not row["broken"]) for name, row in rules.items()
    }
    assert {name: row["broken"] for name, row in rules.items() if row["broken"]} == {name: listed.count(name) for name in set(listed)}


def test_the_files_are_part_of_the_release_and_held_to_their_hashes(own: Context) -> None:
    noted = own.pool.releases.manifest(1)["files"]
    assert {name for name in noted if name.startswith("quality/")} == {f"quality/{name}" for name in FILES}
    assert verify(own.pool) == []
    path = own.pool.releases.folder(1) / "quality" / "scores.parquet"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"?")
    assert [finding.kind for finding in verify(own.pool)] == ["changed"]


def test_the_same_input_makes_the_same_bytes_but_for_the_stated_time_and_run(home: Path, tmp_path: Path) -> None:
    again = context_at(tmp_path / "home", now=NOW + timedelta(minutes=1), run="run-9")
    assert run(again, write_first(tmp_path / "exports")) == 1
    folder = again.pool.releases.folder(1)
    for name in FILES:
        assert (home / "releases/1/quality" / name).read_bytes() == (folder / "quality" / name).read_bytes(), name
    first, second = said_by(home / "releases/1/report"), said_by(folder / "report")
    assert len(first) > 15
    assert first.keys() == second.keys()
    for name, text in second.items():
        assert text.replace("run-9", "run-1").replace("2025-07-01 10:01", "2025-07-01 10:00") == first[name], name


def said_by(folder: Path) -> dict[str, str]:
    """What stands in every file of a report, in those of workbooks, too, byte for byte."""
    said = {}
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".xlsx":
            with ZipFile(path) as book:
                said |= {f"{name}/{part}": book.read(part).decode("utf-8") for part in book.namelist()}
        else:
            said[name] = path.read_text(encoding="utf-8")
    return said


def test_scores_count_what_was_received_and_stand_in_the_report(home: Path) -> None:
    context = context_at(home)
    found = {(each.scope_kind, each.scope, each.dimension, each.indicator): each for each in release_scores(context, 1)}
    rows = found["dataset", RESIDENTS, "completeness", "rows"]
    assert (rows.good, rows.checked) == (6, 7), "one row of seven lacks its number"
    agreement = found["dataset", MIGRANTS, "consistency", "agreement"]
    assert agreement.checked is not None
    assert agreement.good == agreement.checked - 1, "one row calls somebody by another name"
    score = pool_score(list(found.values()))
    assert score is not None
    manifest = context.pool.releases.manifest(1)["quality"]
    assert (manifest["score"], manifest["band"]) == score
    folder = context.pool.releases.folder(1) / "report"
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "质量评分" in page
    assert f"{score[0]:.1f}" in page
    for name in ("release.html", f"datasets/{MIGRANTS}.html"):
        assert "同一证件号码在各来源的姓名一致" in (folder / name).read_text(encoding="utf-8")


def test_each_rule_on_the_page_of_a_dataset_leads_to_its_answer_in_the_json_beside_it(home: Path) -> None:
    folder = home / "releases" / "1" / "report"
    for dataset in (RESIDENTS, MIGRANTS, ORGANISATIONS):
        page = (folder / "datasets" / f"{dataset}.html").read_text(encoding="utf-8")
        results = json.loads((folder / "validation" / f"{dataset}.json").read_text(encoding="utf-8"))["results"]
        linked = re.findall(rf'href="\.\./validation/{dataset}\.json#/results/(\d+)" title="([^"]+)"', page)
        assert sorted((int(place), name) for place, name in linked) == [(place, each["name"]) for place, each in enumerate(results)]
        for each in results:
            assert each["great_expectations"]["expectation_config"]["meta"]["name"] == each["name"]
            assert each["great_expectations"]["success"] == each["success"]
    beside = (folder / "validation" / "release.json").read_bytes()
    assert beside == (home / "releases" / "1" / "quality" / "validation.json").read_bytes()


def test_a_rule_with_a_limit_of_the_city_keeps_the_release_back_and_its_batch_alone_is_blamed(own: Context, tmp_path: Path) -> None:
    strict = later(replace(own, city=replace(own.city, rule_limits={"person_names_agree": 0.2})), 1)
    people = residents(6)
    write_export(tmp_path, MIGRANTS, [migrant(person, name=f"王某{place}") for place, person in enumerate(people)], period="20250701")
    write_export(tmp_path, ORGANISATIONS, organisations(6), period="20250701")
    assert run(strict, tmp_path) == 2, "without the batch that is to blame"
    [blocked] = own.pool.ledger.batches(status="blocked")
    assert (blocked.contract, blocked.period) == (MIGRANTS, "2025-07-01")
    assert "同一证件号码在各来源的姓名一致" in blocked.reason
    assert "超过上限 20.00%" in blocked.reason
    assert own.pool.releases.manifest(2)["tables"]["organisation"]["rows"] == 6
    assert verify(own.pool) == []


def test_a_crash_is_told_the_trend_is_kept_and_rules_look_back(own: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = replace(
        next(rule for rule in pool_rules() if rule.name == "person_has_identifier"), name="crashing", holds="name::INTEGER > 0"
    )
    monkeypatch.setattr(flow.quality, "pool_rules", lambda: (*pool_rules(), crashing))
    context = later(replace(own, city=replace(own.city, limits={**own.city.limits, "volume_change": 0.1})), 1)
    write_export(tmp_path, RESIDENTS, residents(5), period="20250701")
    assert run(context, tmp_path) == 2

    [row] = [row for row in rows_of(own, "rules.parquet", 2) if row["rule"] == "crashing"]
    assert (row["outcome"], row["broken"]) == ("error", None)
    assert "张某" not in row["cause"]
    assert own.pool.releases.manifest(2)["quality"]["rules"]["error"] == 1
    page = (own.pool.releases.folder(2) / "report" / "release.html").read_text(encoding="utf-8")
    assert "未能检查" in page

    assert [release for release, _ in score_history(own, 2)] == [1, 2]
    assert score_history(own, 2)[0][1] == release_scores(own, 1)
    assert [row["key"] for row in rows_of(own, "broken.parquet", 2) if row["rule"] == "dataset_volume_as_before"] == [RESIDENTS]


def test_a_person_who_is_erased_stands_among_the_broken_records_no_more(own: Context) -> None:
    [broken] = [row for row in rows_of(own, "broken.parquet") if row["rule"] == "person_names_agree"]
    context = later(own, 1)
    erase(context, prepare(context, silent, person_id=broken["key"]), "2025 年第 1 号申请")
    assert broken["key"] not in {row["key"] for row in rows_of(own, "broken.parquet")}
    assert verify(own.pool) == []


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_rules_run_on_the_tables_they_name(kind: str) -> None:
    check_pool_rules(FOLDER / f"{kind}.yaml")


def test_rules_that_read_what_they_do_not_name_and_limits_of_no_rule_are_told(tmp_path: Path) -> None:
    path = tmp_path / "tables.yaml"
    text = (FOLDER / "tables.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("reads: [tenancy, house]", "reads: [tenancy]"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"第 \d+ 行：规则“house_of_tenancy_placed”的 SQL 不能执行"):
        check_pool_rules(path)
    city = load_city("330381")
    check_rule_limits(city)
    with pytest.raises(ContractError, match="没有质量规则“birth_dates_agre”。是否想写“birth_dates_agree”"):
        check_rule_limits(replace(city, rule_limits={"birth_dates_agre": 0.1}))
