"""The present results of all variation cases, one line a part: `python -m tests.address_matching.freeze` writes them to frozen.tsv."""

from pathlib import Path

import pyarrow as pa

from address_matching import match
from tests.address_matching.cases import Case, cases
from tests.address_matching.support import PREFIX

FROZEN = Path(__file__).with_name("frozen.tsv")
HEADER = "class\tas_of\ttext\tpart\tstatus\tlevel\taddress\tscore\treason\tfaults\tcandidates"


def frozen_lines() -> list[str]:
    """Header and one line for each part of each case, addresses without their common beginning."""
    return [HEADER, *(line for case in cases() for line in _lines_of(case))]


def _lines_of(case: Case) -> list[str]:
    index = case.built().index
    records = pa.table({"record_id": ["1"], "text": pa.array([case.text], pa.string()), "as_of": pa.array([case.as_of], pa.date32())})
    texts = dict(zip(index.addresses["address_id"].to_pylist(), index.addresses["full_text"].to_pylist(), strict=True))

    def short(address_id: str | None) -> str:
        return "" if address_id is None else texts[address_id].removeprefix(PREFIX)

    lines = []
    for row in match(index, records).to_pylist():
        candidates = " ; ".join(f"{short(found['address_id'])} {found['score']:g}" for found in row["candidates"])
        columns = (
            case.kind,
            str(case.as_of or ""),
            on_one_line(case.text),
            str(row["part"]),
            row["status"],
            row["level"] or "",
            short(row["address_id"]),
            f"{row['score']:g}",
            row["reason"],
            row["faults"],
            candidates,
        )
        lines.append("\t".join(columns))
    return lines


def on_one_line(text: str | None) -> str:
    """A text on one line: invisible characters as escapes, null as NULL."""
    if text is None:
        return "NULL"
    return "".join(character if character.isprintable() else character.encode("unicode_escape").decode() for character in text)


if __name__ == "__main__":
    FROZEN.write_text("\n".join(frozen_lines()) + "\n", encoding="utf-8")
