"""The set-up fetches packages the way the user's own pip does."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path

import pytest

from deploy.set_up import has_own_indexes, pip_settings, uv_settings

PROJECT = Path(__file__).resolve().parents[2]


def translated(listing: str, environment: dict[str, str] | None = None, *, own_indexes: bool = False, dead: tuple[str, ...] = ()):
    return uv_settings(pip_settings(listing), environment or {}, own_indexes=own_indexes, reachable=lambda location: location not in dead)


def test_pip_options_are_read_with_the_environment_first_and_the_install_section_before_the_global_one():
    listing = "\n".join(
        [
            "install.index-url='https://install.example/simple'",
            ":env:.cert='/from/environment.pem'",
            "global.index-url='https://global.example/simple'",
            "global.cert='/from/file.pem'",
            "global.extra-index-url='https://a.example/simple\\nhttps://b.example/simple'",
            "freeze.timeout='10'",
        ]
    )
    assert pip_settings(listing) == {
        "index-url": "https://install.example/simple",
        "cert": "/from/environment.pem",
        "extra-index-url": "https://a.example/simple\nhttps://b.example/simple",
    }


def test_indexes_links_certificate_and_trusted_hosts_reach_uv():
    settings, left_out = translated(
        "global.index-url='https://mirror.example/simple'\n"
        "global.extra-index-url='https://a.example/simple https://b.example/simple'\n"
        "global.find-links='/wheels /more/wheels'\n"
        "global.cert='/certificates.pem'\n"
        "global.trusted-host='a.example\\nb.example'\n"
        "global.default-timeout='180'\n"
        "global.no-index='false'\n"
    )
    assert left_out == []
    assert settings == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
        "UV_FIND_LINKS": "/wheels,/more/wheels",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "SSL_CERT_FILE": "/certificates.pem",
        "UV_INSECURE_HOST": "a.example b.example",
        "UV_HTTP_TIMEOUT": "180",
        "UV_SYSTEM_CERTS": "true",
    }


def test_an_extra_location_that_does_not_answer_is_left_out_and_named():
    dead = ("https://gone.example/simple", "/no/such/folder")
    settings, left_out = translated(
        "global.extra-index-url='https://gone.example/simple https://a.example/simple'\nglobal.find-links='/no/such/folder'\n", dead=dead
    )
    assert settings["UV_INDEX"] == "https://a.example/simple"
    assert "UV_FIND_LINKS" not in settings
    assert left_out == list(dead)


def test_what_the_user_set_for_uv_stands():
    settings, _ = translated(
        "global.cert='/pip.pem'\nglobal.index-url='https://pip.example'", {"SSL_CERT_FILE": "/own.pem"}, own_indexes=True
    )
    assert settings == {"UV_SYSTEM_CERTS": "true"}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ('index-url = "https://own.example/simple"', True),
        ('[pip]\nfind-links = ["/wheels"]', True),
        ('python-preference = "system"', False),
    ],
)
def test_a_uv_configuration_counts_when_it_names_an_index(tmp_path, text, own):
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text(text)
    assert has_own_indexes({"XDG_CONFIG_HOME": str(tmp_path)}) is own
    assert has_own_indexes({"UV_INDEX": "https://own.example/simple"})


@pytest.mark.parametrize("file", ["requirements.lock", "deploy/uv.lock.txt"])
def test_a_committed_lock_names_no_index_and_hashes_every_package(file):
    lock = (PROJECT / file).read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index" not in lock
    packages = [line for line in lock.splitlines() if line[:1].isalnum()]
    assert packages
    assert all(line.endswith("\\") for line in packages)


class Mirror:
    """A simple index on loopback holding the given wheels; remembers the paths asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, format, *arguments):
                asked.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/simple"

    def add(self, name: str, version: str, members: dict[str, bytes], tag: str = "py3-none-any") -> str:
        """Publish a wheel; the requirement line that a lock would hold."""
        page = self.folder / "simple" / name
        page.mkdir(parents=True)
        wheel = page / f"{name}-{version}-{tag}.whl"
        record = f"{name}-{version}.dist-info/RECORD"
        with zipfile.ZipFile(wheel, "w") as archive:
            lines = []
            for path, content in members.items():
                entry = zipfile.ZipInfo(path)
                entry.external_attr = 0o100755 << 16
                archive.writestr(entry, content)
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                lines.append(f"{path},sha256={digest},{len(content)}")
            archive.writestr(record, "\n".join([*lines, f"{record},,", ""]))
        (page / "index.html").write_text(f'<!DOCTYPE html><a href="{wheel.name}">{wheel.name}</a>')
        return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def add_installed(self, name: str) -> str:
        """Publish a wheel made again from what is installed here."""
        installed = distribution(name)
        prefix = f"{name}-{installed.version}"
        members = {}
        for file in installed.files or []:
            path = str(file)
            if path.startswith("../") and f"/bin/{name}" in path:
                path = f"{prefix}.data/scripts/{file.name}"
            if path.startswith("../") or path.endswith(("RECORD", ".pyc", "INSTALLER", "REQUESTED", "direct_url.json")):
                continue
            members[path] = Path(str(file.locate())).read_bytes()
        tag = next(line.partition(": ")[2] for line in members[f"{prefix}.dist-info/WHEEL"].decode().splitlines() if line.startswith("Tag"))
        return self.add(name, installed.version, members, tag)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(tmp_path / "mirror")
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()


