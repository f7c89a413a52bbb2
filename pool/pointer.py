"""The file `current`: a release number as text, replaced as a whole."""

from pathlib import Path

from pool.errors import PoolError
from pool.files import flush_file, flush_folder
from pool.paths import PART


class Pointer:
    """Written by the publisher alone, hence one fixed name for its unfinished form."""

    def __init__(self, path: Path, mode: int) -> None:
        self._path = path
        self._mode = mode

    def read(self) -> int | None:
        """The number, None when nothing is pointed to; raises PoolError when the file holds something else."""
        try:
            text = self._path.read_text(encoding="ascii").removesuffix("\n")
        except FileNotFoundError:
            return None
        except ValueError:
            text = "?"
        if not text.isdecimal():
            raise PoolError(f"{self._path} 已损坏：应为一个发布号，实为 {text!r}。请写回正确的发布号，或运行 datapool rollback。")
        return int(text)

    def write(self, number: int) -> None:
        """Point to a number; nothing is written when it already does."""
        if self.read() == number:
            return
        part = self._path.with_name(self._path.name + PART)
        part.unlink(missing_ok=True)
        part.write_text(f"{number}\n", encoding="ascii")
        part.chmod(self._mode)
        flush_file(part)
        part.replace(self._path)
        flush_folder(self._path.parent)

    def clear(self) -> None:
        """Point to nothing."""
        self._path.unlink(missing_ok=True)
