"""From the servers of a contract to where its files are pulled from; what cannot be read is noted as a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, get_args
from urllib.parse import parse_qsl, urlsplit

from schemas.documents import Document, Place, did_you_mean
from schemas.pull import SETTLED_SECONDS, ApiPull, Completeness, FilePull, Paging, PagingStyle, Pull, SqlPull, Token, Watermark

FILE_PROPERTIES = ("marker", "settledSeconds", "archivePassword")
SQL_PROPERTIES = ("connection", "query", "watermark")
SERVER_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "local": FILE_PROPERTIES,
    "sftp": ("connection", "hostKey", *FILE_PROPERTIES),
    "s3": ("connection", *FILE_PROPERTIES),
    "postgresql": SQL_PROPERTIES,
    "postgres": SQL_PROPERTIES,
    "mysql": SQL_PROPERTIES,
    "oracle": SQL_PROPERTIES,
    "custom": ("driver", *SQL_PROPERTIES),
    "api": ("connection", "method", "parameters", "records", "total", "success", "paging", "token", "requestsPerSecond"),
}
"""Our custom properties of a server, by its type."""
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql", "oracle": "oracle+oracledb"}
CONNECTION_NAME = re.compile(r"[a-z][a-z0-9_]*")
HOST_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}|(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: .*)?")
SECRET_NAME = re.compile(r"pass|pwd|secret|token|api_?key|app_?key|credential|密码|口令|密钥", re.IGNORECASE)
Own = Mapping[str, tuple[Any, Place]]
Part = TypeVar("Part", Watermark, Paging, Token)


def is_inbox(server: Mapping[str, Any]) -> bool:
    """Whether a server is the inbox, and not a place to pull from."""
    return server.get("type") == "local" and not str(server.get("path", "")).startswith("/")


def read_completeness(document: Document, owns: Sequence[tuple[Mapping[str, Any], Own]]) -> Completeness:
    """When a file that is dropped into the inbox counts as whole, as the first server of the inbox that says anything of it says."""
    for server, own in owns:
        if is_inbox(server) and own:
            return _completeness(document, own, 0)
    return Completeness()


def read_pulls(document: Document, owns: Sequence[tuple[Mapping[str, Any], Own]]) -> tuple[Pull, ...]:
    """Where the dataset is pulled from, in the order of the contract's servers."""
    pulls = []
    for index, (server, own) in enumerate(owns):
        kind = str(server["type"])
        if kind not in _READERS:
            document.fault(("servers", index, "type"), f"还不能从“{kind}”取数", did_you_mean(kind, list(_READERS)))
        elif not is_inbox(server):
            pulls.append(_READERS[kind](document, ("servers", index), server, own))
    names = [pull.server for pull in pulls]
    for name in {name for name in names if names.count(name) > 1}:
        document.fault(("servers",), f"有两处 server 都叫“{name}”", "请改名：按这个名字记住取到哪里")
    return tuple(pulls)


def _file_pull(document: Document, place: Place, server: Mapping[str, Any], own: Own) -> FilePull:
    kind = {"local": "folder"}.get(server["type"], server["type"])
    key = "path" if kind == "folder" else "location"
    location = str(server.get(key, ""))
    if kind != "folder":
        _check_address(document, (*place, key), location, (kind,))
    host_keys = _texts(own, "hostKey")
    for host_key in host_keys:
        if not HOST_KEY.fullmatch(host_key):
            document.fault(
                own["hostKey"][1], f"主机密钥“{host_key}”的写法不对", "请写 SHA256:…（datapool doctor 会显示），或整行公钥 ssh-ed25519 …"
            )
    return FilePull(
        server=str(server["server"]),
        kind=kind,
        location=location,
        connection="" if kind == "folder" else _connection(document, place, own),
        completeness=_completeness(document, own, SETTLED_SECONDS),
        host_keys=host_keys,
        endpoint=str(server.get("endpointUrl", "")),
    )


def _completeness(document: Document, own: Own, settled: int) -> Completeness:
    marker = _text(document, own, "marker")
    if marker and (not marker.startswith(".") or "/" in marker or len(marker) < 2):
        document.fault(own["marker"][1], f"完成标志“{marker}”应是以点开头的扩展名", "例如 .ok、.done：文件 a.csv 传完后放 a.csv.ok 或 a.ok")
    seconds = _number(document, own, "settledSeconds", 0 if marker else settled)
    return Completeness(marker, int(seconds))


def _sql_pull(document: Document, place: Place, server: Mapping[str, Any], own: Own) -> SqlPull:
    kind = str(server["type"])
    driver = DRIVERS.get(kind) or _text(document, own, "driver")
    if not driver:
        document.fault(place, "没有写明数据库驱动", "请在这个 server 的 customProperties 下写 driver，例如 dm+dmPython")
    query = _text(document, own, "query").strip().rstrip(";")
    if not re.match(r"(?:SELECT|WITH)\b", query, re.IGNORECASE):
        document.fault(own.get("query", ("", place))[1] or place, "没有写明 query，或它不是查询语句", "请写一条 SELECT（或 WITH）语句")
    return SqlPull(
        server=str(server["server"]),
        driver=driver,
        host=str(server.get("host", "")),
        port=int(server.get("port", 0)),
        database=str(server.get("serviceName") or server.get("database", "")),
        connection=_connection(document, place, own),
        query=query,
        watermark=_part(document, own, "watermark", Watermark),
        namespace=str(server.get("schema", "")),
    )


