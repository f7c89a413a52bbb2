"""Airflow with its page on this machine, for one user: `up` starts it and waits until it works, `down` stops it.

One process keeps the group together: when a part ends, all end, so that a half-working Airflow is never mistaken for a working one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.airflow_settings import (
    DEFAULT_PORT,
    PROJECT,
    USER,
    airflow_environment,
    airflow_home,
    data_home,
    password,
    prepare_database,
)

PARTS: dict[str, list[str]] = {"api-server": [], "scheduler": ["--skip-serve-logs"], "dag-processor": []}
START_SECONDS = 180
STOP_SECONDS = 20
PORTS_TRIED = 20


def state_file(home: Path) -> Path:
    """Where the running server's process group and port are noted."""
    return airflow_home(home) / "server.json"


def running(home: Path) -> dict[str, int] | None:
    """The noted server's `group` and `port` while any of its processes lives."""
    try:
        state: dict[str, int] = json.loads(state_file(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return state if group_lives(state["group"]) else None


def group_lives(group: int) -> bool:
    """Whether a process of the group is there that is not merely waiting to be buried."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False


def up(home: Path) -> int:
    """Start Airflow unless it runs, wait until its page, its scheduler and all DAGs are there, and tell the user where."""
    if found := running(home):
        print("Airflow 已经在运行。")
        return tell(home, found["port"])
    port = free_port(int(os.environ.get("AIRFLOW_PORT") or DEFAULT_PORT))
    os.environ.update(airflow_environment(home, port))
    log = airflow_home(home) / "logs" / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print("[1/3] 准备 Airflow 的数据库", flush=True)
    with log.open("ab") as output:
        prepared = subprocess.run(
            [sys.executable, "-m", "deploy.airflow_server", "prepare"], cwd=PROJECT, stdout=output, stderr=output, check=False
        )
        if prepared.returncode:
            return fail(home, log, "准备数据库失败")
        print("[2/3] 启动网页、调度、解析三个进程", flush=True)
        server = subprocess.Popen(
            [sys.executable, "-m", "deploy.airflow_server", "serve"],
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    state_file(home).write_text(json.dumps({"group": server.pid, "port": port}), encoding="utf-8")
    print("[3/3] 等待就绪（首次约 1 分钟）", flush=True)
    for missing in missing_parts(home, port):
        if server.poll() is not None:
            return fail(home, log, "启动失败")
        print(f"      等待{missing} …", flush=True)
    else:
        if not ready(home, port):
            return fail(home, log, f"{START_SECONDS} 秒内没有就绪")
    return tell(home, port)


def missing_parts(home: Path, port: int) -> Iterator[str]:
    """What is not there yet, each time that changes and at least every ten seconds, until all is there or time is up."""
    deadline, said, said_at = time.monotonic() + START_SECONDS, "", 0.0
    while time.monotonic() < deadline and (missing := first_missing(home, port)):
        if missing != said or time.monotonic() - said_at > 10:
            said, said_at = missing, time.monotonic()
            yield missing
        time.sleep(0.5)


def ready(home: Path, port: int) -> bool:
    """Whether the page, the scheduler and every DAG are there."""
    return not first_missing(home, port)


def first_missing(home: Path, port: int) -> str:
    """The first part that does not answer yet, or nothing."""
    base = f"http://127.0.0.1:{port}"
    try:
        health = request(f"{base}/api/v2/monitor/health")
        for part, name in (("scheduler", "调度"), ("dag_processor", "解析")):
            if health[part]["status"] != "healthy":
                return name
        expected = sum(1 for _ in (PROJECT / "schemas" / "sources").glob("*/*.yaml"))
        known = request(f"{base}/api/v2/dags?limit=1", token=log_in(home, port))["total_entries"]
        return "" if known > expected else f"任务装载（{known} 个）"
    except (OSError, KeyError, ValueError):
        return "网页"


def log_in(home: Path, port: int) -> str:
    """A token of the administrator for the REST interface."""
    body = json.dumps({"username": USER, "password": password(home)}).encode()
    return str(request(f"http://127.0.0.1:{port}/auth/token", body=body)["access_token"])


def request(url: str, *, body: bytes | None = None, token: str = "") -> dict[str, Any]:
    """Ask the REST interface on this machine, past any proxy; raises OSError when it does not answer well."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=body, headers=headers), timeout=10) as answer:
        return dict(json.load(answer))


def free_port(wanted: int) -> int:
    """The wanted port of this machine, or the next one that is free."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != wanted:
            print(f"端口 {wanted} 已被占用，改用 {port}。")
        return port
    raise SystemExit(f"端口 {wanted} 至 {wanted + PORTS_TRIED - 1} 都被占用。请用 AIRFLOW_PORT=端口 make up 另选一个。")


def tell(home: Path, port: int) -> int:
    """Say where the page is, how to log in, and what to do next."""
    print(f"""
Airflow 网页：http://127.0.0.1:{port}    用户 {USER}    密码 {password(home)}
收件箱：{home / "inbox"}/<系统>/<数据集>/
  把文件放进收件箱，在网页上触发对应的数据集任务；之后会自动汇总成新的版本。
日志：{airflow_home(home) / "logs"}
停止：make down""")
    return 0


def fail(home: Path, log: Path, cause: str) -> int:
    """Stop what was started and show the end of the log."""
    down(home)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
    print(f"Airflow {cause}。日志 {log} 的末尾：\n" + "\n".join(f"    {line}" for line in lines), file=sys.stderr)
    return 2


def down(home: Path) -> int:
    """Stop the whole process group: asked first, made to after a while."""
    state = running(home)
    if state is None:
        print("Airflow 没有在运行。")
        state_file(home).unlink(missing_ok=True)
        return 0
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.killpg(state["group"], number)
        deadline = time.monotonic() + STOP_SECONDS
        while group_lives(state["group"]) and time.monotonic() < deadline:
            time.sleep(0.2)
        if not group_lives(state["group"]):
            break
    state_file(home).unlink(missing_ok=True)
    print("Airflow 已停止。")
    return 0


def serve() -> int:
    """Run the parts in this process's group until one ends or the group is told to stop."""
    airflow = str(Path(sys.executable).with_name("airflow"))
    folder = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"])
    environment = os.environ | {"PATH": f"{Path(airflow).parent}{os.pathsep}{os.environ['PATH']}"}
    parts = {}
    for part, options in PARTS.items():
        with (folder / f"{part}.log").open("ab") as log:
            parts[part] = subprocess.Popen([airflow, part, *options], env=environment, stdout=log, stderr=log)
    ended, _ = os.wait()
    name = next((part for part, process in parts.items() if process.pid == ended), "?")
    print(f"{name} ended; stopping the others. See {folder / name}.log", flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    return 1


def main() -> int:
    """Carry out `up`, `down`, `prepare` or `serve`."""
    home = data_home()
    match sys.argv[1:]:
        case ["up"]:
            return up(home)
        case ["down"]:
            return down(home)
        case ["prepare"]:
            os.environ.update(airflow_environment(home))
            prepare_database()
            return 0
        case ["serve"]:
            return serve()
        case _:
            print("用法：python -m deploy.airflow_server up | down", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
