"""A person is erased: nothing of her rests anywhere, all adds up, the others are as if she had never been there, and she does not come back."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import duckdb
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.delivered import batch_profile
from flow.erase.erase import Done, erase, prepare
from flow.erase.plan import Plan, Shown, show
from flow.progress import silent
from flow.rebuild import rebuild
from flow.run import advance, run
from flow.trace.record import trace
from pool import PoolError, Problem
from pool.content import tables_content
from pool.verify import verify
from tests.flow.erasing import (
    BENEFITS,
    HOUSES,
    NAME,
    NUMBER,
    OLD_NUMBER,
    PHONE,
    REASON,
    TRACES,
    decide,
    erase_her,
    exports,
    make_pool,
    on_day,
    pair_decision,
    write_drop,
)
from tests.flow.reviewing import ALSO_AMBIGUOUS, AMBIGUOUS
from tests.flow.searching import places_of
from tests.small_exports import NOW, RESIDENTS, residents, write_export
from transforms.erase import ERASED

PLACES = {"file_key", "sheet", "row"}
PARTS = {"raw", "batches", "releases", "shares", "ledger.sqlite"}


@pytest.fixture(scope="session")
def her_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool that names her everywhere, with decisions on her address and on whether she is somebody else; for copying only."""
    folder = tmp_path_factory.mktemp("her")
    context = make_pool(folder / "home", folder / "drops")
    decide(context, folder / "book.xlsx")
    her, one, another = (_id_of(context, number) for number in (NUMBER, *(row["citizen_number"] for row in residents(2))))
    context.pool.ledger.pairs.record([pair_decision(1, *sorted((her, one))), pair_decision(2, *sorted((one, another)))])
    context.pool.ledger.record_problem(Problem(f"{NUMBER}.docx", "unknown_file", f"{NUMBER}.docx：没有契约认得这个文件", "run-2", NOW))
    assert advance(on_day(folder / "home", 3)) == 4
    trace(on_day(folder / "home", 3), "person", NUMBER, unmasked=True, reason="核对")
    return folder / "home"


@pytest.fixture(scope="module")
def ids(her_home: Path) -> list[str]:
    """All ids under which she was known."""
    folder = her_home / "releases" / "4" / "pool"
    return [
        id
        for (id,) in duckdb.sql(f"""
            SELECT person_id FROM '{folder}/person.parquet' WHERE citizen_number = '{NUMBER}'
            UNION SELECT old_id FROM '{folder}/entity_redirect.parquet' WHERE table_name = 'person'""").fetchall()
    ]


@dataclass(frozen=True)
class Erased:
    """The pool without her, before the next run: what was shown before it was done, the files of the releases then, and one held open."""

    context: Context
    plan: Plan
    shown: Shown
    done: Done
    inodes: Mapping[Path, int]
    persons: int
    reader: IO[bytes]


@pytest.fixture(scope="module")
def erased(her_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erased]:
    """She is erased, while a file that names her waits in the inbox."""
    home = tmp_path_factory.mktemp("erased") / "home"
    shutil.copytree(her_home, home)
    _link_again(her_home, home)
    write_drop(home / "inbox", 3, period="20250615")
    context = on_day(home, 4)
    seen = places_of(home, TRACES)
    plan = prepare(context, silent, identifier=OLD_NUMBER, take_in=False)
    shown = show(context, plan)
    assert places_of(home, TRACES) == seen, "nothing was changed"
    person = home / "releases" / "4" / "pool" / "person.parquet"
    persons = pq.read_metadata(person).num_rows
    with person.open("rb") as reader:
        inodes = _inodes(home)
        yield Erased(context, plan, shown, erase_her(context), inodes, persons, reader)


