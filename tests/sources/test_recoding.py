"""Machine code turns large files of the Chinese encodings to UTF-8 as Python's codecs do, its errors included."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from sources.readers import recoding
from sources.readers.recoding import DOUBLE_BYTE, DoubleByte, Recoder, recoder
from sources.readers.rows import ReadError
from sources.readers.text_stream import SLICE_SIZE, Utf8Stream

CHARACTERS = [chr(code) for code in (*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, 0x110000, 37))]
BAD_BYTES = (0x30, 0x39, 0x7F, 0x80, 0x81, 0xFE, 0xFF)


def outcome(made: Callable[[], Recoder], raw: bytes, cuts: Sequence[int] = ()) -> bytes | int:
    """What a text in slices becomes, or the place of its first byte that is no character."""
    recode, done = made(), 0
    slices = [raw[start:end] for start, end in pairwise([0, *cuts, len(raw)])]
    parts = []
    try:
        for part in slices:
            done += len(part)
            parts.append(recode(part, final=False))
        parts.append(recode(b"", final=True))
    except UnicodeDecodeError as error:
        return done - len(error.object) + error.start
    return b"".join(parts)


@pytest.mark.parametrize("encoding", DOUBLE_BYTE)
def test_every_character_becomes_what_pythons_codec_makes_of_it(encoding: str) -> None:
    raw = "".join(CHARACTERS).encode(encoding, errors="ignore")
    cuts = range(SLICE_SIZE, len(raw), SLICE_SIZE)
    assert outcome(lambda: DoubleByte(encoding), raw, cuts) == raw.decode(encoding).encode()


@pytest.mark.parametrize("encoding", DOUBLE_BYTE)
def test_broken_bytes_are_found_at_the_same_place_however_the_text_is_cut(encoding: str) -> None:
    chance = random.Random(1)
    found = []
    for _ in range(3000):
        raw = bytearray("".join(chance.choices("a,\n中国€𠮷ḿ", k=8)).encode(encoding, errors="ignore"))
        for _ in range(chance.randrange(3)):
            raw[chance.randrange(len(raw))] = chance.choice(BAD_BYTES)
        text = bytes(raw[: chance.randrange(1, len(raw) + 1)])
        cuts = sorted(chance.randrange(len(text) + 1) for _ in range(3))
        found.append(outcome(lambda: DoubleByte(encoding), text, cuts))
        assert found[-1] == outcome(lambda: recoder(encoding, 0), text, cuts), (text, cuts)
    assert {type(each) for each in found} == {int, bytes}


def test_large_file_is_read_like_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "姓名,住址\n" + "张𠮷,瑞安市安阳街道\n" * 30_000
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    whole.write_bytes(text.encode("gb18030"))
    broken.write_bytes(text.encode("gb18030")[:-5] + b"\xff\xff\n")
    monkeypatch.setattr(recoding, "LARGE", 1000)
    with Utf8Stream(whole, "gb18030") as stream:
        assert b"".join(iter(stream.read, b"")) == text.encode()
    with Utf8Stream(broken, "gb18030") as stream, pytest.raises(ReadError, match="第 30001 行"):
        b"".join(iter(stream.read, b""))
