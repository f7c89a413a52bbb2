"""Files of a real SFTP server: whole or not there, gone on with after a break, and from nobody who only says to be the server."""

import logging
from collections.abc import Iterator

import asyncssh
import pytest

from flow.pull import pull
from schemas.pull import Completeness, FilePull
from sources.connection import Connection
from tests.flow.pulling import PASSWORD, Waits, inbox, pull_once, pulling, take_in
from tests.flow.searching import places_of
from tests.flow.sftp_server import CONTENT, Server, sftp_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sftp_server(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    for path in running.folder.iterdir():
        path.unlink()
    running.break_after = running.change_after = None
    running.sent = 0
    return running


def test_a_file_comes_whole_once_with_a_receipt_that_says_from_where(server, tmp_path):
    server.put("a_20250630.csv")
    context = pulling(tmp_path, server.pull())
    assert pull_once(context).files == ("a_20250630.csv",)
    assert inbox(context) == {"a_20250630.csv": CONTENT}
    (batch,) = take_in(context)
    receipt = context.pool.receipts.read(batch)
    assert receipt.origin == f"sftp://127.0.0.1:{server.port}/a_20250630.csv"
    assert receipt.period == "2025-06-30"
    server.sent = 0
    assert pull_once(context).files == ()
    assert server.sent == 0, "what has not changed is not fetched again"


def test_a_changed_file_is_fetched_again_once_the_first_was_received(server, tmp_path):
    server.put("a_20250630.csv")
    context = pulling(tmp_path, server.pull())
    pull_once(context)
    server.put("a_20250630.csv", b"other", 1_700_000_100)
    assert "还没有接收" in pull_once(context).waiting[0]
    assert inbox(context) == {"a_20250630.csv": CONTENT}, "nothing that waits is overwritten"
    take_in(context)
    assert pull_once(context).files == ("a_20250630.csv",)
    assert inbox(context) == {"a_20250630.csv": b"other"}
    assert len(take_in(context)) == 1


def test_a_line_that_breaks_is_gone_on_with_where_it_broke(server, tmp_path):
    server.put("a.csv")
    server.break_after = 3 << 20
    waits = Waits()
    context = pulling(tmp_path, server.pull())
    assert pull_once(context, waits=waits).fault == ""
    assert inbox(context) == {"a.csv": CONTENT}
    assert waits.slept == [1.0]
    assert server.sent < 2 * len(CONTENT), "what had come was not sent again"


def test_after_a_kill_the_next_process_goes_on_and_nothing_half_is_ever_seen(server, tmp_path):
    server.put("a.csv")
    context = pulling(tmp_path, server.pull())

    def killed(_step: str, done: int, _all: int) -> None:
        assert inbox(context) == {}
        if done >= 3 << 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(context, resolve=lambda name: Connection(name, "reader", PASSWORD), progress=killed)
    assert inbox(context) == {}
    assert take_in(context) == []
    assert pull_once(context).fault == ""
    assert inbox(context) == {"a.csv": CONTENT}


def test_a_file_that_changes_on_the_way_is_left_for_the_next_pull(server, tmp_path):
    server.put("a.csv")
    server.change_after = 2 << 20
    context = pulling(tmp_path, server.pull())
    assert pull_once(context).waiting == ("a.csv 在拉取时变了",)
    assert inbox(context) == {}
    assert pull_once(context).files == ("a.csv",)
    assert inbox(context) == {"a.csv": CONTENT[::-1]}


def test_a_part_that_is_not_how_the_file_begins_is_not_gone_on_with(server, tmp_path):
    server.put("a.csv")
    context = pulling(tmp_path, server.pull())
    identity = f"police\n/a.csv\n{len(CONTENT)}:1700000000.000000:"
    part = context.pool.inbox.part("civil_affairs", "social_organisation", "a.csv")
    part.restart(identity)
    part.append(b"x" * 1000)
    part.flush()
    pull_once(context)
    assert inbox(context) == {"a.csv": CONTENT}


def test_an_unknown_host_key_is_refused_with_its_fingerprint(server, tmp_path):
    server.put("a.csv")
    stranger = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    for keys, said in (((), "还没有登记"), ((stranger,), "可能有人冒充")):
        outcome = pull_once(pulling(tmp_path, server.pull(host_keys=keys)))
        assert server.fingerprint in outcome.fault
        assert said in outcome.fault
    public = server.key.export_public_key().decode().strip()
    assert pull_once(pulling(tmp_path, server.pull(host_keys=(public,)))).files == ("a.csv",)


def test_a_wrong_password_is_told_at_once_and_stands_nowhere(server, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    server.put("a.csv")
    context, waits = pulling(tmp_path, server.pull()), Waits()
    wrong = {"AIRFLOW_CONN_POLICE": '{"login": "reader", "password": "wrong-Password-77"}'}
    outcome = pull_once(context, environment=wrong, waits=waits)
    assert "不接受账号“reader”" in outcome.fault
    assert waits.slept == [], "trying again would lock the account"
    pull_once(context)
    take_in(context)
    for secret in ("wrong-Password-77", PASSWORD):
        assert secret not in caplog.text
        assert places_of(context.pool.home, [secret]) == []
    (contact,) = context.pool.ledger.pulls.contacts()
    assert contact.fault == ""


def test_only_files_that_are_complete_come(server, tmp_path):
    server.put("a.csv")
    context = pulling(tmp_path, server.pull(completeness=Completeness(".ok")))
    assert pull_once(context).waiting == ("还没有完成标志 a.csv.ok",)
    server.put("a.ok", b"")
    assert pull_once(context).files == ("a.csv",)
    server.put("b.csv", modified=context.now.timestamp() - 30)
    assert "还在写入" in pull_once(pulling(tmp_path, server.pull(completeness=Completeness("", 60)))).waiting[0]


def test_a_server_that_is_not_there_is_told_after_some_tries(tmp_path, server):
    waits = Waits()
    gone = FilePull("police", "sftp", "sftp://127.0.0.1:1/*.csv", "police", Completeness(), (server.fingerprint,))
    outcome = pull_once(pulling(tmp_path, gone), waits=waits)
    assert "连不上" in outcome.fault
    assert waits.slept == [1.0, 2.0, 4.0, 8.0]


def test_a_missing_connection_says_where_to_put_it(tmp_path, server):
    assert "AIRFLOW_CONN_POLICE" in pull_once(pulling(tmp_path, server.pull()), environment={}).fault


def test_a_dry_run_writes_nothing(server, tmp_path):
    server.put("a.csv")
    context = pulling(tmp_path, server.pull())
    assert pull_once(context, dry_run=True).files == ("a.csv",)
    assert inbox(context) == {}
    assert context.pool.ledger.pulls.contacts() == []
