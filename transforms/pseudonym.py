"""Keyed pseudonyms: HMAC-SM3 (GB/T 32905-2016, RFC 2104) of identities, with a key that is kept outside the pool."""

from __future__ import annotations

import hashlib

import pyarrow as pa

BLOCK_BYTES = 64
PSEUDONYM_BYTES = 16
SHORTEST_KEY = 16


def pseudonyms(values: pa.Array, key: bytes, domain: str) -> pa.Array:
    """Pseudonyms of texts: 32 hexadecimal digits each, null where the text is null.

    values: array of strings; equal texts are computed once. domain: what is named, such as `person`; the same text has unrelated pseudonyms
    in two domains. Raises ValueError if the key is shorter than 16 bytes or the engine's OpenSSL has no SM3.
    """
    encoded = values.dictionary_encode() if not pa.types.is_dictionary(values.type) else values
    start_inner, start_outer = (state.copy for state in _keyed_states(key, domain))
    names: list[str | None] = []
    for text in encoded.dictionary.cast(pa.binary()).to_pylist():
        if text is None:
            names.append(None)
            continue
        inner, outer = start_inner(), start_outer()
        inner.update(text)
        outer.update(inner.digest())
        names.append(outer.hexdigest()[: 2 * PSEUDONYM_BYTES])
    return pa.array(names, pa.string()).take(encoded.indices)


def _keyed_states(key: bytes, domain: str) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The hash states after the padded key, inner and outer; copying them saves half of the work of an HMAC of a short text."""
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"假名密钥太短：{len(key)} 字节，至少要 {SHORTEST_KEY} 字节")
    try:
        hashed = hashlib.new("sm3", key).digest() if len(key) > BLOCK_BYTES else key
        padded = hashed.ljust(BLOCK_BYTES, b"\0")
        inner = hashlib.new("sm3", bytes(byte ^ 0x36 for byte in padded))
        outer = hashlib.new("sm3", bytes(byte ^ 0x5C for byte in padded))
    except ValueError as error:
        raise ValueError("本机的 OpenSSL 不支持 SM3，无法生成假名；请使用 OpenSSL 1.1.1 或更新的版本") from error
    inner.update(domain.encode() + b"\0")
    return inner, outer
