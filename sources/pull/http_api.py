"""The records of an HTTP interface, page by page, as JSON lines."""

from __future__ import annotations

import hashlib
import json
import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from schemas.pull import ApiPull, Paging
from sources.connection import Connection
from sources.pull.errors import BrokenOff, PullError, Unready
from sources.pull.patience import Patience

CONNECT_SECONDS = 20
ANSWER_SECONDS = 120
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
LARGEST_ANSWER = 256 << 20
"""Bytes; an interface without pages that sends more is asked to send pages."""

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and with them secret parameters


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next page begins: its page number, row, cursor or address; how many records came before it, how many the interface said there
    are (-1: it did not say), and a digest of the page before."""

    at: int | str | None = None
    records: int = 0
    total: int = -1
    last: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as JSON lines, and the place of the next one; None after the last."""

    lines: bytes
    records: int
    next: Place | None
    total: int


class ApiRecords:
    """The pages of the interface of a contract. The password of the connection is the token, or with a token address or a login the secret of the
    account; its extra may hold `headers`, `parameters` and `verify`, the file of the authority that signed the server's certificate."""

    def __init__(self, pull: ApiPull, connection: Connection, patience: Patience) -> None:
        self._pull = pull
        self._connection = connection
        self._patience = patience
        self._where = f"接口 {pull.location.partition('?')[0]}"
        self._token = ""
        self._asked_at: float | None = None

    def __enter__(self) -> Self:
        extra = self._connection.extra
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        verify = extra.get("verify") or True
        try:
            self._client = httpx.Client(timeout=timeout, headers=dict(extra.get("headers") or {}), verify=_certificates(verify))
        except (OSError, ValueError, TypeError) as error:
            raise PullError(
                f"连接“{self._connection.name}”的 headers 或 verify 不能用", "请核对 extra：headers 是键值，verify 是证书文件"
            ) from error
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def check(self) -> None:
        """Ask for the first page. Raises BrokenOff, PullError."""
        self._page(self.start())

    def start(self) -> Place:
        """The place of the first page."""
        paging = self._pull.paging
        firsts: Mapping[str, int | None] = {"page": paging.first if paging else 1, "offset": 0}
        return Place(firsts.get(paging.style) if paging else None)

    def pages(self, place: Place) -> Iterator[Page]:
        """The pages from a place on. Raises BrokenOff, PullError; Unready when records came or went meanwhile, so that pages do not fit together."""
        following: Place | None = place
        while following is not None:
            page = self._patience.keep_trying(partial(self._page, following))
            yield page
            following = page.next

    def _page(self, place: Place) -> Page:
        response = self._answer(place)
        try:
            body = json.loads(response.content)
        except ValueError as error:
            raise BrokenOff(f"{self._where} 的回答不是完整的 JSON") from error
        self._refuse_failure(body)
        records = _at(body, self._pull.records)
        if records is None and self._pull.records:
            raise PullError(f"{self._where} 的回答里没有“{self._pull.records}”", "请核对契约里的 records，对方的接口可能改了")
        if not isinstance(records, list):
            raise PullError(
                f"{self._where} 的“{self._pull.records or '回答'}”不是列表", "请在契约里用 records 写明记录所在的字段，如 data.list"
            )
        lines = b"".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for record in records)
        return self._placed(place, Page(lines, len(records), None, self._total(body)), body, response)

    def _placed(self, place: Place, page: Page, body: Any, response: httpx.Response) -> Page:
        """The page with the place of the next one."""
        if place.total not in (-1, page.total):
            raise Unready(f"{self._where} 取到一半，总数由 {place.total} 变为 {page.total}")
        came = place.records + page.records
        digest = hashlib.sha256(page.lines).hexdigest()
        following = self._following(place, page, body, response)
        if (page.records and digest == place.last) or (following is not None and following == place.at):
            cause = f"{self._where} 在第 {came} 条处没有前进，一页与前一页完全相同"
            raise PullError(cause, "对方可能不认分页参数，或在末页之后重复末页：请核对 paging，并用 total 写明总数所在的字段")
        if page.total >= 0 and (came > page.total or (following is None and came < page.total)):
            raise Unready(f"{self._where} 说有 {page.total} 条，取到 {came} 条")
        is_last = following is None or came == page.total
        return Page(page.lines, page.records, None if is_last else Place(following, came, page.total, digest), page.total)

    def _following(self, place: Place, page: Page, body: Any, response: httpx.Response) -> int | str | None:
        """Where the next page begins; None after the last one, which of numbered pages is the first without a record."""
        paging = self._pull.paging
        if paging is None:
            return None
        match paging.style:
            case "page" | "offset":
                return int(place.at or 0) + (1 if paging.style == "page" else page.records) if page.records else None
            case "cursor":
                return _text(_at(body, paging.next))
            case "link":
                link = _text(_at(body, paging.next)) if paging.next else response.links.get("next", {}).get("url")
                return self._own_address(link) if link else None

    def _own_address(self, link: str) -> str:
        """A link in full; the token is sent to nobody else."""
        address = urljoin(self._pull.location, link)
        if urlsplit(address)[:2] != urlsplit(self._pull.location)[:2]:
            raise PullError(f"{self._where} 的下一页指向另一台主机 {urlsplit(address).netloc}", "令牌不会送给别的主机；请向对方核对")
        return address

    def _refuse_failure(self, body: Any) -> None:
        for path, wanted in self._pull.success.items():
            found = _at(body, path)
            if str(found) not in {str(each) for each in (wanted if isinstance(wanted, list) else [wanted])}:
                raise PullError(f"{self._where} 回答 {path}={str(found)[:40]}，不是成功", "请向对方核对这个代码的含义，以及账号的权限")

    def _total(self, body: Any) -> int:
        if not self._pull.total:
            return -1
        try:
            return int(_at(body, self._pull.total))
        except (TypeError, ValueError):
            raise PullError(f"{self._where} 的回答里没有总数“{self._pull.total}”", "请核对契约里的 total") from None

    def _answer(self, place: Place) -> httpx.Response:
        """The answer to the request for a page, with a fresh token where the one at hand has expired."""
        response = self._send(place)
        if response.status_code == 401 and self._pull.token.url:
            self._token = ""
            response = self._send(place)
        self._refuse_status(response)
        return response

    def _send(self, place: Place) -> httpx.Response:
        pull, paging = self._pull, self._pull.paging
        if paging and paging.style == "link" and place.at:
            return self._request("GET", str(place.at), {})
        parameters = {**pull.parameters, **dict(self._connection.extra.get("parameters") or {}), **_paged(paging, place)}
        in_address = dict(parse_qsl(urlsplit(pull.location).query, keep_blank_values=True)) if pull.method == "GET" else {}
        return self._request(pull.method, pull.location, {**in_address, **parameters})

    def _request(self, method: str, address: str, parameters: Mapping[str, Any]) -> httpx.Response:
        headers = {"Accept": "application/json", **self._authority()}
        self._wait_for_turn()
        sent: dict[str, Any] = {"json": parameters} if method == "POST" else {"params": parameters or None}
        return self._exchange(lambda: self._client.stream(method, address, headers=headers, **sent))

    def _exchange(self, send: Any) -> httpx.Response:
        try:
            with send() as response:
                content = b"".join(self._bounded(response))
            return httpx.Response(response.status_code, headers=_plain(response.headers), content=content, request=response.request)
        except httpx.TransportError as error:
            said = "没有回应" if isinstance(error, httpx.TimeoutException) else self._connection.hide(str(error)) or type(error).__name__
            raise BrokenOff(f"{self._where} 连不上或断开了（{said}）") from None
        except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
            raise PullError(f"{self._where} 无法访问（{type(error).__name__}）", "请核对地址，以及连接里的 headers") from None

    def _bounded(self, response: httpx.Response) -> Iterator[bytes]:
        size = 0
        for block in response.iter_bytes():
            size += len(block)
            if size > LARGEST_ANSWER:
                raise PullError(f"{self._where} 的一个回答超过 {LARGEST_ANSWER >> 20} MB", "请在契约里写 paging，分页取")
            yield block

    def _wait_for_turn(self) -> None:
        """Keep the pace that the contract allows."""
        if self._pull.requests_per_second and self._asked_at is not None:
            left = self._asked_at + 1 / self._pull.requests_per_second - self._patience.clock()
            if left > 0:
                self._patience.sleep(left)
        self._asked_at = self._patience.clock()

    def _authority(self) -> dict[str, str]:
        token, account = self._pull.token, self._connection
        if token.url:
            self._token = self._token or self._fetch_token()
        elif account.login:
            return {"Authorization": f"Basic {b64encode(f'{account.login}:{account.password}'.encode()).decode()}"}
        secret = self._token or account.password
        return {token.header: token.prefix + secret} if secret else {}

    def _fetch_token(self) -> str:
        token, account = self._pull.token, self._connection
        form = {"grant_type": "client_credentials", "client_id": account.login, "client_secret": account.password}
        response = self._exchange(lambda: self._client.stream("POST", token.url, data=form, headers={"Accept": "application/json"}))
        self._refuse_status(response)
        with suppress(ValueError):
            if found := _text(_at(json.loads(response.content), token.field)):
                return found
        raise PullError(f"{token.url} 没有给出令牌“{token.field}”", "请核对契约里的 token.field，以及连接的账号和密码")

    def _refuse_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (401, 403):
            cure = f"请核对连接“{self._connection.name}”的令牌或账号：可能已过期、停用，或没有授权这个接口"
            raise PullError(f"{self._where} 不接受我们的身份（{status}）", cure)
        if status in TRANSIENT:
            raise BrokenOff(f"{self._where} 回答 {status}", after=_retry_after(response))
        if status != 200:
            raise PullError(f"{self._where} 回答 {status}", "请核对契约里的地址和参数")


def _certificates(verify: Any) -> Any:
    if verify is True:
        return True
    import ssl

    return ssl.create_default_context(cafile=str(verify))


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """The headers of an answer that still hold once its body is decoded."""
    return {name: value for name, value in headers.items() if name not in ("content-encoding", "content-length", "transfer-encoding")}


def _paged(paging: Paging | None, place: Place) -> dict[str, Any]:
    """The parameters that ask for a page."""
    if paging is None:
        return {}
    at = {paging.at: place.at} if paging.at and place.at is not None else {}
    return {**at, **({paging.size: paging.rows} if paging.size and paging.rows else {})}


def _at(body: Any, path: str) -> Any:
    """What stands at a dotted path of an answer; None where there is nothing."""
    for key in path.split(".") if path else ():
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _text(value: Any) -> str | None:
    return None if value in (None, "", False) else str(value)


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that a server asks to wait, said as a number or a date."""
    said = response.headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    return None