@pytest.fixture(scope="module")
def later(erased: Erased, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """The pool after the next run, to which the same files and a newer one come."""
    drops = tmp_path_factory.mktemp("again")
    home = Path(shutil.copytree(erased.context.pool.home, drops / "home"))
    for drop in (0, 2):
        write_drop(drops / "files", drop)
    write_drop(drops / "files", 4, period="20250630")
    context = on_day(home, 5)
    assert run(context, drops / "files") == 5
    return context


def _id_of(context: Context, number: str) -> str:
    path = context.pool.releases.folder(context.pool.releases.current() or 0) / "pool" / "person.parquet"
    [(id,)] = duckdb.sql(f"SELECT person_id FROM '{path}' WHERE citizen_number = '{number}'").fetchall()
    return str(id)


def test_before_she_stands_in_every_kind_of_place(her_home: Path, ids: list[str]) -> None:
    places = places_of(her_home, [*TRACES, *ids])
    assert {place.split("/")[0] for place in places} == PARTS
    assert not any(place.startswith("audit") for place in places), "the log names nobody"
    assert len(ids) == 2
    assert places_of(her_home / "library", [ALSO_AMBIGUOUS]) != []


def test_no_byte_below_the_home_tells_of_her(erased: Erased, ids: list[str]) -> None:
    assert places_of(erased.context.pool.home, [*TRACES, *ids]) == []
    assert verify(erased.context.pool) == []


def test_reports_of_kept_releases_quote_no_row_of_hers_any_more(her_home: Path, erased: Erased) -> None:
    pool = erased.context.pool
    hers = {
        f"{pool.receipts.read(entry.batch).file_name}|{row['sheet']}|{row['row']}"
        for entry in pool.ledger.batches()
        for row in pq.read_table(pool.batches.folder(entry.batch) / "quarantine.parquet").to_pylist()
        if any(reason["rule"] == ERASED for reason in row["reasons"])
    }
    assert _quoted(her_home) & hers
    assert _quoted(her_home) - _quoted(pool.home) == _quoted(her_home) & hers


def _quoted(home: Path) -> set[str]:
    """The rows that stand as examples on pages of datasets."""
    pages = home.glob("releases/*/report/datasets/*.html")
    return {row for page in pages for row in re.findall(r'<tr data-row="([^"]+)"', page.read_text(encoding="utf-8"))}


def test_she_does_not_come_back(later: Context, ids: list[str]) -> None:
    assert places_of(later.pool.home, [*TRACES, *ids]) == []
    assert verify(later.pool) == []
    newest = [entry for entry in later.pool.ledger.batches(contract=RESIDENTS) if entry.period == "2025-06-30"]
    [reason] = [each for each in batch_profile(later, newest[0].batch)["reasons"] if each["rule"] == "erased"]
    assert reason["rows"] == 3, "her row, the rejected one and the line that is no row"
    assert later.pool.raw.is_redacted(newest[0].sha256)


def test_every_row_received_is_accounted_for(her_home: Path, erased: Erased) -> None:
    context = erased.context
    before = {entry.batch: entry for entry in on_day(her_home, 4).pool.ledger.batches()}
    for entry in context.pool.ledger.batches():
        counts, was = entry.counts, before.get(entry.batch)
        if was is not None and was.counts is not None and counts is not None:
            assert entry.status == was.status
            assert counts.received == was.counts.received == counts.accepted + counts.quarantined
    outcomes = Counter({each.reason: each.rows for each in context.pool.ledger.outcomes(4) if each.reason == "erased"})
    path = context.pool.releases.folder(4) / "pool" / "row_outcome.parquet"
    [(rows,)] = duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE reason = 'erased' AND outcome = 'quarantined'").fetchall()
    assert rows > 9
    assert outcomes


def test_the_others_are_as_if_she_had_never_been_there(erased: Erased, tmp_path: Path) -> None:
    context = on_day(Path(shutil.copytree(erased.context.pool.home, tmp_path / "home")), 6)
    assert advance(context) == 5
    other = on_day(tmp_path / "never", 6)
    other.pool.ledger.review.record(context.pool.ledger.review.in_force())
    for drop in range(3):
        write_drop(tmp_path / "drops", drop, with_her=False)
    write_drop(tmp_path / "drops", 3, with_her=False, period="20250615")
    assert run(other, tmp_path / "drops") == 1
    assert _told(context, 5) == _told(other, 1)


def _told(context: Context, release: int) -> dict[str, str]:
    """Content of all tables but for places, and for what tells of rows and releases."""
    with duckdb.connect() as connection:
        tables = tables_content(
            connection, context.pool.releases.folder(release) / "pool", without=PLACES | {"known_from", "known_to", "release", "run"}
        )
    return {name: each.content_hash for name, each in tables.items() if name not in ("row_outcome", "release_line")}


def test_a_pool_rebuilt_from_what_is_left_says_the_same(later: Context, ids: list[str], tmp_path: Path) -> None:
    rebuilt, number = rebuild(on_day(later.pool.home, 7), tmp_path / "rebuilt")
    assert number == 1
    assert places_of(tmp_path / "rebuilt", [*TRACES, *ids]) == []
    with duckdb.connect() as connection:
        said, again = (tables_content(connection, each.pool.releases.folder(n) / "pool") for each, n in ((later, 5), (rebuilt, 1)))
    assert {name: each.content_hash for name, each in said.items()} == {name: each.content_hash for name, each in again.items()}


def test_of_other_rows_only_her_cells_are_gone(later: Context) -> None:
    table = later.pool.releases.folder(5) / "pool"
    houses = duckdb.sql(f"SELECT count(*), count(owner_id) FROM '{table}/house.parquet'").fetchall()
    assert houses[0][0] >= 2
    firm = exports(0)["civil_affairs.social_organisation"][2]["uscc"]
    [(name, person, said)] = duckdb.sql(
        f"SELECT name, representative_id, legal_representative FROM '{table}/organisation.parquet' WHERE uscc = '{firm}'"
    ).fetchall()
    assert (name, person, said) == ("瑞安市第2书画协会", None, None)


def test_row_whose_required_cell_was_hers_is_quarantined_and_says_so(later: Context) -> None:
    [entry, *_] = later.pool.ledger.batches(contract=BENEFITS)
    rows = pq.read_table(later.pool.batches.folder(entry.batch) / "quarantine.parquet").to_pylist()
    reasons = {tuple((each["column"], each["rule"]) for each in row["reasons"]): json.loads(row["original"] or "{}") for row in rows}
    # Where the head of the household lives is said of nobody else.
    required = ("head_name", "required"), ("address_text", "required")
    assert set(reasons) == {(("", "erased"),), required}
    assert reasons[("", "erased"),] == {}
    assert reasons[required]["成员_姓名"] == residents(13)[12]["name"]


def test_what_does_not_name_her_is_the_very_same_file(erased: Erased) -> None:
    before, after = erased.inodes, _inodes(erased.context.pool.home)
    assert before.keys() == after.keys()
    same = {path.name for path, inode in before.items() if after[path] == inode}
    assert same >= {"address.parquet", "division.parquet", "premises.parquet"}
    assert not same & {"person.parquet", "entity_link.parquet"}
    shared = [path for path, inode in before.items() if list(before.values()).count(inode) > 1 and after[path] != inode]
    assert shared, "a file that names her stood in several releases"
    for path in shared:
        assert len({after[other] for other in shared if before[other] == before[path]}) == 1, "and does so still"
    assert pq.read_table(erased.reader).num_rows == erased.persons, "who has it open reads on"


def _inodes(home: Path) -> dict[Path, int]:
    return {path.relative_to(home): path.stat().st_ino for path in (home / "releases").rglob("*.parquet")}


def _link_again(source: Path, copy: Path) -> None:
    """Files that were one are one again in a copy."""
    first: dict[int, Path] = {}
    for path in sorted((source / "releases").rglob("*.parquet")):
        target = copy / path.relative_to(source)
        if path.stat().st_ino in first:
            target.unlink()
            target.hardlink_to(first[path.stat().st_ino])
        else:
            first[path.stat().st_ino] = target


def test_shares_open_with_their_comments_and_macros(erased: Erased, ids: list[str]) -> None:
    path = erased.context.pool.shares.folder("analyst", 4) / "datapool.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'person'").fetchall() == [("人员",)]
        persons = connection.execute("SELECT person_id FROM pool.person_as_seen(2)").fetchall()
        assert persons
        assert not {id for (id,) in persons} & set(ids)


