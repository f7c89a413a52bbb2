"""Where a dataset is pulled from, as its contract says it: places, paths, queries and the name of a connection, never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PagingStyle = Literal["page", "offset", "cursor", "link"]
SETTLED_SECONDS = 60
"""How long a file of another machine must have rested before it is taken for whole, unless the contract says otherwise."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """When a file counts as whole: once `<file><marker>` (or the marker in the place of its suffix) stands beside it, where a marker is
    named, and once it was not written to for `settled_seconds`."""

    marker: str = ""
    settled_seconds: int = 0


@dataclass(frozen=True, slots=True)
class FilePull:
    """Files of a folder, an SFTP server or an object store.

    `location`: an absolute path, `sftp://host[:port]/path` or `s3://bucket/path`, with `*`, `?` and `**`; `host_keys`: those an SFTP server may
    show, as `SHA256:...` or as public keys; `endpoint`: the address of an object store.
    """

    server: str
    kind: Literal["folder", "sftp", "s3"]
    location: str
    connection: str
    completeness: Completeness
    host_keys: tuple[str, ...] = ()
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Watermark:
    """The column that only grows, and how far behind the last value seen a pull starts: seconds of a time, else a number."""

    column: str
    overlap: int = 0


@dataclass(frozen=True, slots=True)
class SqlPull:
    """The rows of a query. `driver` is the dialect and driver of SQLAlchemy, `namespace` the schema in which names without one are looked up."""

    server: str
    driver: str
    host: str
    port: int
    database: str
    connection: str
    query: str
    watermark: Watermark | None = None
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How the pages of an answer are asked for.

    `page`, `offset`: the parameter `at` counts pages from `first`, or rows; `size` is the parameter that says `rows` a page. `cursor`: what
    the answer holds at `next` is given back as the parameter `at`. `link`: `next`, or the header Link, holds the address of the next page.
    """

    style: PagingStyle
    at: str = ""
    size: str = ""
    rows: int = 0
    first: int = 1
    next: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """How a request says who asks: `header: prefix + token`. With a `url` the token is fetched there (OAuth 2 client credentials)."""

    header: str = "Authorization"
    prefix: str = "Bearer "
    url: str = ""
    field: str = "access_token"


@dataclass(frozen=True, slots=True)
class ApiPull:
    """The records of an HTTP interface that answers in JSON.

    `records`, `total` and the key of `success` are dotted paths into an answer: its list of records, how many there are in all, and what tells
    that it is no error.
    """

    server: str
    location: str
    connection: str
    method: Literal["GET", "POST"] = "GET"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    records: str = ""
    total: str = ""
    success: Mapping[str, Any] = field(default_factory=dict)
    paging: Paging | None = None
    token: Token = field(default_factory=Token)
    requests_per_second: float = 0


Pull = FilePull | SqlPull | ApiPull
