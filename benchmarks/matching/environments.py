"""A Python environment for each set of pinned requirements, made once."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


class EnvironmentFault(RuntimeError):
    """The environment of a peer cannot be made; the message holds what the installer said."""


def python_of(name: str, root: Path, say: Callable[[str], None]) -> Path:
    """Return the Python of the environment with `requirements/<name>.txt`, made if it is not there."""
    requirements = REQUIREMENTS / f"{name}.txt"
    digest = blake2b(requirements.read_bytes() + sys.version.encode(), digest_size=4).hexdigest()
    folder = root / f"{name}-{digest}"
    python = folder.absolute() / "bin" / "python"
    if (folder / "complete").exists():
        return python
    say(f"准备 {name} 的运行环境")
    shutil.rmtree(folder, ignore_errors=True)
    uv = Path(sys.executable).parent / "uv"
    commands: list[list[str | Path]] = [[sys.executable, "-m", "venv", folder], [python, "-m", "pip", "install", "-q", "-r", requirements]]
    if uv.exists():
        commands = [
            [uv, "venv", "-q", "--python", sys.executable, folder],
            [uv, "pip", "install", "-q", "--python", python, "-r", requirements],
        ]
    for command in commands:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise EnvironmentFault(f"{name} 的运行环境没有装好：\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    (folder / "complete").touch()
    return python
