"""Records of a real HTTP interface on this machine: page by page, at its pace, with a token that may expire, to the very end or not at all."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flow.pull import pull
from schemas.pull import ApiPull, Paging, Token
from sources.connection import Connection, from_environment
from tests.flow.pulling import PASSWORD, Waits, inbox, pull_once, pulling, take_in
from tests.flow.searching import places_of

RECORDS = [{"uscc": f"C{number:04d}", "名称": f"第{number}协会"} for number in range(95)]
LINES = b"".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in RECORDS)
FILE = "social_organisation_20250701.jsonl"
BY_PAGE = Paging("page", at="pageNum", size="pageSize", rows=20)
TOKEN = "static-token-4711"


@dataclass
class Interface:
    """What the interface has, and what it does wrong: answers by number of request (status, headers) that it gives first."""

    address: str = ""
    records: list[dict[str, str]] = field(default_factory=lambda: list(RECORDS))
    wrong: dict[int, tuple[int, dict[str, str]]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=lambda: [TOKEN])
    asked: list[dict[str, str]] = field(default_factory=list)
    repeats_last: bool = False
    cut: int = 0
    link_to: str = ""
    code: int = 200
    grows_at: int = 0

    def pull(self, **changes: Any) -> ApiPull:
        values = {"records": "data.list", "total": "data.total", "success": {"code": 200}, "paging": BY_PAGE, **changes}
        return ApiPull("open", f"{self.address}/records", "open", **values)


class Handler(BaseHTTPRequestHandler):
    interface: Interface

    def do_GET(self) -> None:
        self._records(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/token":
            form = dict(parse_qsl(body.decode()))
            fine = (form["client_id"], form["client_secret"]) == ("reader", PASSWORD)
            self.interface.tokens.append(f"fresh-{len(self.interface.tokens)}")
            self._send(200 if fine else 401, {"access_token": self.interface.tokens[-1]})
        else:
            self._records(json.loads(body))

    def _records(self, asked: dict[str, Any]) -> None:
        interface = self.interface
        interface.asked.append(asked)
        number = len(interface.asked)
        if number in interface.wrong:
            status, headers = interface.wrong[number]
            self._send(status, {}, headers)
            return
        if self.headers["Authorization"] != f"Bearer {interface.tokens[-1]}":
            self._send(401, {})
            return
        if interface.grows_at == number:
            interface.records = [{"uscc": "NEW", "名称": "新"}, *interface.records]
        self._page(asked)

    def _page(self, asked: dict[str, Any]) -> None:
        interface, size = self.interface, int(asked.get("pageSize") or 20)
        start = (
            int(asked["offset"])
            if "offset" in asked
            else int(asked.get("cursor") or 0)
            if "pageNum" not in asked
            else (int(asked["pageNum"]) - 1) * size
        )
        if interface.repeats_last:
            start = min(start, (len(interface.records) - 1) // size * size)
        following = start + size if start + size < len(interface.records) else None
        content = {"list": interface.records[start : start + size], "total": len(interface.records), "next": following}
        content["link"] = f"{interface.link_to or interface.address}/records?cursor={following}" if following else None
        self._send(200, {"code": interface.code, "data": content})

    def _send(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.interface.cut and self.interface.cut == len(self.interface.asked):
            self.interface.cut = 0
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def interface() -> Iterator[Interface]:
    found = Interface()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"interface": found}))
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


ACCOUNT = {"AIRFLOW_CONN_OPEN": f"http://:{TOKEN}@"}


def context_of(tmp_path, source: ApiPull):
    return pulling(tmp_path, source, formats=("jsonl",))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"total": ""},
        {"method": "POST"},
        {"paging": Paging("offset", at="offset", size="pageSize", rows=30)},
        {"paging": Paging("cursor", at="cursor", next="data.next")},
        {"paging": Paging("link", next="data.link")},
        {"paging": None, "parameters": {"pageNum": 1, "pageSize": 1000}},
    ],
    ids=["page", "until an empty page", "post", "offset", "cursor", "link", "all at once"],
)
def test_every_page_comes_once_in_order(interface, tmp_path, changes):
    context = context_of(tmp_path, interface.pull(**changes))
    assert pull_once(context, environment=ACCOUNT).fault == ""
    assert inbox(context) == {FILE: LINES}
    (batch,) = take_in(context)
    assert context.pool.receipts.read(batch).origin == f"{interface.address}/records"
    assert pull_once(context, environment=ACCOUNT).files == (), "the same records on the same day say nothing new"


def test_it_waits_as_long_as_it_is_asked_to_and_tries_errors_again(interface, tmp_path):
    interface.wrong = {2: (429, {"Retry-After": "7"}), 3: (503, {}), 5: (500, {})}
    interface.cut = 7
    waits, context = Waits(), context_of(tmp_path, interface.pull())
    assert pull_once(context, environment=ACCOUNT, waits=waits).fault == ""
    assert inbox(context) == {FILE: LINES}
    assert waits.slept == [7.0, 2.0, 1.0, 1.0]


def test_it_keeps_the_pace_of_the_contract(interface, tmp_path):
    waits = Waits()
    pull_once(context_of(tmp_path, interface.pull(requests_per_second=2)), environment=ACCOUNT, waits=waits)
    assert waits.slept == [0.5] * 4


def test_who_asks_for_too_long_a_pause_is_left_for_the_next_pull_which_goes_on(interface, tmp_path):
    interface.wrong = {3: (429, {"Retry-After": "3600"})}
    waits, context = Waits(), context_of(tmp_path, interface.pull())
    assert "429" in pull_once(context, environment=ACCOUNT, waits=waits).fault
    assert (waits.slept, inbox(context)) == ([], {})
    assert pull_once(context, environment=ACCOUNT).fault == ""
    assert inbox(context) == {FILE: LINES}
    assert [asked["pageNum"] for asked in interface.asked] == ["1", "2", "3", "3", "4", "5"]


def test_after_a_kill_at_any_page_the_file_is_the_same(interface, tmp_path):
    context = context_of(tmp_path, interface.pull())
    for page in range(1, 6):

        def killed(_step: str, done: int, _all: int, last: int = page) -> None:
            assert inbox(context) == {}
            if done >= min(last * 20, len(RECORDS)):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            pull(context, resolve=lambda name: Connection(name, password=TOKEN), progress=killed)
    pull_once(context, environment=ACCOUNT)
    assert inbox(context) == {FILE: LINES}


def test_a_token_that_expires_on_the_way_is_fetched_anew(interface, tmp_path):
    source = interface.pull(token=Token(url=f"{interface.address}/token"))
    account = {"AIRFLOW_CONN_OPEN": json.dumps({"login": "reader", "password": PASSWORD})}
    context = context_of(tmp_path, source)

    def expire(_step: str, done: int, _all: int) -> None:
        if done == 40:
            interface.tokens.append("another")

    (outcome,) = pull(context, resolve=from_environment(account), patience=Waits().patience, progress=expire)
    assert outcome.fault == ""
    assert inbox(context) == {FILE: LINES}
    assert [token.partition("-")[0] for token in interface.tokens] == ["static", "fresh", "another", "fresh"]


def test_a_refused_token_is_told_at_once_and_stands_nowhere(interface, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = {"AIRFLOW_CONN_OPEN": json.dumps({"password": "wrong-token-4712", "extra": {"parameters": {"k": "secret-parameter-9"}}})}
    waits, context = Waits(), context_of(tmp_path, interface.pull())
    assert "不接受我们的身份（401）" in pull_once(context, environment=wrong, waits=waits).fault
    assert waits.slept == []
    assert interface.asked[0]["k"] == "secret-parameter-9"
    for secret in ("wrong-token-4712", "secret-parameter-9"):
        assert secret not in caplog.text
        assert places_of(context.pool.home, [secret]) == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"code": 500}, "code=500，不是成功"),
        ({"repeats_last": True, "_total": ""}, "与前一页完全相同"),
        ({"records": []}, "没有返回任何记录"),
        ({"link_to": "http://elsewhere.example", "_paging": Paging("link", next="data.link")}, "令牌不会送给别的主机"),
        ({"_records": "data.rows"}, "没有“data.rows”"),
        ({"_total": "data.count"}, "没有总数“data.count”"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_no_file(interface, tmp_path, fault, said):
    for name, value in fault.items():
        if not name.startswith("_"):
            setattr(interface, name, value)
    context = context_of(tmp_path, interface.pull(**{name[1:]: value for name, value in fault.items() if name.startswith("_")}))
    assert said in pull_once(context, environment=ACCOUNT).fault
    assert inbox(context) == {}


def test_records_that_come_meanwhile_make_it_begin_anew(interface, tmp_path):
    interface.grows_at = 3
    context = context_of(tmp_path, interface.pull())
    assert "总数由 95 变为 96" in pull_once(context, environment=ACCOUNT).waiting[0]
    assert inbox(context) == {}
    pull_once(context, environment=ACCOUNT)
    assert len(inbox(context)[FILE].splitlines()) == 96
