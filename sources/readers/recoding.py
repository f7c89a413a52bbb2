"""Bytes of a declared encoding as UTF-8, slice by slice; large files in the Chinese double-byte encodings by machine code."""

from __future__ import annotations

import codecs
import ctypes
import sys
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

UTF8_NAMES = ("utf-8", "utf-8-sig")
DOUBLE_BYTE = ("gb18030", "gbk", "gb2312")
LARGE = 32 << 20
"""Files from so many bytes on are worth the fifth of a second that compiling and the table take."""
LONGEST = 4
"""Bytes of a character at most."""


class Recoder(Protocol):
    """Turns one slice after the other to UTF-8; a character cut at the end of a slice goes on in the next.

    Raises UnicodeError, UnicodeDecodeError with the bytes kept from before and those of the slice as its object.
    """

    def __call__(self, raw: bytes, *, final: bool) -> bytes: ...


def recoder(encoding: str, size: int) -> Recoder:
    """The quickest recoder for a file of so many bytes in an encoding of Python."""
    if encoding in UTF8_NAMES:
        return _Checked(encoding)
    if encoding in DOUBLE_BYTE and size >= LARGE and sys.byteorder == "little":
        return DoubleByte(encoding)
    return _Decoded(encoding)


class _Decoded:
    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def __call__(self, raw: bytes, *, final: bool) -> bytes:
        return self._decoder.decode(raw, final).encode()


class _Checked(_Decoded):
    """What is UTF-8 already, its characters cut where the slices are."""

    def __call__(self, raw: bytes, *, final: bool) -> bytes:
        self._decoder.decode(raw, final)
        return raw


class DoubleByte:
    """Characters of one and two bytes by machine code; what else there is, one at a time by Python's codec, which also tells the errors."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._table = _table(encoding)
        self._recode = _machine_code()
        self._place = ctypes.c_int64()
        self._out = np.empty(0, np.uint8)
        self._kept = b""

    def __call__(self, raw: bytes, *, final: bool) -> bytes:
        raw = self._kept + raw
        if len(self._out) < 2 * len(raw) + 8:
            self._out = np.empty(2 * len(raw) + 8, np.uint8)
        out, table, ended = self._out.ctypes.data, self._table.ctypes.data, ctypes.byref(self._place)
        parts, place = [], 0
        while True:
            written = self._recode(raw, place, len(raw), out, table, ended)
            parts.append(ctypes.string_at(out, written))
            place = self._place.value
            character = self._one(raw, place, final=final)
            if not character:
                self._kept = raw[place:]
                return b"".join(parts)
            parts.append(character)
            place += LONGEST

    def _one(self, raw: bytes, place: int, *, final: bool) -> bytes:
        """The character of four bytes at a place, nothing if it is not there yet."""
        try:
            return codecs.getincrementaldecoder(self._encoding)().decode(raw[place : place + LONGEST], final).encode()
        except UnicodeDecodeError as error:
            raise UnicodeDecodeError(error.encoding, raw, place + error.start, place + error.end, error.reason) from error


@cache
def _table(encoding: str) -> NDArray[np.uint32]:
    entries = bytearray(4 << 16)
    for pair in range(0x8000, 0x10000):
        try:
            character = pair.to_bytes(2, "big").decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(character) == 1:
            text = character.encode()
            entries[4 * pair : 4 * pair + 4] = text.ljust(3, b"\0") + bytes([len(text)])
    return np.frombuffer(bytes(entries), np.uint32)


@cache
def _machine_code() -> Callable[..., int]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(files("sources.readers").joinpath("recode.ll").read_text(encoding="utf-8"))
    machine = llvm.Target.from_default_triple().create_target_machine(opt=3)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    _engines.append(engine)
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    kind = ctypes.CFUNCTYPE(number, ctypes.c_char_p, number, number, pointer, pointer, pointer)
    return kind(engine.get_function_address("recode"))


_engines: list[Any] = []
"""The code lives as long as its engine."""
