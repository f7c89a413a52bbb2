"""What was erased is known by keyed digests when it comes again, and kept out."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flow.context import Context, key_file
from flow.erase.rows import ErasedRows, cells_of
from flow.library import REFERENCE
from pool import ErasedDigest, PoolError
from schemas.contract import Contract
from sources.readers import RowFault, TextRows
from transforms.conform import conform
from transforms.erase import BETWEEN, ELEMENTS_OF_NUMBERS, Needles, cut, named_columns, parties, phones_in, plain, row_texts, written_forms
from transforms.pseudonym import pseudonyms

DIGEST, BUCKET = "erased", "erased bucket"
BUCKET_DIGITS = 5
"""So few digits of a keyed hash pass one value in a million for each that is kept, and only those are put to the slow digest."""
LONGEST_TOKEN = "[0-9]{15,17}[0-9Xx]?"
SHORTEST_NUMBER = 15
ONE_PHONE = 13
"""A longer cell may hold several phones."""
BLANKS = "\\s\u3000\u00a0"
FULL_WIDTH, HALF_WIDTH = "０１２３４５６７８９Ｘｘ", "0123456789XX"
OF_ROWS = "row:"
"""Beginning of the buckets of rows: where there is none, rows need not be looked up by their keys."""


def digests_of(key: bytes, needles: Needles, rows: Sequence[str] = ()) -> list[ErasedDigest]:
    """What is kept of a person so that they do not come back: digests of their identifiers, and of each name with each phone.

    rows: where neither is told, by what the row is known (`transforms.erase.row_texts`).
    """
    pairs = [name + BETWEEN + phone.replace("-", "") for name in needles.names for phone in needles.phones]
    of_rows = {row.upper() for row in rows}
    listed = sorted({value.upper() for value in (*needles.identifiers, *pairs)} | of_rows)
    named = pseudonyms(pa.array(listed, pa.string()), key, DIGEST).to_pylist()
    kinds = [OF_ROWS if value in of_rows else "" for value in listed]
    return [ErasedDigest(digest, kind + _bucket(_salt(key), value)) for value, digest, kind in zip(listed, named, kinds, strict=True)]


def kept_out(context: Context, rows: TextRows, contract: Contract) -> TextRows:
    """The rows of a delivery without what names an erased person; the rows themselves where nobody was ever erased.

    Raises PoolError when the key is lost by which erased persons are known.
    """
    digests = context.pool.ledger.erasures.digests()
    if not digests or contract.id in REFERENCE:  # of places, not of people
        return rows
    if not context.key:
        raise PoolError(f"假名密钥 {key_file()} 不在，认不出已依申请删除的人，不能检查新的文件。请先恢复密钥文件。")
    return keeping_out(context.key, digests, rows, contract)


def keeping_out(key: bytes, digests: Sequence[ErasedDigest], rows: TextRows, contract: Contract) -> ErasedRows:
    """The rows of a file of the contract without what the digests know."""
    known = _Known(key, frozenset(each.digest for each in digests), frozenset(each.bucket for each in digests))
    columns = {name: rows.header[place] for place, name in conform(rows.header, contract).mapping.items()}
    search = _Search(known, contract, columns, rows.header)

    def find_fault(fault: RowFault) -> bool:
        return bool(known.among(re.findall(LONGEST_TOKEN, plain(fault.text))))

    return ErasedRows(rows, search.find, find_fault)


@dataclass(frozen=True, slots=True)
class _Known:
    """The digests of what was erased, and the test whether a value is among it."""

    key: bytes
    digests: frozenset[str]
    buckets: frozenset[str]

    def among(self, values: Iterable[str]) -> set[str]:
        """Those of the values that were erased."""
        listed = sorted({value.upper() for value in values})
        named = pseudonyms(pa.array(listed, pa.string()), self.key, DIGEST).to_pylist()
        return {value for value, digest in zip(listed, named, strict=True) if digest in self.digests}


class _Search:
    """Finds in batches of rows of one file what was erased."""

    def __init__(self, known: _Known, contract: Contract, columns: Mapping[str, str], header: tuple[str, ...]) -> None:
        self._known = known
        self._contract = contract
        self._columns = columns
        kinds = {column.name: column.element.name for column in contract.columns if column.element}
        self._numbers = [header.index(columns[name]) for name, kind in kinds.items() if kind in ELEMENTS_OF_NUMBERS and name in columns]
        self._key = [_trimmed(header.index(columns[name])) if name in columns else "''" for name in contract.key]
        looks_for_rows = any(bucket.startswith(OF_ROWS) for bucket in known.buckets)
        named = [(party.name, party.alias) for party in parties(contract) if party.name in columns] if looks_for_rows else []
        self._weak = [(header.index(columns[name]), alias) for name, alias in named if name is not None]
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET threads TO 1")  # batches are small, and the check works beside it
        self._connection.execute("CREATE TABLE bucket AS SELECT unnest($1::VARCHAR[]) AS bucket", [sorted(known.buckets)])
        self._texts = [place for place in range(len(header)) if place not in self._numbers]
        self._pairs = [
            (header.index(columns[name]), header.index(columns[phone]))
            for name, phone in named_columns(contract)
            if name in columns and phone in columns
        ]

    def find(self, batch: pa.RecordBatch) -> dict[int, frozenset[str]]:
        """What goes, by index in the batch."""
        values = self._suspects(batch)
        if not values:
            return {}
        erased = self._known.among({value for found in values.values() for value in found})
        cuts = {index: self._cut(cells_of(batch, index), found & erased) for index, found in values.items() if found & erased}
        return {index: headers for index, headers in cuts.items() if headers}

    def _cut(self, cells: Mapping[str, str], erased: set[str]) -> frozenset[str]:
        pairs = [value.split(BETWEEN) for value in erased if value.count(BETWEEN) == 1]
        identifiers = frozenset(form for value in erased if BETWEEN not in value for form in written_forms(value))
        names = {name for name, _ in pairs}
        told = frozenset(cell.strip() for cell in cells.values() if cell.strip().upper() in names)
        needles = Needles(identifiers, told, frozenset(phone for _, phone in pairs))
        mine = [alias for alias, text in row_texts(self._contract, cells, self._columns).items() if text.upper() in erased]
        return cut(self._contract, cells, self._columns, needles | self._beside(cells, identifiers), mine=mine)

    def _beside(self, cells: Mapping[str, str], identifiers: frozenset[str]) -> Needles:
        """Name and phones that stand beside an erased number."""
        found = Needles()
        for party in parties(self._contract):
            number, name, phone = (cells.get(self._columns.get(column or "", ""), "") for column in (party.number, party.name, party.phone))
            if plain(number) in {form.upper() for form in identifiers}:
                found |= Needles(names=frozenset({name.strip()} - {""}), phones=frozenset(phones_in(phone)))
        return found

    def _suspects(self, batch: pa.RecordBatch) -> dict[int, set[str]]:
        """Values by index in the batch that may have been erased."""
        selects = list(self._selects(batch))
        if not selects:
            return {}
        names = [f"c{place}" for place in range(batch.num_columns - 2)]
        table = pa.Table.from_arrays([pa.array(np.arange(batch.num_rows)), *batch.columns[2:]], ["place", *names])
        salted = f"kind || left(md5('{_salt(self._known.key)}' || value), {BUCKET_DIGITS})"
        self._connection.register("rows_read", table)
        found = self._connection.execute(
            f"SELECT place, value FROM ({' UNION ALL '.join(selects)}) WHERE value <> '' AND {salted} IN (SELECT bucket FROM bucket)"
        ).fetchall()
        self._connection.unregister("rows_read")
        suspects: dict[int, set[str]] = defaultdict(set)
        for place, value in found:
            suspects[place].add(value)
        return suspects

    def _selects(self, batch: pa.RecordBatch) -> Iterator[str]:
        """SELECTs of place, value and kind of bucket; what is written as most people write it takes the short way."""
        for place in self._numbers:
            evened = f"upper(regexp_replace(translate(c{place}, '{FULL_WIDTH}', '{HALF_WIDTH}'), '[{BLANKS}]', '', 'g'))"
            yield f"SELECT place, CASE WHEN strlen(c{place}) IN (15, 18) THEN upper(c{place}) ELSE {evened} END AS value, '' AS kind FROM rows_read"
        for name, phone in self._pairs:
            number = f"replace(c{phone}, '-', '')"
            several = f"unnest(regexp_split_to_array({number}, '[;；,，、/{BLANKS}]+'))"
            for each, condition in ((number, f"<= {ONE_PHONE}"), (several, f"> {ONE_PHONE}"))[
                : 1 + _has_longer(batch.column(phone + 2), ONE_PHONE)
            ]:
                value = f"upper({_trimmed(name)} || chr(31) || {each})"
                yield f"SELECT place, {value} AS value, '' AS kind FROM rows_read WHERE c{name} <> '' AND c{phone} <> '' AND strlen(c{phone}) {condition}"
        for name, alias in self._weak:
            parts = ", ".join([f"'{self._contract.id}'", *self._key, f"'{alias}'", _trimmed(name)])
            yield f"SELECT place, upper(concat_ws(chr(31), {parts})) AS value, '{OF_ROWS}' AS kind FROM rows_read WHERE c{name} <> ''"
        for place in self._texts:
            if _may_hold_number(batch.column(place + 2)):
                tokens = f"unnest(regexp_extract_all(c{place}, '{LONGEST_TOKEN}'))"
                yield f"SELECT place, upper({tokens}) AS value, '' AS kind FROM rows_read WHERE strlen(c{place}) >= {SHORTEST_NUMBER}"


def _has_longer(column: pa.Array, length: int) -> bool:
    """Whether a text in a column is longer."""
    return bool((pc.max(pc.binary_length(column)).as_py() or 0) > length)


def _trimmed(place: int) -> str:
    return f"trim(c{place}, ' \t　 ')"


def _may_hold_number(column: pa.Array) -> bool:
    """Whether so many digits in a row stand in a column that there may be a number in one of its texts; all texts are looked at at once."""
    content = column.buffers()[-1]
    if content is None or content.size < SHORTEST_NUMBER or not _has_longer(column, SHORTEST_NUMBER - 1):
        return False
    run = np.frombuffer(content, np.uint8) - np.uint8(ord("0")) < 10
    for shift in (1, 2, 4, SHORTEST_NUMBER - 8):  # runs of 2, 4, 8, 15 digits
        run = run[:-shift] & run[shift:]
    return bool(run.any())


def _salt(key: bytes) -> str:
    salt: str = pseudonyms(pa.array([""]), key, BUCKET)[0].as_py()
    return salt


def _bucket(salt: str, value: str) -> str:
    return hashlib.md5((salt + value).encode(), usedforsecurity=False).hexdigest()[:BUCKET_DIGITS]