def _api_pull(document: Document, place: Place, server: Mapping[str, Any], own: Own) -> ApiPull:
    location = str(server["location"])
    _check_address(document, (*place, "location"), location, ("http", "https"))
    token = _part(document, own, "token", Token) or Token()
    if token.url:
        _check_address(document, own["token"][1], token.url, ("http", "https"))
    parameters = _mapping(document, own, "parameters")
    for name in (name for name in parameters if SECRET_NAME.search(name)):
        document.fault((*own["parameters"][1], name), f"参数“{name}”像是密钥，契约里不能写", '请放进连接的 extra：{"parameters": {…}}')
    method = _text(document, own, "method") or "GET"
    if method not in ("GET", "POST"):
        document.fault(own["method"][1], f"“method”不能是“{method}”", "请写 GET 或 POST")
    return ApiPull(
        server=str(server["server"]),
        location=location,
        connection=_connection(document, place, own),
        method="POST" if method == "POST" else "GET",
        parameters=parameters,
        records=_text(document, own, "records"),
        total=_text(document, own, "total"),
        success=_mapping(document, own, "success"),
        paging=_paging(document, own),
        token=token,
        requests_per_second=_number(document, own, "requestsPerSecond", 0),
    )


def _paging(document: Document, own: Own) -> Paging | None:
    paging = _part(document, own, "paging", Paging)
    if paging is None:
        return None
    place = own["paging"][1]
    needed = {"page": ("at",), "offset": ("at", "size", "rows"), "cursor": ("at", "next"), "link": ()}
    if paging.style not in get_args(PagingStyle):
        document.fault(place, f"分页方式“{paging.style}”不认识", did_you_mean(str(paging.style), get_args(PagingStyle)))
        return None
    for name in needed[paging.style]:
        if not getattr(paging, name):
            document.fault(
                place,
                f"分页方式 {paging.style} 缺少“{name}”",
                "at 是页码（起始行、游标）的参数名，size 是每页行数的参数名，rows 是每页行数，next 是游标所在的字段",
            )
    return paging


_READERS: Mapping[str, Callable[[Document, Place, Mapping[str, Any], Own], Pull]] = {
    "local": _file_pull,
    "sftp": _file_pull,
    "s3": _file_pull,
    **dict.fromkeys(("postgresql", "postgres", "mysql", "oracle", "custom"), _sql_pull),
    "api": _api_pull,
}


def _connection(document: Document, place: Place, own: Own) -> str:
    name = _text(document, own, "connection")
    if not CONNECTION_NAME.fullmatch(name):
        document.fault(
            own.get("connection", ("", place))[1] or place,
            "没有写明连接的名称，或名称里有小写字母、数字、下划线以外的字符",
            "请写 {property: connection, value: 连接名称}；账号和密码放在这个名称的 Airflow 连接或环境变量 AIRFLOW_CONN_… 里",
        )
    return name


def _check_address(document: Document, place: Place, address: str, schemes: Sequence[str]) -> None:
    """An address has a scheme, a host, and no account or secret in it."""
    try:
        parts = urlsplit(address)
        secret = bool(parts.username or parts.password) or any(SECRET_NAME.search(name) for name, _ in parse_qsl(parts.query))
        valid = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        secret, valid = False, False
    if not valid:
        document.fault(place, "地址的写法不对", f"请写 {schemes[-1]}://主机/路径")
    elif secret:
        document.fault(place, "地址里有账号、密码或令牌，契约里不能写", "请放进连接（Airflow 连接或环境变量 AIRFLOW_CONN_…）")


def _part(document: Document, own: Own, name: str, kind: type[Part]) -> Part | None:
    """A property that is a mapping, as a value of ours."""
    if name not in own:
        return None
    content = _mapping(document, own, name)
    types = {field.name: str(field.type) for field in fields(kind)}
    place: Place = own[name][1]
    for key, value in content.items():
        if key not in types:
            document.fault((*place, key), f"“{name}”不认识“{key}”", did_you_mean(str(key), list(types)))
        elif types[key] == "int" and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            document.fault((*place, key), f"“{key}”的值“{value}”应是不小于 0 的整数", "请改写")
    known: dict[str, Any] = {key: value if types[key] == "int" else str(value) for key, value in content.items() if key in types}
    try:
        return kind(**known)
    except TypeError:
        document.fault(place, f"“{name}”没有写全", f"可写的有：{'、'.join(types)}")
        return None


def _text(document: Document, own: Own, name: str) -> str:
    value, place = own.get(name, ("", ()))
    if not isinstance(value, str):
        document.fault(place, f"“{name}”的值“{value}”应是文本", "请改写，必要时加引号")
        return ""
    return value


def _texts(own: Own, name: str) -> tuple[str, ...]:
    value = own.get(name, ([], ()))[0]
    return tuple(str(each).strip() for each in (value if isinstance(value, list) else [value]))


def _number(document: Document, own: Own, name: str, default: float) -> float:
    value, place = own.get(name, (default, ()))
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        document.fault(place, f"“{name}”的值“{value}”应是不小于 0 的数", "请改写")
        return default
    return value


def _mapping(document: Document, own: Own, name: str) -> Mapping[str, Any]:
    empty: Place = ()
    value, place = own.get(name, ({}, empty))
    if not isinstance(value, Mapping):
        document.fault(place, f"“{name}”应写成键值", "例如 {page: 1}")
        return {}
    return value
