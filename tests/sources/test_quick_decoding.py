"""The quick decoder gives the text that Python's codec gives, or its error at the same byte."""

import codecs
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from sources.readers.quick_decoding import DOUBLE_BYTE, QuickDecoder

TEXTS = st.text(st.sampled_from([*'瑞安市，a1"\n\x80\x00é€·㐀龦\u200b\U0001f600']))


def decoded(decode: Callable[[bytes, bool], bytes], slices: Sequence[bytes]) -> tuple[bytes, tuple[int, str] | None]:
    """The text, and where before the end of the slices read so far an error stands."""
    text = b""
    try:
        for place, part in enumerate(slices, start=1):
            text += decode(part, place == len(slices))
    except UnicodeDecodeError as error:
        return b"", (len(error.object) - error.start, error.reason)
    return text, None


def both(encoding: str, data: bytes, cuts: list[int]) -> tuple[object, object]:
    places = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
    slices = [data[start:end] for start, end in pairwise(places)] or [b""]
    codec = codecs.getincrementaldecoder(encoding)()
    return decoded(QuickDecoder(encoding).decode, slices), decoded(lambda raw, final: codec.decode(raw, final).encode(), slices)


@pytest.mark.parametrize("encoding", DOUBLE_BYTE)
@settings(deadline=None)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=4))
def test_text_is_decoded_as_the_codec_does_wherever_it_is_cut(encoding: str, text: str, cuts: list[int]) -> None:
    ours, codecs_own = both(encoding, text.encode(encoding, "ignore"), cuts)
    assert ours == codecs_own


@pytest.mark.parametrize("encoding", DOUBLE_BYTE)
@settings(deadline=None)
@given(data=st.binary(max_size=60), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_any_bytes_fail_where_the_codec_fails(encoding: str, data: bytes, cuts: list[int]) -> None:
    ours, codecs_own = both(encoding, data, cuts)
    assert ours == codecs_own


def test_every_pair_of_bytes_is_the_character_of_the_codec() -> None:
    for encoding in DOUBLE_BYTE:
        pairs = [bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF)]
        good = b"".join(
            pair for pair in pairs if len(pair.decode(encoding, "replace")) == 1 and "\ufffd" not in pair.decode(encoding, "replace")
        )
        assert QuickDecoder(encoding).decode(good, True).decode() == good.decode(encoding)
