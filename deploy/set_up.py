"""Make `.venv` ready: the locked packages and the `datapool` command, fetched the way the user's own pip fetches.

Needs nothing but the standard library. The packages are installed with uv (pinned in `uv.lock.txt`), which is told what the
user's pip configuration says; where uv cannot be had or fails, pip does the work. An environment that is up to date costs one short process.
"""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX", "UV_CONFIG_FILE")
INDEX_KEYS = ("index", "index-url", "extra-index-url", "find-links", "no-index")
CERTIFICATE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class SetUpError(Exception):
    """The environment cannot be made; the text says in Chinese why and what to do."""


def pip_settings(listing: str) -> dict[str, str]:
    """Read what `pip config list` prints: option name to value, the environment before `[install]` before `[global]`."""
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listing.splitlines():
        name, separator, value = line.partition("=")
        section, _, option = name.partition(".")
        if separator and section in sections:
            sections[section][option.lower()] = str(ast.literal_eval(value))
    return {option: value for section in sections.values() for option, value in section.items()}


def uv_settings(
    pip: Mapping[str, str], environment: Mapping[str, str], *, own_indexes: bool, reachable: Callable[[str], bool]
) -> tuple[dict[str, str], list[str]]:
    """Translate pip's settings into variables of uv, and say which locations were left out because nothing answers there.

    A variable that the user set is never overruled; `own_indexes` says that uv has indexes of its own, which then stand alone.
    pip ignores an extra location that does not answer, uv fails on it; pip weighs all indexes alike, uv stops at the first.
    """
    certificate = pip.get("cert") or next((environment[name] for name in CERTIFICATE_VARIABLES if environment.get(name)), "")
    wanted = {
        "UV_SYSTEM_CERTS": "true",
        "SSL_CERT_FILE": certificate,
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": pip.get("timeout") or pip.get("default-timeout", ""),
        "UV_KEYRING_PROVIDER": "subprocess" if pip.get("keyring-provider") == "subprocess" else "",
        "HTTP_PROXY": pip.get("proxy", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
    }
    left_out: list[str] = []
    if not own_indexes:
        extra = pip.get("extra-index-url", "").split()
        links = pip.get("find-links", "").split()
        left_out = [location for location in extra + links if not reachable(location)]
        wanted |= {
            "UV_DEFAULT_INDEX": pip.get("index-url", ""),
            "UV_INDEX": " ".join(location for location in extra if location not in left_out),
            "UV_FIND_LINKS": ",".join(location for location in links if location not in left_out),
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_NO_INDEX": "true" if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"} else "",
        }
    return {name: value for name, value in wanted.items() if value and not environment.get(name)}, left_out


def has_own_indexes(environment: Mapping[str, str]) -> bool:
    """Whether the user told uv itself, by variable or by `uv.toml`, where packages come from."""
    if any(environment.get(name) for name in INDEX_VARIABLES):
        return True
    home = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config")
    for file in (home / "uv" / "uv.toml", Path("/etc/uv/uv.toml")):
        if file.is_file():
            settings = tomllib.loads(file.read_text(encoding="utf-8"))
            if any(key in settings or key in settings.get("pip", {}) for key in INDEX_KEYS):
                return True
    return False


def answers(location: str) -> bool:
    """Whether a folder exists or a server accepts connections; behind a proxy the proxy is trusted to know."""
    parts = urlsplit(location)
    if parts.scheme in {"", "file"}:
        return Path(unquote(parts.path)).exists()
    proxies = getproxies()
    if proxies.get(parts.scheme) or proxies.get("all") or not parts.hostname:
        return True
    try:
        socket.create_connection((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)), timeout=5).close()
    except OSError:
        return False
    return True