def test_decisions_that_tell_of_her_go_and_the_others_stay(later: Context) -> None:
    review, pairs = later.pool.ledger.review.history(), later.pool.ledger.pairs.history()
    assert [each.text for each, _ in review] == [AMBIGUOUS]
    assert [each.case_id for each, _ in pairs] == ["case2"]
    assert places_of(later.pool.home / "library", [ALSO_AMBIGUOUS]) == []


def test_audit_and_ledger_tell_that_and_why_but_not_who(erased: Erased) -> None:
    context, done = erased.context, erased.done
    records = [record for record in context.pool.audit.records() if record.action == "erase"]
    assert [(record.object, record.result) for record in records] == [("erasure/1", "started"), ("erasure/1", "done")]
    assert {record.details["reason"] for record in records} == {REASON}
    assert records[1].details["decisions"] == 2
    assert records[1].details["address_results"] > 0
    [erasure] = context.pool.ledger.erasures.all()
    assert erasure.plan == ""
    assert erasure.counts["rows"] == done.counts["rows"] > 9
    manifest = context.pool.releases.manifest(1)
    assert manifest["erasures"][0]["number"] == 1


def test_before_anything_is_done_all_that_would_go_is_shown(erased: Erased) -> None:
    [first, *_] = erased.context.pool.ledger.batches(contract=RESIDENTS)
    assert erased.shown.batches[first.batch] == (3, 0)
    assert erased.shown.releases[4]["person"] == 1
    assert erased.shown.decisions == 2


