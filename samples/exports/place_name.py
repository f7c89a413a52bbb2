"""Export of civil affairs: standard names of places with their former and other names, a workbook."""

from collections.abc import Iterator

import numpy as np
from pypinyin import lazy_pinyin

from samples.exports.desk import Desk
from samples.exports.table import Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates


def place_name(desk: Desk) -> Iterator[Table]:
    """All of them, in one table; the names are clean, for they become names of the library."""
    found = desk.world.place_names
    rng = draws(desk.seed, "place_name")
    days = np.array([each.approved for each in found], dtype=np.int64)
    approved, forms = write_dates(days, "chinese", rng, 0.1)
    years = [day[:4] for day in iso_dates(days)]
    table = Table(
        key="place_code",
        columns={
            "place_code": [each.code for each in found],
            "name": [each.name for each in found],
            "pinyin": ["".join(lazy_pinyin(each.name)).capitalize() for each in found],
            "kind": [each.kind for each in found],
            "within": [each.town for each in found],
            "meaning": [f"以{each.name[0]}字得名" for each in found],
            "history": [f"{each.renamed[:4]}年由{each.former}更名" if each.former and each.renamed else "沿用至今" for each in found],
            "former_name": [each.former for each in found],
            "renamed_on": [each.renamed for each in found],
            "other_name": [each.other for each in found],
            "extent": [f"东起{each.town}，西至{desk.world.city.short}界" if each.kind == "道路" else "" for each in found],
            "divisions": [each.town for each in found],
            "approval_number": [f"{desk.world.city.short}政地〔{year}〕{at}号" for at, year in enumerate(years, start=1)],
            "approved_on": approved,
        },
        about={},
    )
    table.note("approved_on", forms)
    plant = table.plant
    plant("placeholder_value", "former_name", 0.02, lambda value, _: None if value else "无", rng)
    plant("unknown_code", "kind", 0.015, values.unknown_code, rng)
    plant("missing_required", "name", 0.01, values.blank, rng)
    plant("impossible_date", "approved_on", 0.01, values.impossible_date, rng)
    repeat_some(table, rng, "extent", 0.01, other="起止点待查")
    yield table