def fingerprint(project: Path) -> str:
    """What the environment was made from: the lock, the project file, this script, the interpreter and the place."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {platform.machine()} {project}".encode())
    for file in ("requirements.lock", "pyproject.toml", "deploy/uv.lock.txt", "deploy/set_up.py"):
        digest.update((project / file).read_bytes())
    return digest.hexdigest()


def run(command: Sequence[str | Path], environment: Mapping[str, str], *, shown: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command; its output is kept for an error message, or shown as it comes when a person watches."""
    pipe = None if shown and sys.stderr.isatty() else subprocess.PIPE
    arguments = [str(part) for part in command]
    try:
        return subprocess.run(arguments, env=dict(environment), stdout=pipe, stderr=pipe and subprocess.STDOUT, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(arguments, 127, stdout=str(error))


def make_environment(folder: Path) -> Path:
    """Make the virtual environment unless a sound one with this Python stands there; the path of its python."""
    python = folder / "bin" / "python"
    same = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    if run([python, "-c", same], os.environ).returncode == 0:
        return python
    if run([sys.executable, "-c", "import venv, ensurepip"], os.environ).returncode:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetUpError(
            f"{sys.executable} 缺少 venv 或 ensurepip，建不了虚拟环境。\n"
            f"Debian、Ubuntu、统信、麒麟请执行：sudo apt-get install -y python{version}-venv（或 python3-venv），然后再执行一次原来的命令。"
        )
    say(f"建立虚拟环境 {folder.name}（Python {platform.python_version()}）")
    if folder.exists():
        shutil.rmtree(folder)
    made = run([sys.executable, "-m", "venv", folder], os.environ)
    if made.returncode:
        raise SetUpError(f"建立虚拟环境失败：\n{tail(made.stdout)}\n请检查磁盘空间和目录 {folder.parent} 的写权限。")
    return python


def fetch_uv(python: Path, lock: Path) -> Path | None:
    """Install the pinned uv with the user's pip; None, with a note, when it cannot be had."""
    uv = python.parent / "uv"
    version = lock.read_text(encoding="utf-8").split()[0].partition("==")[2]
    if f" {version}" in run([uv, "--version"], os.environ).stdout:
        return uv
    say(f"安装 uv {version}（按您的 pip 设置）")
    fetched = run([python, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", lock], os.environ)
    if fetched.returncode == 0 and run([uv, "--version"], os.environ).returncode == 0:
        return uv
    say(f"取不到 uv，改用 pip 安装（较慢，约 3 分钟）。pip 的说明：\n{tail(fetched.stdout)}")
    return None


def install(python: Path, uv: Path | None, lock: Path, project: Path) -> None:
    """Install the locked packages and then the project itself, with uv where possible, else with pip."""
    from_lock: list[str | Path] = ["install", "--no-deps", "--require-hashes", "-r", lock]
    itself: list[str | Path] = ["install", "--no-deps", "--no-build-isolation", "-e", project]
    say(f"安装依赖包（{len(re.findall('^[a-z0-9].*==', lock.read_text(encoding='utf-8'), flags=re.MULTILINE))} 个，首次约 1 分钟）")
    if uv and install_with_uv(python, uv, (from_lock, itself)):
        return
    for arguments in (from_lock, itself):
        done = run([python, "-m", "pip", *arguments], os.environ, shown=True)
        if done.returncode:
            raise SetUpError(
                f"安装依赖包失败：\n{tail(done.stdout)}\n"
                "请检查网络和 pip 的镜像设置（pip config list），可用 pip config set global.index-url 地址 指定镜像，然后再执行一次原来的命令。"
            )


def install_with_uv(python: Path, uv: Path, steps: Sequence[Sequence[str | Path]]) -> bool:
    """Run the steps with uv under the user's pip settings; False, with a note, when one of them fails."""
    listing = run([python, "-m", "pip", "config", "list"], os.environ).stdout
    settings, left_out = uv_settings(pip_settings(listing), os.environ, own_indexes=has_own_indexes(os.environ), reachable=answers)
    for location in left_out:
        say(f"跳过 pip 设置里连不上的地址：{without_password(location)}")
    environment = {**os.environ, **settings, "UV_PYTHON": str(python), "UV_PYTHON_DOWNLOADS": "never"}
    for arguments in steps:
        done = run([uv, "pip", *arguments], environment, shown=True)
        if done.returncode:
            say(f"uv 安装没有成功，改用 pip（较慢）。uv 的说明：\n{tail(done.stdout)}")
            return False
    return True


def tail(output: str | None, lines: int = 12) -> str:
    """The last lines of a command's output, indented."""
    return "\n".join(f"    {without_password(line)}" for line in (output or "").strip().splitlines()[-lines:])


def without_password(text: str) -> str:
    """The text with credentials in addresses hidden."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)


def say(message: str) -> None:
    """Tell the user what happens now."""
    print(f"[准备环境] {message}", flush=True)


def set_up(project: Path) -> None:
    """Make `.venv` in the project folder ready, or raise `SetUpError`."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise SetUpError(f"需要 Python 3.11 至 3.13，现在是 {platform.python_version()}。可用 make PYTHON=/路径/python3.12 run 指定。")
    folder, lock = project / ".venv", project / "requirements.lock"
    stamp, wanted = folder / "datapool-environment", fingerprint(project)
    if stamp.is_file() and stamp.read_text() == wanted and run([folder / "bin" / "python", "-c", ""], os.environ).returncode == 0:
        return
    started = time.monotonic()
    python = make_environment(folder)
    stamp.unlink(missing_ok=True)
    install(python, fetch_uv(python, project / "deploy" / "uv.lock.txt"), lock, project)
    stamp.write_text(wanted)
    say(f"完成，用时 {time.monotonic() - started:.0f} 秒")


def main() -> int:
    """Set up the folder above this script's; 0, or 2 with a message when it could not be done."""
    try:
        set_up(Path(__file__).resolve().parent.parent)
    except SetUpError as error:
        print(f"[准备环境] 无法完成：{error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
