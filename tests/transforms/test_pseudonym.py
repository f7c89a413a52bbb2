"""Pseudonyms are HMAC-SM3, the same for the same text, key and domain, and nothing else."""

import hashlib
import hmac

import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from transforms.pseudonym import pseudonyms

KEY = b"0123456789abcdef0123456789abcdef"


def test_sm3_of_this_machine_agrees_with_the_standards_vectors() -> None:
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert hashlib.new("sm3", b"abcd" * 16).hexdigest() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@settings(deadline=None)
@given(st.lists(st.none() | st.text()), st.binary(min_size=16, max_size=100), st.sampled_from(["person", "organisation"]))
def test_pseudonyms_are_the_first_half_of_the_keyed_hash(texts: list[str | None], key: bytes, domain: str) -> None:
    expected = [None if text is None else hmac.new(key, f"{domain}\0{text}".encode(), "sm3").hexdigest()[:32] for text in texts]
    assert pseudonyms(pa.array(texts, pa.string()), key, domain).to_pylist() == expected


def test_domains_and_keys_have_unrelated_pseudonyms() -> None:
    values = pa.array(["某人"])
    found = {pseudonyms(values, key, domain)[0].as_py() for key in (KEY, KEY[::-1]) for domain in ("person", "organisation")}
    assert len(found) == 4


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="密钥太短"):
        pseudonyms(pa.array(["某人"]), b"short", "person")
