"""Text files of any declared encoding as a stream of UTF-8 bytes."""

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from sources.limits import limits
from sources.readers.quick_decoding import DOUBLE_BYTE, QuickDecoder
from sources.readers.rows import ReadError

# Decoding in slices that fit the processor's cache costs a quarter less than in whole blocks.
SLICE_SIZE = 128 * 1024
BLOCK_SIZE = 4 * 1024 * 1024
USUAL_SIZE = 1024 * 1024
SAMPLE_SIZE = 1024 * 1024
LINES_SIZE = 512 * 1024
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF8_NAMES = ("utf-8", "utf-8-sig")
LEAST_NULS = 0.02
"""Share of zero bytes in UTF-16 at least: digits, commas and line breaks have one each. A few alone are damage."""
AUTO = "auto"
"""Declared where senders differ: the encoding is told from the first bytes of each file."""


class Utf8Stream(io.RawIOBase):
    """A file decoded from its declared encoding and encoded as UTF-8 while it is read, without byte order mark.

    quotes, has_nul and ends_with_newline tell what has been read so far. Raises ReadError, here for a file that is
    missing, empty or clearly in another encoding, and from read() at the first byte that the encoding does not allow.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__()
        self.path = path
        self._file = _open(path)
        self._encoding = _codec_name(path, encoding)
        _refuse_other_encoding(path, self._encoding)
        self._decoder = _decoder(self._encoding)
        self._pending = b""
        self._started = False
        self._bytes_read = 0
        self.quotes = 0
        self.has_nul = False
        self.ends_with_newline = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def read(self, size: int = BLOCK_SIZE) -> bytes:
        """Return up to `size` bytes of UTF-8 (a character may be cut at the end), none at the end of the file.

        There are more than about `USUAL_SIZE` only where a record seems to be as long: who reads ahead holds many blocks.
        """
        parts = [self._pending]
        length = len(self._pending)
        while length < size:
            part = self._next_slice()
            if not part:
                break
            parts.append(part)
            length += len(part)
            if length >= USUAL_SIZE and self._has_record_end(part):
                break
        joined = b"".join(parts)
        self._pending = joined[size:]
        return joined[:size]

    def _has_record_end(self, part: bytes) -> bool:
        """Whether the last line break of the part read last stands outside quotes."""
        end = part.rfind(b"\n")
        return end >= 0 and (self.quotes - part.count(b'"', end)) % 2 == 0

    def push_back(self, unread: bytes) -> None:
        """Let the next read() begin with these bytes."""
        self._pending = unread + self._pending

    def _next_slice(self) -> bytes:
        while raw := self._file.read(SLICE_SIZE):
            part = self._recode(raw)
            if part:
                return part
        self._decode(b"", final=True)
        return b""

    def _recode(self, raw: bytes) -> bytes:
        part = self._decode(raw, final=False)
        if not self._started and part:
            self._started = True
            part = part.removeprefix(codecs.BOM_UTF8)
        if b'"' in part:
            self.quotes += part.count(b'"')
        self.has_nul = self.has_nul or b"\0" in part
        self.ends_with_newline = part.endswith((b"\n", b"\r")) if part else self.ends_with_newline
        self._bytes_read += len(raw)
        return part

    def _decode(self, raw: bytes, *, final: bool) -> bytes:
        try:
            return self._decoder(raw, final)
        except UnicodeDecodeError as error:
            raise self._undecodable(error, raw, final=final) from error
        except UnicodeError as error:
            cause = f"声明的编码是 {self._encoding}，文件开头却没有字节顺序标记（BOM）"
            raise ReadError(
                self.path, cause, f"请把约定中的 encoding 改为 {self._encoding}-le 或 {self._encoding}-be，或重新导出"
            ) from error

    def _undecodable(self, error: UnicodeDecodeError, raw: bytes, *, final: bool) -> ReadError:
        # The failing object begins with the bytes of a cut character kept from the slice before.
        start = self._bytes_read + len(raw) - len(error.object) + error.start
        if not final:
            return wrong_encoding(self.path, self._encoding, start)
        cause = f"文件在一个字符的中间结束（声明编码 {self._encoding}），很可能没有传完"
        return ReadError(self.path, cause, "请核对文件大小并重新导出", row=_line_of(self.path, start))


def _decoder(encoding: str) -> Callable[[bytes, bool], bytes]:
    """What makes UTF-8 of the next bytes of a file. Raises UnicodeError."""
    if encoding in DOUBLE_BYTE:
        return QuickDecoder(encoding).decode
    decoder = codecs.getincrementaldecoder(encoding)()
    if encoding not in UTF8_NAMES:
        return lambda raw, final: decoder.decode(raw, final).encode()

    def checked(raw: bytes, final: bool) -> bytes:
        decoder.decode(raw, final)
        return raw

    return checked


def text_lines(stream: Utf8Stream) -> Iterator[str]:
    r"""Yield the lines of the stream with their ends (\n, \r or \r\n). Raises ReadError for one that is too long."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    carried = ""
    number = 0
    while block := stream.read(LINES_SIZE):
        lines = list(io.StringIO(carried + decoder.decode(block), newline=""))
        # The last line may go on in the next block, or its \r be followed by \n there.
        carried = lines.pop() if lines else ""
        yield from lines
        number += len(lines)
        if len(carried) > limits().record_bytes:
            cause = f"一行超过 {limits().record_bytes >> 20} MB"
            raise ReadError(stream.path, cause, "请核对换行是否丢失，再重新导出", row=number + 1)
    if carried:
        yield carried