@pytest.fixture
def small_project(tmp_path: Path, mirror: Mirror) -> Path:
    """A project of one locked package, whose set-up is the real one."""
    project = tmp_path / "project"
    (project / "deploy").mkdir(parents=True)
    shutil.copy(PROJECT / "deploy" / "set_up.py", project / "deploy")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "small-project"\nversion = "1"\nscripts = {small-command = "small:main"}\n[tool.setuptools]\npy-modules = ["small"]\n'
    )
    (project / "small.py").write_text("import carried\ndef main():\n    print(carried.WORD)\n")
    metadata = {
        "carried-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: carried\nVersion: 1.0\n",
        "carried-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [mirror.add("carried", "1.0", {"carried.py": b"WORD = 'arrived'\n", **metadata})]
    lines += [mirror.add_installed("setuptools")]
    (project / "requirements.lock").write_text("".join(lines))
    (project / "deploy" / "uv.lock.txt").write_text(mirror.add_installed("uv"))
    return project


def run_set_up(project: Path, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_")) and "proxy" not in name.lower()}
    environment = {**kept, "HOME": str(home), "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "*", **variables}
    return subprocess.run(
        [sys.executable, "deploy/set_up.py"], cwd=project, env=environment, text=True, capture_output=True, check=False, timeout=120
    )


@pytest.mark.slow
def test_a_fresh_folder_becomes_ready_through_the_users_mirror_and_stays_so(tmp_path, mirror, small_project):
    variables = {
        "PIP_INDEX_URL": mirror.url,
        "PIP_EXTRA_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_FIND_LINKS": str(tmp_path / "gone"),
        "PIP_RETRIES": "0",
    }
    first = run_set_up(small_project, tmp_path, **variables)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "跳过 pip 设置里连不上的地址：http://127.0.0.1:9/simple" in first.stdout
    assert "改用 pip" not in first.stdout
    said = subprocess.run([small_project / ".venv" / "bin" / "small-command"], text=True, capture_output=True, check=True)
    assert said.stdout == "arrived\n"

    second = run_set_up(small_project, tmp_path, **variables)
    assert (second.returncode, second.stdout) == (0, "")


@pytest.mark.slow
def test_pip_does_the_work_where_uv_cannot_be_had(tmp_path, mirror, small_project):
    shutil.rmtree(mirror.folder / "simple" / "uv")
    done = run_set_up(small_project, tmp_path, PIP_INDEX_URL=mirror.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "取不到 uv，改用 pip" in done.stdout
    assert (small_project / ".venv" / "bin" / "small-command").exists()


@pytest.mark.slow
def test_a_package_that_is_not_the_locked_one_is_refused(tmp_path, mirror, small_project):
    lock = small_project / "requirements.lock"
    lock.write_text(re.sub("(sha256:).{8}", r"\g<1>00000000", lock.read_text(), count=1))
    done = run_set_up(small_project, tmp_path, PIP_INDEX_URL=mirror.url)
    assert done.returncode == 2
    assert "安装依赖包失败" in done.stderr
    assert "镜像设置" in done.stderr


def test_a_python_without_ensurepip_is_told_which_package_to_install(tmp_path, small_project):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "ensurepip.py").write_text("raise ImportError('no ensurepip here')\n")
    done = run_set_up(small_project, tmp_path, PYTHONPATH=str(tmp_path / "bare"))
    assert done.returncode == 2
    assert "apt-get install -y python3" in done.stderr
