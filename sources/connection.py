"""Accounts and secrets of the places that exports are pulled from, as Airflow writes its connections."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from sources.pull.errors import PullError

VARIABLE = "AIRFLOW_CONN_"
SHORTEST_SECRET = 4
"""Shorter texts are not looked for in messages: hiding them would make the message unreadable."""
HIDDEN = "***"
NOT_SECRET = frozenset({"sqlalchemy_scheme", "region", "region_name", "verify", "url_style"})
"""What the extra of a connection may say that messages may show."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of Airflow: its name, account, password and `extra`, which are never shown; host and port where the contract names none."""

    name: str
    login: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int = 0
    schema: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def hide(self, text: str) -> str:
        """The text without the secrets of this connection, as they are or as an address writes them."""
        for secret in sorted({form for each in self._secrets() for form in (each, quote(each, safe=""))}, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def _secrets(self) -> Iterator[str]:
        yield from (each for each in (self.password, *_texts(self.extra)) if len(each) >= SHORTEST_SECRET)


Resolve = Callable[[str], Connection]
"""Finds the connection of a name. Raises PullError when there is none."""


def variable_of(name: str) -> str:
    """The environment variable that holds a connection."""
    return f"{VARIABLE}{name.upper()}"


def from_environment(environment: Mapping[str, str]) -> Resolve:
    """Connections as environment variables `AIRFLOW_CONN_<NAME>` hold them, without Airflow."""

    def resolve(name: str) -> Connection:
        text = environment.get(variable_of(name), "").strip()
        if not text:
            raise PullError(
                f"没有名为“{name}”的连接", f"请设置环境变量 {variable_of(name)}，或在 Airflow 的“连接”里添加；写法见 docs/connections.md"
            )
        return connection_from(name, text)

    return resolve


def connection_from(name: str, text: str) -> Connection:
    """A connection from the text that Airflow keeps for it: JSON, or an address `type://login:password@host:port/schema?extra`.

    Raises PullError when it is neither; the message does not repeat the text.
    """
    try:
        return _from_json(name, text) if text.startswith("{") else _from_address(name, text)
    except (ValueError, TypeError, AttributeError):
        cure = "请核对：密码里的 @ : / ? # % 等字符要按网址编码；也可以写成 JSON"
        raise PullError(f"连接“{name}”的写法不对", cure) from None  # the cause quotes the text


def _from_json(name: str, text: str) -> Connection:
    content = json.loads(text)
    extra = content.get("extra") or {}
    return Connection(
        name=name,
        login=content.get("login") or "",
        password=content.get("password") or "",
        host=content.get("host") or "",
        port=int(content.get("port") or 0),
        schema=content.get("schema") or "",
        extra=dict(json.loads(extra) if isinstance(extra, str) else extra),
    )


def _from_address(name: str, text: str) -> Connection:
    parts = urlsplit(text)
    if not parts.scheme or not text.partition(":")[2].startswith("//"):
        raise ValueError(name)
    extra: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "__extra__" in extra:  # how Airflow writes an extra that is more than texts
        extra = dict(json.loads(extra["__extra__"]))
    return Connection(
        name=name,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=unquote(parts.hostname or ""),
        port=parts.port or 0,
        schema=unquote(parts.path.lstrip("/")),
        extra=extra,
    )


def _texts(value: Any, key: str = "") -> Iterator[str]:
    """All texts in an extra that may be secret."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, str(name))
    elif isinstance(value, str) and key not in NOT_SECRET:
        yield value