def test_reason_that_tells_who_is_refused(erased: Erased) -> None:
    with pytest.raises(PoolError, match="不要写姓名"):
        erase(erased.context, erased.plan, f"{NAME}申请")
    assert len(erased.context.pool.ledger.erasures.all()) == 1


def test_person_whom_no_release_knows_is_found_by_identifier_and_who_stands_nowhere_is_not(tmp_path: Path) -> None:
    context = on_day(tmp_path / "home", 0)
    rows = [*residents(20), {"citizen_number": NUMBER, "name": NAME, "phone": PHONE}]
    rows[3]["name"] = "赵明远"  # whole: a name with 某 would speak against nobody
    write_export(tmp_path / "drop", RESIDENTS, rows)
    house = {"letting_source_id": "L1", "house_source_id": "H1", "address_text": "瑞安市安阳街道中心街3号"}
    neighbour = residents(20)[3]["citizen_number"]  # once typed for hers
    tenant = {"tenant_name": NAME, "tenant_phone": PHONE, "tenant_document_type_code": "111"}
    lettings = [house | tenant, house | tenant | {"letting_source_id": "L2", "tenant_number": neighbour}]
    write_export(tmp_path / "drop", HOUSES, lettings)
    assert run(context, tmp_path / "drop") == 1
    assert prepare(context, silent, identifier="330381199001019999").is_empty
    with pytest.raises(PoolError, match="没有一个保留的发布知道"):
        prepare(context, silent, person_id="0" * 32)
    with pytest.raises(PoolError, match="太短"):
        prepare(context, silent, identifier="3303")
    with pytest.raises(PoolError, match="已没有契约"):
        prepare(replace(context, contracts={RESIDENTS: context.contracts[RESIDENTS]}), silent, identifier=NUMBER)
    erase_her(context)
    assert places_of(context.pool.home, TRACES) == []
    [entry] = context.pool.ledger.batches(contract=RESIDENTS)
    accepted = pq.read_table(context.pool.batches.folder(entry.batch) / "accepted.parquet")
    assert neighbour in accepted["citizen_number"].to_pylist(), "whose number was borrowed stays"
    assert verify(context.pool) == []
