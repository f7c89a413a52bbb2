"""Real registrations against the real divisions: no room is invented, and town and village agree with certain labels."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from address_matching import Scope, build_index, match
from tests.address_matching.support import PREFIX, SCOPE

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = ("divisions/ruian_330381_villages_2023.tsv", "enterprises/ruian.tsv", "enterprises/ruian_autolabel.tsv")

pytestmark = pytest.mark.skipif(
    not all((DATA / name).is_file() for name in FILES),
    reason=f"real addresses are not at {DATA}; they are measured where they are available",
)

OLD_TOWNS = {
    "塘下镇": ("鲍田镇", "海安镇", "场桥镇", "罗凤镇", "肇平垟镇"),
    "南滨街道": ("林垟镇", "林洋镇", "阁巷镇", "飞云镇"),
    "云周街道": ("云周镇", "飞云镇"),
    "飞云街道": ("飞云镇",),
    "陶山镇": ("碧山镇", "荆谷乡"),
    "马屿镇": ("篁社镇",),
    "林川镇": ("林溪乡",),
}


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


@pytest.fixture(scope="module")
def answers() -> list[tuple[dict[str, str], dict[str, str], dict[str, object], str | None]]:
    """Registration, label, first part of the answer, and the town of the answer."""
    villages = list(rows_of(FILES[0]))
    towns = {row["s_code"]: row["street"] for row in villages}
    library = pa.table(
        {
            "address_id": [*towns, *(row["v_code"] for row in villages)],
            "level": ["town"] * len(towns) + ["community"] * len(villages),
            "full_text": [PREFIX + town for town in towns.values()] + [PREFIX + row["street"] + row["village"] for row in villages],
            "town": [*towns.values(), *(row["street"] for row in villages)],
            "community": [None] * len(towns) + [row["village"] for row in villages],
        }
    )
    pairs = [(name, old) for name, olds in OLD_TOWNS.items() for old in olds]
    aliases = pa.table({"kind": ["town"] * len(pairs), "name": [name for name, _ in pairs], "alias": [old for _, old in pairs]})
    index = build_index(library, aliases, scope=Scope(SCOPE.province, SCOPE.city, SCOPE.county, SCOPE.neighbours))
    firms = list(rows_of(FILES[1]))
    records = pa.table(
        {
            "record_id": [str(number) for number in range(len(firms))],
            "text": [firm["address"] for firm in firms],
            "as_of": [date.fromisoformat(firm["reg_date"]) for firm in firms],
        }
    )
    first = {row["record_id"]: row for row in match(index, records).to_pylist() if row["part"] == 1}
    town_of = dict(zip(index.addresses["address_id"].to_pylist(), index.addresses["town"].to_pylist(), strict=True))
    labels = list(rows_of(FILES[2]))
    return [
        (firm, label, first[str(at)], town_of.get(first[str(at)]["address_id"]))
        for at, (firm, label) in enumerate(zip(firms, labels, strict=True))
    ]


def test_nothing_finer_than_a_village_is_invented(answers) -> None:
    assert {answer["level"] for _, _, answer, _ in answers if answer["status"] == "matched"} == {"town", "community"}


def test_the_town_agrees_wherever_it_is_certain_or_the_text_names_another(answers) -> None:
    """The labels follow the first town of a text. Where a village or former town in it lies elsewhere today, that is right."""
    labelled = [entry for entry in answers if entry[1]["street_2023"] and entry[2]["status"] == "matched"]
    assert len(labelled) >= 1460
    other = [(firm["address"], answer, town) for firm, label, answer, town in labelled if town != label["street_2023"]]
    unexplained = [text for text, answer, town in other if answer["level"] != "community" and not _names_town(text, town)]
    assert len(other) <= 40
    assert unexplained == []


def _names_town(text: str, town: str | None) -> bool:
    names = [town or "", *OLD_TOWNS.get(town or "", ())]
    return any(re.sub("(街道|镇|乡)$", "", name) in text for name in names)


def test_the_village_agrees_wherever_it_is_certain(answers) -> None:
    labelled = [(label["village2023_code"], answer) for _, label, answer, _ in answers if label["village2023_code"]]
    found = [(code, answer["address_id"]) for code, answer in labelled if answer["level"] == "community"]
    assert len(found) >= 340
    assert all(code == address_id for code, address_id in found)