def wrong_encoding(path: Path, declared: str, start: int) -> ReadError:
    """The error for bytes that the declared encoding does not allow, naming the likely encoding."""
    likely = likely_encoding(_sample(path))
    line = _line_of(path, start)
    where = f"第 {start + 1} 个字节不是有效的 {declared} 编码"
    if likely is None:
        return ReadError(path, where, "文件可能已损坏或混用了编码，请重新导出", row=line)
    if likely.removesuffix("-sig") == declared.removesuffix("-sig"):
        return ReadError(path, where, "文件前部编码正确，此处损坏或混入了别的编码，请重新导出", row=line)
    advice = f"文件很可能是 {likely} 编码，请改正约定中的 encoding，或按 {declared} 重新导出"
    return ReadError(path, where, advice, row=line)


def likely_encoding(sample: bytes) -> str | None:
    """Name the encoding that the first bytes of a text file are most likely in; None if it cannot be told."""
    for mark, name in BYTE_ORDER_MARKS:
        if sample.startswith(mark):
            return name
    if sample.count(b"\0") > len(sample) * LEAST_NULS:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    for name in ("utf-8", "gb18030", "big5"):
        try:
            codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        return name
    return None


def _refuse_other_encoding(path: Path, declared: str) -> None:
    """Raise for a file whose first bytes prove another encoding although the declared one might decode them wrongly."""
    if declared in UTF8_NAMES or declared.startswith(("utf-16", "utf-32")):
        return
    sample = _sample(path)
    likely = likely_encoding(sample)
    if likely == "utf-8-sig" or (likely is not None and likely.startswith(("utf-16", "utf-32"))):
        raise wrong_encoding(path, declared, 0)
    if likely == "utf-8" and _mostly_chinese(codecs.getincrementaldecoder("utf-8")().decode(sample)):
        first = next(index for index, byte in enumerate(sample) if byte >= 0x80)
        raise wrong_encoding(path, declared, first)


def _mostly_chinese(text: str) -> bool:
    """Chinese in UTF-8 reads as UTF-8 by design, two-byte text hardly ever: then its characters are not Chinese."""
    beyond_ascii = [character for character in text if character >= "\x80"]
    chinese = sum(1 for character in beyond_ascii if "\u3000" <= character <= "\u9fff" or character >= "\uff00")
    return bool(beyond_ascii) and chinese * 10 >= len(beyond_ascii) * 9


def _codec_name(path: Path, encoding: str) -> str:
    if encoding == AUTO:
        encoding = likely_encoding(_sample(path)) or "utf-8"
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise ReadError(path, f"不认识的编码 {encoding}", "请改正约定中的 encoding，例如 utf-8、gb18030") from error


def _open(path: Path) -> io.FileIO:
    try:
        if path.stat().st_size == 0:
            raise ReadError(path, "文件是空的（0 字节）", "请重新导出")
        return io.FileIO(path, "rb")
    except OSError as error:
        raise ReadError(path, f"无法打开（{error.strerror}）", "请核对文件是否存在以及读取权限") from error


def _line_of(path: Path, start: int) -> int:
    """Number of the line that the byte at `start` is in."""
    line = 1
    with path.open("rb") as file:
        for begin in range(0, start, SAMPLE_SIZE):
            line += file.read(min(SAMPLE_SIZE, start - begin)).count(b"\n")
    return line


def _sample(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE_SIZE)
