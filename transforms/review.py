"""What people have to decide on: the address texts that the matcher left open, and how their candidates differ."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from duckdb import DuckDBPyConnection

from schemas.contract import Contract, pool_contracts
from transforms.claims import address_input_key
from transforms.identity import sql_literal

HINTS: Mapping[str, str] = {
    "as_of": "DATE",
    "division_code": "VARCHAR",
    "community": "VARCHAR",
    "source_address_id": "VARCHAR",
    "lon": "DOUBLE",
    "lat": "DOUBLE",
}
"""Columns of the matcher's input beside the text, with their SQL types."""
COMPONENTS = (
    "town",
    "community",
    "natural_village",
    "zone",
    "road",
    "lane",
    "house_number",
    "compound",
    "building",
    "unit",
    "floor",
    "room",
)
UNIT_WORDS = "号弄幢栋座单元层楼室"
METRES_OF_A_DEGREE = 111_320
_NUMBER_WITH_UNIT = re.compile(rf"([0-9A-Z-]*[0-9])[{UNIT_WORDS}]+")


def create_asked(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str]) -> None:
    """Create table `asked(dataset, input_key, text, as_of, division_code, community, source_address_id, lon, lat, records)`.

    current: the table of current rows by contract id. One row a dataset and distinct input of the matcher; `records` counts address texts.
    """
    selects = [_asked_select(contract, place, current[contract.id]) for contract in contracts for place in range(len(contract.addresses))]
    hints = ", ".join(f"NULL::{kind} AS {name}" for name, kind in HINTS.items())
    empty = f"SELECT '' AS dataset, '' AS input_key, '' AS text, {hints} WHERE FALSE"
    connection.execute(f"""
        CREATE OR REPLACE TABLE asked AS
        SELECT *, count(*) AS records FROM ({" UNION ALL ".join([empty, *selects])}) GROUP BY ALL""")


def open_inputs(connection: DuckDBPyConnection, unmatched: Iterable[str]) -> pa.Table:
    """The inputs of every text that has one under review, or unmatched for one of these reasons.

    Needs the tables `asked` and `address_result`. Columns: those of `asked`, then `status reason address_id level candidates` of the first
    address in the text and `parts`, how many addresses the text holds; ordered by text.
    """
    reasons = ", ".join(map(sql_literal, unmatched)) or "NULL"
    return connection.sql(f"""
        WITH answered AS (
            SELECT asked.*, first.status, first.reason, first.address_id, first.level, first.candidates, all_parts.parts
            FROM asked
            JOIN address_result AS first ON asked.input_key = first.input_key AND first.part = 1
            JOIN (SELECT input_key, max(part) AS parts FROM address_result GROUP BY input_key) AS all_parts ON asked.input_key = all_parts.input_key)
        SELECT * FROM answered
        WHERE text IN (SELECT text FROM answered WHERE status = 'review' OR (status = 'unmatched' AND reason IN ({reasons})))
        ORDER BY text, records DESC, input_key, dataset""").to_arrow_table()


def _asked_select(contract: Contract, place: int, current: str) -> str:
    use = contract.addresses[place]
    hints = ", ".join(f"{getattr(use, name) or 'NULL'}::{kind} AS {name}" for name, kind in HINTS.items())
    return (
        f"SELECT {sql_literal(contract.id)} AS dataset, {address_input_key(use, 'source')} AS input_key, {use.text} AS text, {hints} "
        f"FROM {current} AS source WHERE state = 'current' AND {use.text} IS NOT NULL"
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the text and the other candidates; every entry is the Chinese name of a component and its value, empty for none."""

    unwritten: Sequence[tuple[str, str]]
    differing: Sequence[tuple[str, str]]

    def __str__(self) -> str:
        beside = [entry for entry in self.differing if entry not in self.unwritten]
        said = (("原文没有这样写", self.unwritten), ("与其他候选不同", beside))
        return "；".join(f"{head}：{_listed(named)}" for head, named in said if named) or "各级都与原文一致"


def compare(text: str, addresses: Sequence[Mapping[str, str | None]]) -> list[Comparison]:
    """How each of several standard addresses (rows of the pool table `address`) differs from a text and from the others.

    What an address does not show in its full text, such as its community, is not missed in the text.
    """
    labels = {column.name: column.label for column in pool_contracts()["address"].columns}
    plain = _plain(text)
    differing = [name for name in COMPONENTS if len({address[name] or "" for address in addresses}) > 1]
    compared = []
    for address in addresses:
        shown = [(labels[name], value) for name in COMPONENTS if (value := address[name]) and value in (address["full_text"] or "")]
        unwritten = [(label, value) for label, value in shown if not _is_written(_plain(value), plain)]
        compared.append(Comparison(unwritten, [(labels[name], address[name] or "") for name in differing]))
    return compared


def distance(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two positions that are close to each other."""
    return math.hypot((lon - other_lon) * math.cos(math.radians(lat)), lat - other_lat) * METRES_OF_A_DEGREE


def _listed(named: Sequence[tuple[str, str]]) -> str:
    return "、".join(f"{label} {value or '（无）'}" for label, value in named)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _is_written(value: str, text: str) -> bool:
    """Whether a text has the value letter for letter, no digit of another number beside it; 12 at the end of a word is 12号."""
    before, after = r"(?<![0-9A-Z-])" if value[0].isdigit() else "", r"(?![0-9A-Z])" if value[-1].isdigit() else ""
    number = _NUMBER_WITH_UNIT.fullmatch(value)
    bare = rf"|{before}{re.escape(number[1])}(?![0-9A-Z{UNIT_WORDS}-])" if number else ""
    return re.search(rf"{before}{re.escape(value)}{after}{bare}", text) is not None
