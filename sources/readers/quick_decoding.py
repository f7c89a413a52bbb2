"""Text of a double-byte encoding (GB18030, GBK, Big5 …) as UTF-8 by machine code: what has one or two bytes; the codec does the rest."""

import codecs
from functools import cache

import numpy as np
from numpy.typing import NDArray

from machine_code.kernel import Kernel

DOUBLE_BYTE = ("gb18030", "gbk", "gb2312", "big5")
FIRST_LEAD, LEADS, TRAILS = 0x80, 0x80, 0x100
THREE_BYTES = 0x800
"""The first character that takes so many bytes in UTF-8."""
LONGEST = 4
"""Bytes of a character at most."""

KERNEL = Kernel("sources.readers", ("quick_decoding",))


class QuickDecoder:
    """An incremental decoder from a double-byte encoding to UTF-8; it says, and raises, what the codec would."""

    def __init__(self, encoding: str) -> None:
        self._characters = _characters(encoding)
        self._codec = codecs.getincrementaldecoder(encoding)()
        self._pending = b""

    def decode(self, raw: bytes, final: bool) -> bytes:
        """Decode the next bytes. Raises UnicodeDecodeError, of which the `object` ends where these bytes end."""
        data = self._pending + raw
        source, found = np.frombuffer(data or b"\0", np.uint8)[: len(data)], np.empty(len(data) * 3 // 2 + LONGEST, np.uint8)
        parts, at = [], np.zeros(1, np.int64)
        while True:
            parts.append(found[: _recode(source, self._characters, found, at)].tobytes())
            rare, taken = self._decode_rare(data, int(at[0]), final)
            if not taken:
                self._pending = data[int(at[0]) :]
                return b"".join(parts)
            parts.append(rare)
            at += taken

    def _decode_rare(self, data: bytes, at: int, final: bool) -> tuple[bytes, int]:
        """The characters by the codec in the next few bytes, and how many bytes they took; none at the end."""
        few = data[at : at + LONGEST]
        try:
            rare = self._codec.decode(few, final and at + LONGEST >= len(data)).encode()
        except UnicodeDecodeError:
            self._codec.reset()
            self._codec.decode(data[at:], final)
            raise
        cut, _ = self._codec.getstate()
        self._codec.reset()
        return rare, len(few) - len(cut)


@cache
def _characters(encoding: str) -> NDArray[np.uint16]:
    """The character of each pair of bytes, 0 where there is none of its own."""
    characters = np.zeros((LEADS, TRAILS), np.uint16)
    for lead in range(FIRST_LEAD, FIRST_LEAD + LEADS):
        for trail in range(TRAILS):
            text = bytes((lead, trail)).decode(encoding, "replace")
            if len(text) == 1 and "\x80" <= text < "\ufffd":
                characters[lead - FIRST_LEAD, trail] = ord(text)
    return characters.ravel()


@KERNEL.entry
def _recode(raw: NDArray[np.uint8], characters: NDArray[np.uint16], found: NDArray[np.uint8], place: NDArray[np.int64]) -> int:
    """Decode from a place to the first character that has neither one byte nor two, which is the new place; returns the bytes of UTF-8."""
    at = place[0]
    to = 0
    while at < len(raw):
        byte = raw[at]
        if byte < FIRST_LEAD:
            found[to] = byte
            at += 1
            to += 1
            continue
        if at + 1 >= len(raw):
            break
        character = characters[(byte - FIRST_LEAD) * TRAILS + raw[at + 1]]
        if character == 0:
            break
        if character >= THREE_BYTES:
            found[to] = 0xE0 | (character >> 12)
            found[to + 1] = 0x80 | ((character >> 6) & 0x3F)
            to += 2
        else:
            found[to] = 0xC0 | (character >> 6)
            to += 1
        found[to] = 0x80 | (character & 0x3F)
        at += 2
        to += 1
    place[0] = at
    return to
