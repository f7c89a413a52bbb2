"""Texts gathered into places that the library lacks: what is one place, what is two, and how sure it is."""

from datetime import date

from address_matching.components import is_misspelling
from transforms.proposals import Evidence, Gathered, Part, Sighting, Telling, doubted, gather

DEPARTMENTS = {"police": "公安", "market": "市监", "food": "市监"}


def part(level: str, value: str) -> Part:
    return Part(level, value, value.rstrip("号幢栋室"))


def seen(
    *parts: Part, parent: str = "T1", dataset: str = "police", records: int = 1, text: str = "原文", day: date | None = None
) -> Sighting:
    return Sighting(parent, parts, dataset, text, records, day, day)


def stem(level: str, key: str) -> str:
    return key.removesuffix("村").removesuffix("社区") if level == "community" else key


TOLD = Telling(stem, is_misspelling, ("road", "community", "compound"))


def found(*sightings: Sighting) -> dict[str, Gathered]:
    return {"".join(part.value for part in each.parts): each for each in gather(sightings, TOLD)}


def test_every_level_that_is_named_is_a_place_with_the_records_of_all_below() -> None:
    road, house = part("road", "虹桥路"), part("house", "5号")
    places = found(seen(road, house, records=2), seen(road, part("house", "7号")), seen(road, dataset="market"))
    assert {name: each.evidence.total for name, each in places.items()} == {"虹桥路": 4, "虹桥路5号": 2, "虹桥路7号": 1}
    assert places["虹桥路"].evidence.records == {"police": 3, "market": 1}


def test_spellings_of_one_place_are_one_and_the_most_frequent_stands() -> None:
    places = found(
        seen(part("building", "3幢")),
        seen(part("building", "3栋"), records=2),
        seen(part("community", "新联村"), records=2),
        seen(part("community", "新联社区")),
    )
    assert {name: each.evidence.total for name, each in places.items()} == {"3栋": 3, "新联村": 3}


def test_misspelt_name_joins_the_one_that_more_records_spell() -> None:
    places = found(
        seen(part("road", "隆山东大路"), records=3),
        seen(part("road", "隆珊东大路")),
        seen(part("road", "隆山东路"), records=2, parent="T2"),
    )
    assert {name: each.evidence.total for name, each in places.items()} == {"隆山东大路": 4, "隆山东路": 2}, (
        "other parents are other places"
    )


def test_short_name_beside_a_like_one_with_more_records_is_doubted_only() -> None:
    gathered = gather(
        [seen(part("road", "开发巷"), records=9), seen(part("road", "凯发巷"), records=3), seen(part("house", "3号"), records=3)], TOLD
    )
    names = [each.parts[-1].value for each in gathered]
    assert {names[number]: other for number, other in doubted(gathered, TOLD).items()} == {"凯发巷": "开发巷"}


def test_building_named_without_the_only_compound_of_its_plate_lies_in_it() -> None:
    plate, compound = part("house", "3号"), part("compound", "阳光小区")
    places = found(seen(plate, compound, part("building", "1幢"), records=5), seen(plate, part("building", "1幢"), records=2))
    assert places["3号阳光小区1幢"].evidence.total == 7
    assert "3号1幢" not in places
    both = found(
        seen(plate, compound, records=2), seen(plate, part("compound", "月光公寓"), records=2), seen(plate, part("building", "1幢"))
    )
    assert "3号1幢" in both, "nobody can tell in which"


def test_departments_weigh_more_than_records_of_one() -> None:
    def sure(*records: tuple[str, int]) -> float:
        evidence = Evidence()
        for dataset, count in records:
            evidence.add(seen(part("house", "1号"), dataset=dataset, records=count))
        return evidence.confidence(DEPARTMENTS)

    assert sure(("police", 1)) < sure(("police", 3)) < sure(("police", 2), ("market", 1))
    assert sure(("market", 2), ("food", 1)) == sure(("market", 3)), "datasets of one department are one voice"
    assert sure(("police", 10**6)) < 1


def test_evidence_spans_the_dates_of_its_texts() -> None:
    places = found(
        seen(part("house", "1号"), day=date(2020, 5, 1)), seen(part("house", "1号"), day=date(2019, 1, 1)), seen(part("house", "1号"))
    )
    evidence = places["1号"].evidence
    assert (evidence.first, evidence.last) == (date(2019, 1, 1), date(2020, 5, 1))
