"""datapool audit: the log as a table, what stands in it, and the digest of a day."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from flow.audit import day_digest, digest_days
from flow.configuration import CONFIGURATION, note_configuration
from flow.context import Context, open_context
from pool import Pool, PoolError
from pool.audit import START, AuditHead, AuditRecord
from pool.audit_days import DIGEST, AuditDays
from schemas.codes import code_list
from tests.cli.command import datapool
from tests.cli.test_trace import NUMBER

CITY = Path(__file__).parents[2] / "cities" / "330381"
ZONE = ZoneInfo("Asia/Shanghai")


def _listed(home: Path, *options: object) -> list[dict[str, str]]:
    answer = datapool("audit", "list", *options, "--json", "--home", home)
    assert answer.code == 0, answer.errors
    listed: list[dict[str, str]] = json.loads(answer.output)
    return listed


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(ZONE).date()


def _on_the_day_of_its_last_record(home: Path) -> tuple[Context, dict[date, int]]:
    """A context on that day, and how many records each day has: the home may have been made around midnight."""
    context = open_context(home)
    moments = [record.at for record in context.pool.audit.records()]
    return replace(context, now=datetime.fromisoformat(moments[-1])), Counter(map(_day, moments))


def test_run_is_on_record_with_who_and_with_what_result(home: Path) -> None:
    started, ended = _listed(home, "--action", "run")
    assert (started["result"], ended["result"]) == ("started", "succeeded")
    assert started["object"] == ended["object"]
    assert started["actor"]
    assert ended["details"] == {"release": 1}


def test_failed_run_is_on_record(own_home: Path, tmp_path: Path) -> None:
    empty = Path(shutil.copytree(own_home, tmp_path / "other"))
    shutil.rmtree(empty / "batches")
    (empty / "batches").mkdir()
    assert datapool("run", tmp_path, "--home", empty).code == 2
    assert [each["result"] for each in _listed(empty, "--action", "run")][-2:] == ["started", "failed"]


def test_every_action_of_the_log_has_a_chinese_name(home: Path) -> None:
    assert {record.action for record in Pool.open(home).audit.records()} <= code_list("audit_action").keys()


def test_changed_configuration_is_on_record_by_file_and_hash_and_once(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first] = Pool.open(own_home).audit.records(CONFIGURATION)
    assert first.result == "first"
    assert {"schemas/sources/civil_affairs/death.yaml", "cities/330381/city.yaml"} <= first.details["added"].keys()
    city = Path(shutil.copytree(CITY, tmp_path / "330381"))
    with (city / "city.yaml").open("a", encoding="utf-8") as file:
        file.write("# 改动\n")
    (city / "new.csv").write_text("a\n", encoding="utf-8")
    monkeypatch.setenv("DATAPOOL_CITY", str(city))
    context = open_context(own_home)
    note_configuration(context)
    note_configuration(context)
    (city / "new.csv").unlink()
    note_configuration(context)
    note_configuration(context)
    _, changed, gone = Pool.open(own_home).audit.records(CONFIGURATION)
    assert (changed.result, list(changed.details["changed"])) == ("changed", ["cities/330381/city.yaml"])
    assert list(changed.details["added"]) == ["cities/330381/new.csv"]
    assert (gone.details["added"], gone.details["changed"], gone.details["removed"]) == ({}, {}, ["cities/330381/new.csv"])


def test_records_are_found_by_action_object_who_and_day(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAPOOL_ACTOR", "审计员李某")
    assert datapool("trace", "person", NUMBER, "--unmasked", "--reason", "核查 2025-17 号件", "--home", own_home).code == 0
    everything = _listed(own_home)
    [seen] = _listed(own_home, "--who", "李某")
    assert seen["details"] == {"release": 1, "reason": "核查 2025-17 号件"}
    assert _listed(own_home, "--action", "trace") == [seen]
    assert _listed(own_home, "--action", "tra") == []
    assert {each["action"] for each in _listed(own_home, "--object", "resident_population")} == {"receive"}
    first, *_, last = [_day(record["at"]) for record in everything]
    assert _listed(own_home, "--from", first, "--to", last) == everything
    assert _listed(own_home, "--from", last + timedelta(days=1)) == _listed(own_home, "--to", first - timedelta(days=1)) == []
    shown = datapool("audit", "list", "--home", own_home).output
    for word in ("查看未脱敏的记录", "审计员李某", "reason：核查", "发布版本"):
        assert word in shown


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_log_is_written_as_a_table(home: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"audit{suffix}"
    assert datapool("audit", "list", "-o", path, "--home", home).code == 0
    if suffix == ".csv":
        rows = list(csv.reader(path.open(encoding="utf-8-sig")))
    else:
        rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active]
    assert [str(row[0]) for row in rows[1:]] == [str(record.number) for record in Pool.open(home).audit.records()]
    assert datapool("audit", "list", "-o", path, "--home", home).code == 2, "somebody's file is never overwritten"


def test_digest_of_a_day_is_made_once_kept_in_the_log_and_printed(own_home: Path, tmp_path: Path) -> None:
    context, records = _on_the_day_of_its_last_record(own_home)
    tomorrow = replace(context, now=context.now + timedelta(days=1))
    before = list(context.pool.audit.records())
    made, over = day_digest(tomorrow, None)
    assert over
    earlier = len(before) - records[made.day]
    assert (made.records, made.first, made.last) == (records[made.day], earlier + 1, len(before))
    assert made.head == AuditHead(len(before), before[-1].digest)
    assert made.before == AuditHead(earlier, before[earlier - 1].digest if earlier else START)
    assert day_digest(tomorrow, made.day) == (made, True)
    [kept] = context.pool.audit.records(DIGEST)
    assert kept.details["head"] == made.head.digest
    assert datapool("verify", "--home", own_home).code == 0
    page = tmp_path / "digest.html"
    answer = datapool("audit", "digest", "--date", made.day, "-o", page, "--home", own_home)
    assert answer.code == 0
    today = context.local_date(datetime.now(UTC))
    assert ("尚未结束" in answer.output) == (made.day == today), "by the clock of the command"
    assert made.head.digest in answer.output, "what was recorded since belongs to the day of the record before it"
    with pytest.raises(PoolError, match="还没有到"):
        day_digest(context, made.day + timedelta(days=1))


def test_every_day_that_is_over_gets_its_digest_once(own_home: Path) -> None:
    context, records = _on_the_day_of_its_last_record(own_home)
    today = context.local_date(context.now)
    assert today not in {each.day for each in digest_days(context)}, "today is not over"
    tomorrow = replace(context, now=context.now + timedelta(days=1))
    assert [(each.day, each.records) for each in digest_days(tomorrow)] == [(today, records[today])]
    assert digest_days(tomorrow) == []
    later = replace(context, now=context.now + timedelta(days=9))
    assert [(each.day, each.records) for each in digest_days(later)] == [(context.local_date(tomorrow.now), 1)], (
        "days without records have none"
    )
    assert datapool("verify", "--home", own_home).code == 0


def test_page_of_a_digest_needs_nothing_and_has_room_to_sign(own_home: Path, tmp_path: Path) -> None:
    page = tmp_path / "digest.html"
    assert datapool("audit", "digest", "-o", page, "--home", own_home).code == 0
    again = tmp_path / "again.html"
    assert datapool("audit", "digest", "-o", again, "--home", own_home).code == 0
    text = page.read_text(encoding="utf-8")
    assert again.read_text(encoding="utf-8") == text
    assert START in text, "yesterday nothing had been recorded"
    assert "复核" in text
    assert "http:" not in text
    assert "https:" not in text


Forgery = Callable[[list[AuditRecord]], list[AuditRecord]]


def _without_one(records: list[AuditRecord]) -> list[AuditRecord]:
    return [record for record in records if record.object != "second"]


def _with_another_word(records: list[AuditRecord]) -> list[AuditRecord]:
    return [replace(record, actor="somebody else") if record.object == "second" else record for record in records]


def _in_another_order(records: list[AuditRecord]) -> list[AuditRecord]:
    place = next(place for place, record in enumerate(records) if record.object == "second")
    return [*records[:place], records[place + 1], records[place], *records[place + 2 :]]


@pytest.mark.parametrize("forge", [_without_one, _with_another_word, _in_another_order])
def test_log_that_was_forged_and_signed_anew_does_not_fit_its_digests(own_home: Path, forge: Forgery) -> None:
    context = open_context(own_home)
    audit = context.pool.audit
    for name in ("first", "second", "third"):
        audit.append("review.export", name, "张工", "started", context.now)
    day_digest(replace(context, now=context.now + timedelta(days=1)), None)
    assert datapool("verify", "--home", own_home).code == 0
    [*others, last] = sorted((own_home / "audit").glob("*.jsonl"))
    assert not others
    chain: list[AuditRecord] = []
    for record in forge(list(audit.records())):
        unsigned = replace(record, number=len(chain) + 1, previous=chain[-1].digest if chain else START)
        chain.append(replace(unsigned, digest=unsigned.computed_digest()))
    last.write_text("".join(json.dumps(asdict(record), ensure_ascii=False, sort_keys=True) + "\n" for record in chain), encoding="utf-8")
    context.pool.ledger.record_audit_head(AuditHead(chain[-1].number, chain[-1].digest))
    answer = datapool("verify", "--home", own_home)
    assert answer.code == 1
    assert "日摘要与当日的记录不符" in answer.output


def test_day_that_is_over_never_changes_though_the_clock_is_set_back() -> None:
    hours = [datetime(2026, 1, 1, 10, tzinfo=ZONE), datetime(2026, 1, 2, 9, tzinfo=ZONE), datetime(2026, 1, 1, 23, tzinfo=ZONE)]
    records = [AuditRecord(number, at.isoformat(), "", "a", "", "", {}, "", str(number)) for number, at in enumerate(hours, start=1)]
    days = AuditDays(records, ZONE)
    first, second = days.digest(date(2026, 1, 1)), days.digest(date(2026, 1, 2))
    assert (first.first, first.last, second.first, second.last) == (1, 1, 2, 3)
    assert days.digest(date(2026, 1, 5)).head == second.head
    assert days.digest(date(2025, 12, 31)).records == 0


def test_day_is_that_of_the_city() -> None:
    late = AuditRecord(1, "2026-01-01T17:00:00+00:00", "", "a", "", "", {}, "", "1")
    assert AuditDays([late], ZONE).digest(date(2026, 1, 2)).records == 1
