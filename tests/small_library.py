"""A street of standard addresses with a compound, and organisations at it, for tests of the address library on the whole path."""

from collections.abc import Mapping
from pathlib import Path

from tests.small_exports import ORGANISATIONS, organisations, write_export

ADDRESSES = "reference.standard_address"
HEAD = "浙江省温州市瑞安市"
TOWN = "安阳街道"
STREET = f"{HEAD}{TOWN}中心街"
_ABOVE = {"province": "浙江省", "city": "温州市", "county": "瑞安市", "town": TOWN}
_AT_103 = {"road": "中心街", "house_number": "103号", "compound": "阳光小区"}


def address(id: str, level: str, text: str, parent: str = "", **components: str) -> dict[str, str]:
    """A row of the library export."""
    return {"address_id": id, "parent_id": parent, "level": level, "full_text": text, "status": "在用", **_ABOVE, **components}


LIBRARY: tuple[dict[str, str], ...] = (
    address("R1", "road", STREET, road="中心街"),
    address("H101", "house", f"{STREET}101号", "R1", road="中心街", house_number="101号"),
    address("H103", "house", f"{STREET}103号", "R1", road="中心街", house_number="103号"),
    address("C1", "compound", f"{STREET}103号阳光小区", "H103", **_AT_103),
    address("B1", "building", f"{STREET}103号阳光小区1栋", "C1", **_AT_103, building="1栋"),
    address("B2", "building", f"{STREET}103号阳光小区2栋", "C1", **_AT_103, building="2栋"),
    address("M1", "room", f"{STREET}103号阳光小区1栋101室", "B1", **_AT_103, building="1栋", room="101室"),
    address("M2", "room", f"{STREET}103号阳光小区1栋102室", "B1", **_AT_103, building="1栋", room="102室"),
)


def write_library(folder: Path, rows: tuple[Mapping[str, str], ...] = LIBRARY, period: str = "20250630") -> Path:
    """The library as civil affairs delivers it."""
    return write_export(folder, ADDRESSES, rows, period=period)


def write_organisations(folder: Path, texts: Mapping[str, str], period: str = "20250630", *, copies: int = 1) -> Path:
    """One organisation a text, or several (`copies`), registered there on the date given."""
    rows = organisations(copies * len(texts))
    registered = list(texts.items()) * copies
    named = [row | {"registered_address_text": text, "approved_on": day} for row, (text, day) in zip(rows, registered, strict=True)]
    return write_export(folder, ORGANISATIONS, named, period=period)
