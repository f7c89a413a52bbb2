"""Small libraries for tests, written as lines, and results rendered as lines."""

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from address_matching import AddressIndex, Scope, build_index, match

PREFIX = "浙江省温州市瑞安市"
SCOPE = Scope(
    "浙江省",
    "温州市",
    "瑞安市",
    ("杭州市", "宁波市", "台州市", "平阳县", "苍南县", "泰顺县", "文成县", "永嘉县", "龙湾区", "鹿城区", "瓯海区"),
)


@dataclass(frozen=True)
class Library:
    index: AddressIndex

    def answers(self, text: str | None, as_of: date | None = None) -> list[str]:
        records = pa.table({"record_id": ["1"], "text": pa.array([text], pa.string()), "as_of": pa.array([as_of], pa.date32())})
        return render(match(self.index, records), self.index)


def build(lines: list[str], aliases: list[str] = ()) -> Library:
    """Make a library of `level address` lines and `kind name alias from..to` alias lines (spaces part the words)."""
    rows = [line.split(" ", 1) for line in dict.fromkeys(lines)]
    addresses = pa.table(
        {
            "address_id": [text for _, text in rows],
            "level": [level for level, _ in rows],
            "full_text": [PREFIX + text for _, text in rows],
        }
    )
    return Library(build_index(addresses, alias_table(aliases), scope=SCOPE))


def alias_table(lines: list[str]) -> pa.Table:
    entries = []
    for line in lines:
        kind, name, alias, validity = line.split(" ")
        start, end = validity.split("..")
        entries.append(
            {
                "kind": kind,
                "name": name,
                "alias": alias,
                "valid_from": date.fromisoformat(start) if start else None,
                "valid_to": date.fromisoformat(end) if end else None,
            }
        )
    schema = pa.schema(
        [("kind", pa.string()), ("name", pa.string()), ("alias", pa.string()), ("valid_from", pa.date32()), ("valid_to", pa.date32())]
    )
    return pa.Table.from_pylist(entries, schema=schema)


def render(results: pa.Table, index: AddressIndex) -> list[str]:
    """Return one line a part: status level reason address [| candidates], addresses without their common beginning."""
    texts = dict(zip(index.addresses["address_id"].to_pylist(), index.addresses["full_text"].to_pylist(), strict=True))

    def short(address_id: str | None) -> str:
        return "-" if address_id is None else texts[address_id].removeprefix(PREFIX)

    lines = []
    for row in results.to_pylist():
        line = f"{row['status']} {row['level'] or '-'} {row['reason']} {short(row['address_id'])}"
        if row["candidates"]:
            line += " | " + " ; ".join(sorted(short(candidate["address_id"]) for candidate in row["candidates"]))
        lines.append(line)
    return lines
