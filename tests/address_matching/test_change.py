"""What a change of the library can touch: every record that a full run would answer otherwise, and few others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from address_matching import AddressIndex, build_index, match
from address_matching.change import Change
from address_matching.change.needles import exactly, needles_of_word
from address_matching.change.texts import Haystack, has, with_wildcards
from address_matching.fuzzy import difference
from address_matching.latin import is_latin
from address_matching.match import Request, match_one
from address_matching.model import ALIAS_SCHEMA, LIBRARY_SCHEMA, ROAD
from address_matching.normalise import normalise
from address_matching.tokens import Sense
from benchmarks.matching.library import generate_library
from benchmarks.matching.library.table import alias_table as made_aliases, library_table
from benchmarks.matching.matchers.ours import scope
from benchmarks.matching.queries import make_queries
from benchmarks.matching.store import CITY
from tests.address_matching.cases import cases
from tests.address_matching.changing import HINTS, NOISE, STEMS, Drawing, Row, results
from tests.address_matching.support import PREFIX, SCOPE, alias_table

PLATES = ("house 安阳街道隆山东路1号", "house 安阳街道隆山东路12号", "house 安阳街道隆山东路558号")
GARDEN = ("room 安阳街道隆山东路558号阳光花苑3幢502室", "room 安阳街道隆山东路558号阳光花苑5幢1单元502室")
TWINS = ("house 安阳街道万松路5号", "house 塘下镇万松路5号")
LINES = (*PLATES, *GARDEN, "house 安阳街道罗阳大道12号", "community 安阳街道兴隆社区", "zone 塘下镇罗凤工业区", "house 塘下镇镇前街5号")


def index_of(lines: Sequence[str], aliases: Sequence[str] = (), **facts: dict[str, Any]) -> AddressIndex:
    """The index of `level address` lines and alias lines (support.build); facts: address to values of other columns of its row."""
    rows = [line.split(" ", 1) for line in dict.fromkeys(lines)]
    table = [{"address_id": text, "level": level, "full_text": PREFIX + text} | facts.get(text, {}) for level, text in rows]
    schema = LIBRARY_SCHEMA.append(pa.field("division_code", pa.string()))
    return build_index(pa.Table.from_pylist(table, schema=schema), alias_table([*aliases]), scope=SCOPE)


def record(text: str | None, **hints: Any) -> pa.Table:
    columns = {name: pa.array([hints.get(name)], kind) for name, kind in HINTS.items()}
    return pa.table({"record_id": ["1"], "text": pa.array([text], pa.string()), **columns})


@dataclass(frozen=True)
class Changed:
    """A library before and after a change."""

    old: AddressIndex
    new: AddressIndex

    def touches(self, *texts: str) -> list[bool]:
        return [bool(flag) for text in texts for flag in Change(self.old, self.new).touches(record(text))]

    def alters(self, records: pa.Table) -> bool:
        return bool(match(self.old, records) != match(self.new, records))


def changed(*, add: Sequence[str] = (), drop: Sequence[str] = (), alias: Sequence[str] = (), no_alias: Sequence[str] = ()) -> Changed:
    """The library of LINES before and after lines and aliases are added and dropped."""
    kept = [line for line in LINES if line not in drop]
    return Changed(index_of(LINES, no_alias), index_of([*kept, *add], alias))


@given(st.integers(min_value=0, max_value=10**9))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_records_that_a_change_does_not_touch_are_answered_as_by_a_full_run(seed: int) -> None:
    random = Random(seed)
    before = Drawing(random, size=random.choice((25, 60, 100)))
    after = before.copy()
    changes = [after.change() for _ in range(random.choice((1, 1, 1, 2, 4)))]
    records = random.choice((before, after)).records(before.differing(after), 150)
    old, new = before.index(), after.index()
    answers, full_run = results(old, records), results(new, records)
    for number in np.flatnonzero(~Change(old, new).touches(records)).tolist():
        assert answers[number] == full_run[number], (changes, records.slice(number, 1).to_pylist())


def _moved(address: str) -> dict[str, dict[str, Any]]:
    return {address: {"address_id": "moved"}}


SUNNY = ("compound 安阳街道隆山东路1号阳光花苑", "compound 安阳街道隆山东路12号阳光花苑", "road 安阳街道隆山东路")
SUNS = (
    "compound 塘下镇隆山东路1号阳光花园", "compound 莘塍街道隆山东路1号阳光公寓", "community 安阳街道兴隆社区", "community 塘下镇前里村", "community 莘塍街道后里村"
)  # fmt: skip
SUNS_LIE = {"塘下镇隆山东路1号阳光花园": {"community": "前里村"}, "莘塍街道隆山东路1号阳光公寓": {"community": "后里村"}}
STREET = ("house 塘下镇镇前街5号",)
WAYS = {
    "a new plate on the road": (index_of(PLATES), index_of([*PLATES, "house 安阳街道隆山东路14号"]), record("隆山东路14号")),
    "a misspelt road": (index_of(PLATES), index_of([*PLATES, "house 安阳街道隆山东路14号"]), record("龙山东路14号")),
    "a road misspelt by ear": (index_of(PLATES), index_of([*PLATES, "house 安阳街道隆山东路14号"]), record("龙珊东路14号")),
    "a character spelled out": (index_of(STREET), index_of([*STREET, "house 塘下镇镇前街7号"]), record("镇qian街7号")),
    "a character that cannot be read": (index_of(STREET), index_of([*STREET, "house 塘下镇镇前街7号"]), record("镇?街7号")),
    "a road with another generic part": (index_of(PLATES), index_of([*PLATES, "house 安阳街道隆山东路14号"]), record("隆山东大街14号")),
    "a road in Latin letters": (index_of(PLATES), index_of([*PLATES, "road 安阳街道龙山东路"]), record("No.12 Longshan East Road")),
    "a range that a plate begins": (index_of(PLATES), index_of([*PLATES, "house 安阳街道隆山东路14号"]), record("隆山东路12-16号")),
    "a plate that may be cut short": (
        index_of(["house 安阳街道隆山东路5号"]),
        index_of(["house 安阳街道隆山东路5号", "house 安阳街道隆山东路55号"]),
        record("浙江省温州市瑞安市瑞安市安阳街道隆山东路5"),
    ),
    "a room without its unit": (
        index_of(GARDEN),
        index_of([*GARDEN, "room 安阳街道隆山东路558号阳光花苑5幢2单元502室"]),
        record("阳光花苑5幢502室"),
    ),
    "a name behind a word of one character": (
        index_of(PLATES),
        index_of([*PLATES, "road 安阳街道万丰东路"]),
        record("隆山东路12号旁万丰里"),
    ),
    "a part of a compound's name": (
        index_of(PLATES),
        index_of([*PLATES, "compound 安阳街道隆山东路1号虹桥丽都公寓"]),
        record("安阳街道虹桥"),
    ),
    "a part that means one compound once the other is gone": (
        index_of([*PLATES, "compound 安阳街道隆山东路1号虹桥丽都公寓", "compound 安阳街道隆山东路12号虹桥大世界公寓"]),
        index_of([*PLATES, "compound 安阳街道隆山东路1号虹桥丽都公寓"]),
        record("安阳街道虹桥"),
    ),
    "a name in several towns that come in another order": (
        index_of(SUNS, **SUNS_LIE),
        index_of([*SUNS, "compound 莘塍街道虹桥大厦"], **SUNS_LIE),
        record("瑞安市兴隆社区阳光小区"),
    ),
    "the id of what lies above": (index_of(SUNNY), index_of(SUNNY, **_moved("安阳街道隆山东路")), record("安阳街道阳光花苑")),
    "a town that has more than villages now": (
        index_of(["community 湖岭镇前岗村"]),
        index_of(["community 湖岭镇前岗村", "road 湖岭镇人民路"]),
        record("湖岭镇某某大厦"),
    ),
    "an old plate": (index_of(PLATES), index_of(PLATES, ["address 安阳街道隆山东路12号 老城路7号 .."]), record("瑞安市老城路7号")),
    "a text whose meaning people have told": (
        index_of(PLATES),
        index_of(PLATES, ["text 安阳街道隆山东路12号 万家福后门 .."]),
        record("万家福后门"),
    ),
    "an id that a source gives": (
        index_of(GARDEN),
        index_of(PLATES),
        record("安阳街道", source_address_id="安阳街道隆山东路558号阳光花苑3幢502室"),
    ),
    "an id whose address has moved": (
        index_of(PLATES),
        index_of(PLATES, 安阳街道隆山东路12号={"address_id": "安阳街道隆山东路1号"}, 安阳街道隆山东路1号={"address_id": "moved"}),
        record("隆山东路12号", source_address_id="安阳街道隆山东路1号"),
    ),
    "the community that a record gives": (
        index_of([*TWINS, "community 安阳街道兴隆社区"], **{TWINS[0][6:]: {"community": "兴隆社区"}}),
        index_of([*TWINS, "community 安阳街道兴隆社区"], ["community 兴隆社区 老隆村 .."], **{TWINS[0][6:]: {"community": "兴隆社区"}}),
        record("万松路5号", community="老隆村"),
    ),
    "the community of a plate": (
        index_of([*TWINS, "community 安阳街道兴隆社区"]),
        index_of([*TWINS, "community 安阳街道兴隆社区"], **{TWINS[0][6:]: {"community": "兴隆社区"}}),
        record("万松路5号", community="兴隆社区"),
    ),
    "a position": (
        index_of(TWINS, **{TWINS[0][6:]: {"lon": 120.6, "lat": 27.8}}),
        index_of(TWINS, **{TWINS[0][6:]: {"lon": 120.6, "lat": 27.8}, TWINS[1][6:]: {"lon": 120.7, "lat": 27.8}}),
        record("万松路5号", lon=120.7, lat=27.8),
    ),
    "a division code": (
        index_of(TWINS),
        index_of(TWINS, **{TWINS[1][6:]: {"division_code": "330381101002"}}),
        record("万松路5号", division_code="330381101002"),
    ),
    "validity": (
        index_of(TWINS),
        index_of(TWINS, **{TWINS[1][6:]: {"valid_to": date(2018, 1, 1)}}),
        record("万松路5号", as_of=date(2020, 1, 1)),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_which_a_result_depends_on_the_library_is_known(way: str) -> None:
    old, new, records = WAYS[way]
    assert Changed(old, new).alters(records), "the example has lost its point"
    assert Change(old, new).touches(records).tolist() == [True]


def test_names_are_looked_for_in_every_spelling() -> None:
    new_plate = changed(add=["house 安阳街道隆山东路14号"])
    for text in (
        "瑞安市安阳街道隆山东路14号", "隆山东路十四号", "隆山东路１４号3幢", "龙山东路14号", "隆山路14号", "隆东路14号", "隆山?路14号", "long山东路14号",
        "隆山东大街14号", "隆 山 东 路 14 号", "隆山(原城东)东路14号", "隆山東路14號", "隆山东路", "No.14 Longshan East Road",
    ):  # fmt: skip
        assert new_plate.touches(text) == [True], text


def test_texts_that_name_something_else_are_not_matched_again() -> None:
    new_plate = changed(add=["house 安阳街道隆山东路14号"])
    assert new_plate.touches("安阳街道罗阳大道14号", "安阳街道14号", "塘下镇镇前街14号", "No.14 Luoyang Avenue", "", "?") == [False] * 6
    compound = changed(add=["compound 安阳街道隆山东路558号虹桥丽都公寓"])
    assert compound.touches("塘下镇罗凤工业区", "安阳街道虹口小区", "丽江公寓", "罗阳大道12号") == [False] * 4
    alias = changed(alias=["compound 阳光花苑 东方之珠 .."])
    assert alias.touches("东方之珠3幢", "阳光花苑3幢", "隆山东路558号") == [True, False, False]
    renamed = changed(drop=["house 塘下镇镇前街5号"], add=["house 塘下镇河滨街5号"])
    assert renamed.touches("镇前街5号", "河滨街5号", "隆山东路5号") == [True, True, False]


def _with_a_room(rows: list[Row], aliases: list[Row]) -> None:
    building = next(row for row in rows if row["level"] == "building")
    rows.append(building | {"address_id": "new", "level": "room", "room": "9901室", "full_text": building["full_text"] + "9901室"})


def _with_another_name_of_a_road(rows: list[Row], aliases: list[Row]) -> None:
    road = next(row for row in rows if row["level"] == "road")
    town, name = road["town"], road["road"]
    for row in [row for row in rows if (row["town"], row["road"]) == (town, name)]:
        row.update(road="翡翠湾路", full_text=row["full_text"].replace(name, "翡翠湾路"))


def _with_an_alias(rows: list[Row], aliases: list[Row]) -> None:
    compound = next(row for row in rows if row["level"] == "compound")
    aliases.append(dict.fromkeys(ALIAS_SCHEMA.names) | {"kind": "compound", "name": compound["compound"], "alias": "翡翠湾公馆"})


def test_one_change_of_a_generated_library_touches_few_records_and_ends_as_a_full_run() -> None:
    made = generate_library(CITY, 4_000, 11)
    addresses, aliases, queries = library_table(made.library), made_aliases(made.aliases), make_queries(made, 700, 11)
    records = pa.table({"record_id": [str(number) for number in range(len(queries))], "text": queries["text"], "as_of": queries["as_of"]})
    old = build_index(addresses, aliases, scope=scope())
    answers = results(old, records)
    for change in (_with_a_room, _with_another_name_of_a_road, _with_an_alias):
        rows, others = addresses.to_pylist(), aliases.to_pylist()
        change(rows, others)
        new = build_index(pa.Table.from_pylist(rows, LIBRARY_SCHEMA), pa.Table.from_pylist(others, ALIAS_SCHEMA), scope=scope())
        touched = Change(old, new).touches(records)
        assert touched.mean() < 0.03, change
        full_run = results(new, records)
        assert [number for number in np.flatnonzero(~touched).tolist() if answers[number] != full_run[number]] == []


def test_nothing_changed_touches_nothing() -> None:
    assert changed().touches("安阳街道隆山东路558号", "?", "", "1 Longshan East Road") == [False] * 4


def test_change_of_towns_or_of_the_area_touches_everything() -> None:
    assert changed(add=["road 湖岭镇人民路"]).touches("隆山东路558号", "") == [True, True]
    assert changed(alias=["town 塘下镇 鲍田镇 .."]).touches("隆山东路558号") == [True]
    elsewhere = build_index(
        pa.table({"address_id": ["1"], "level": ["road"], "full_text": [f"{PREFIX}安阳街道隆山东路"]}),
        None,
        scope=SCOPE.__class__("浙江省"),
    )
    assert Changed(index_of(LINES), elsewhere).touches("塘下镇镇前街5号") == [True]


def test_texts_of_any_length_and_script_are_read() -> None:
    new_plate = changed(add=["house 安阳街道隆山东路14号"])
    texts = ["𠮷" * 30, "(" * 1000, "1" * 10_000, "?" * 500, "隆山东路14号" * 2000, "\x00", "é" * 5, "١٢", "\ue012山东路"]
    assert new_plate.touches(*texts)[4] is True
    assert Change(new_plate.old, new_plate.new).touches(record(None)).tolist() == [False]


@given(st.sampled_from(STEMS), st.sampled_from(("路", "东路", "一路", "大道", "村", "花园", "工业区", "")), st.integers(0, 10**9))
@settings(max_examples=500, deadline=None)
def test_whatever_differs_from_a_name_by_a_slip_has_one_of_its_needles(stem: str, end: str, seed: int) -> None:
    random, name = Random(seed), stem + end
    text = name
    for _ in range(random.choice((1, 1, 2))):
        text = normalise(random.choice(NOISE)(random, text))
    needles = needles_of_word(name, [Sense(ROAD, ())])
    slip = difference(text, name)
    assert not slip or len(name) < 3 or any(has(needle, with_wildcards(text)) for needle in needles), (slip, text)


class _Asked(dict[str, Any]):
    """A dictionary that notes what it is asked for."""

    def __init__(self, known: dict[str, Any], asked: set[str]) -> None:
        super().__init__(known)
        self.asked = asked

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_whatever_name_the_reader_looks_for_stands_in_the_text_in_its_order() -> None:
    texts = [case.text for case in cases() if case.text and not is_latin(case.text)]
    drawing = Drawing(Random(1), size=150)
    texts += [text for text in drawing.records([], 1500)["text"].to_pylist() if not is_latin(text)]
    index = drawing.index()
    asked: set[str] = set()
    keys: set[str] = set()
    recognise = index.misspelt.recognise
    index.vocabulary.tokens = _Asked(index.vocabulary.tokens, asked)

    def recognise_and_note(gap: str, towns: Any = None) -> Any:
        asked.add(gap)
        return recognise(gap, towns)

    index.misspelt.__dict__["recognise"] = recognise_and_note
    index.__dict__["address_aliases"] = _Asked(index.address_aliases, keys)
    looked_up = 0
    for text in texts:
        asked.clear()
        keys.clear()
        match_one(index, Request(text))
        read = with_wildcards(normalise(text))
        looked_up += len(asked)
        names = [*asked, *("".join(dict.fromkeys(key)) for key in keys)]
        # Words of bounds (东至) are read as ";", which no name has.
        assert [name for name in names if ";" not in name and not has(exactly(name), read)] == [], text
    assert looked_up > 5_000


@given(st.text(max_size=40) | st.text("瑞安市莘塍街道东路村号幢一二十（）①㈠ＡａﾞガΑ、,-1あゝ゛が", max_size=40), st.integers(0, 10**9))
@settings(max_examples=400, deadline=None)
def test_texts_are_found_by_any_of_their_characters_however_they_are_written(text: str, seed: int) -> None:
    random, read = Random(seed), with_wildcards(normalise(text))
    needle = exactly("".join(read[at] for at in sorted(random.sample(range(len(read)), min(3, len(read))))))
    found = Haystack([needle]).found(["", text], lambda written: with_wildcards(normalise(written)))
    assert found.tolist() == [not needle, True]


def test_first_address_of_an_empty_library_touches_everything() -> None:
    empty = build_index(LIBRARY_SCHEMA.empty_table(), None, scope=SCOPE)
    assert Changed(empty, index_of(PLATES)).touches("隆山东路12号", "") == [True, True]
    assert Changed(empty, empty).touches("隆山东路12号", "") == [False, False]
