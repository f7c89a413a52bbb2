"""A small pool with address texts that the matcher leaves open, and workbooks filled in as people fill them in."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

from flow.context import Context
from flow.progress import silent
from flow.review.case import Case
from flow.review.cases import Cases, find_cases
from flow.review.export import export_cases
from flow.review.workbook import CASES, CHOICE, OTHER, TEXT, WHO, WHY
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, organisations, residents, write_export

LIBRARY = "reference.standard_address"
COUNTY = "浙江省温州市瑞安市"
STREETS = {
    "安阳街道中心街": (120.62, 27.78),
    "塘下镇中心街": (120.69, 27.86),
    "安阳街道安福路": (120.63, 27.78),
    "塘下镇建设路": (120.68, 27.87),
    "马屿镇建设路": (120.45, 27.77),
}
"""Town and road, and where they lie."""
PLATES = (3, 12)
AMBIGUOUS = "瑞安市中心街12号"
ALSO_AMBIGUOUS = "瑞安市建设路3号"
KNOWN_BY_POSITION = "瑞安市建设路12号"
PLAIN = "瑞安市安阳街道安福路3号"
REFERENCE = "同户籍地址"


def library(streets: Mapping[str, tuple[float, float]] = STREETS) -> list[dict[str, str]]:
    """Standard addresses: streets with their plates; the id tells the place."""
    rows = []
    for street, (lon, lat) in streets.items():
        town = re.match(".+?(?:街道|镇)", street)
        assert town is not None
        own = {"province": COUNTY[:3], "city": COUNTY[3:6], "county": COUNTY[6:], "town": town[0], "road": street.removeprefix(town[0])}
        own |= {"lon": str(lon), "lat": str(lat)}
        rows.append(own | {"address_id": street, "level": "road", "full_text": COUNTY + street})
        for plate in PLATES:
            numbered = {"house_number": f"{plate}号", "full_text": f"{COUNTY}{street}{plate}号"}
            rows.append(own | {"address_id": f"{street}{plate}", "parent_id": street, "level": "house"} | numbered)
    return rows


def people() -> list[dict[str, str]]:
    """Seven persons: three at the ambiguous plate, one at another, two at one whose town the position of one tells, one where he is registered."""
    texts = (AMBIGUOUS, AMBIGUOUS, AMBIGUOUS, ALSO_AMBIGUOUS, KNOWN_BY_POSITION, KNOWN_BY_POSITION, REFERENCE)
    rows = [row | {"registered_address_text": PLAIN, "actual_address_text": text} for row, text in zip(residents(7), texts, strict=True)]
    lon, lat = STREETS["马屿镇建设路"]
    rows[4] |= {"actual_longitude": str(lon), "actual_latitude": str(lat)}
    return rows


def write_exports(folder: Path) -> Path:
    """The first exports: library, residents, and two organisations at the ambiguous plate and a plain one."""
    write_export(folder, LIBRARY, library())
    write_export(folder, RESIDENTS, people())
    firms = [row | {"registered_address_text": text} for row, text in zip(organisations(2), (AMBIGUOUS, PLAIN), strict=True)]
    write_export(folder, ORGANISATIONS, firms)
    return folder


def later(context: Context, day: int) -> Context:
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day))


def cases_of(context: Context, *, unmatched: bool = False) -> Cases:
    return find_cases(context, unmatched=unmatched, progress=silent)


def exported(context: Context, path: Path, *, unmatched: bool = False) -> Path:
    """The workbook of all cases."""
    cases = cases_of(context, unmatched=unmatched)
    export_cases(context, cases, cases.waiting, path, progress=silent)
    return path


def fill(path: Path, answers: Mapping[str, Mapping[str, object]]) -> Path:
    """Fill in a workbook as a spreadsheet program does: texts to headers to values."""
    book = openpyxl.load_workbook(path)
    sheet = book[CASES]
    headers = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for header, value in answers.get(sheet.cell(row, headers[TEXT]).value, {}).items():
            sheet.cell(row, headers[header]).value = value
    book.save(path)
    return path


def answer(choice: str, other: str = "", who: str = "陈某", why: str = "实地核实") -> dict[str, object]:
    return {CHOICE: choice, OTHER: other or None, WHO: who or None, WHY: why or None}


def number_of(case: Case, town: str) -> int:
    """The number of the candidate in a town."""
    return next(number for number, each in enumerate(case.candidates, start=1) if each.address.town == town)


def actual_addresses(context: Context) -> dict[str, list[tuple[str, str]]]:
    """Of the current release: address text to the addresses and statuses that residences have."""
    number = context.pool.releases.current()
    assert number is not None
    found: dict[str, list[tuple[str, str]]] = {}
    for row in pq.read_table(context.pool.releases.folder(number) / "pool" / "residence.parquet").to_pylist():
        found.setdefault(row["address_text"], []).append((row["address_id"], row["match_status"]))
    return {text: sorted(set(places)) for text, places in found.items()}
