"""What a change of the library can touch: everything that a full run would answer otherwise, and little more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings, strategies as st

from address_matching import complete_library
from address_matching.change import LibraryVersion, library_change
from tests.address_matching.changing import Drawing, records_table, results
from tests.address_matching.support import PREFIX, SCOPE, alias_table

LINES = (
    "road 安阳街道隆山东路",
    *(f"house 安阳街道隆山东路{number}号" for number in (1, 12, 558)),
    "house 安阳街道罗阳大道12号",
    "compound 安阳街道隆山东路558号阳光花苑",
    *(f"room 安阳街道隆山东路558号阳光花苑{building}幢502室" for building in (1, 3)),
    *(f"room 安阳街道隆山东路558号阳光花苑5幢{unit}单元502室" for unit in (1, 2)),
    "community 安阳街道兴隆社区",
    "natural_village 安阳街道兴隆社区前岸",
    "zone 塘下镇罗凤工业区",
    "road 塘下镇镇前街",
    "house 塘下镇镇前街5号",
    "compound 塘下镇塘阳农贸市场",
    "road 莘塍街道经二路",
    "road 莘塍街道董田街",
    "community 莘塍街道九一村",
)
ALIASES = ("compound 阳光花苑 日光城 ..", "community 兴隆社区 老隆村 ..")


@dataclass(frozen=True)
class Changed:
    """A change of the small library above."""

    old: LibraryVersion
    new: LibraryVersion

    def touches(self, *texts: str, **hints: Sequence[str | None]) -> list[bool]:
        """Whether it touches each of some texts."""
        records = pa.table({"record_id": texts, "text": pa.array(texts, pa.string())} | {name: [*values] for name, values in hints.items()})
        return [bool(flag) for flag in library_change(self.old, self.new).touches(records)]


def _version(lines: Sequence[str], aliases: Sequence[str]) -> LibraryVersion:
    rows = [line.split(" ", 1) for line in dict.fromkeys(lines)]
    table = pa.table(
        {"address_id": [text for _, text in rows], "level": [level for level, _ in rows], "full_text": [PREFIX + text for _, text in rows]}
    )
    return LibraryVersion(complete_library(table, scope=SCOPE), alias_table([*aliases]), SCOPE)


def changed(*, add: Sequence[str] = (), drop: Sequence[str] = (), alias: Sequence[str] = (), no_alias: Sequence[str] = ()) -> Changed:
    """The library above before and after lines are added and dropped."""
    new = _version([*(line for line in LINES if line not in drop), *add], [*(line for line in ALIASES if line not in no_alias), *alias])
    return Changed(_version(LINES, ALIASES), new)


@given(st.integers(min_value=0, max_value=10**9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_texts_that_a_change_does_not_touch_are_answered_as_before(seed: int) -> None:
    random = Random(seed)
    before = Drawing(random, size=60)
    after = before.copy()
    changes = [after.change() for _ in range(random.choice((1, 1, 2, 4)))]
    records = [before.record() for _ in range(60)] + [after.record() for _ in range(40)]
    old, new, table = before.version(), after.version(), records_table(records)
    touched = library_change(old, new).touches(table)
    answers, full_run = results(old, table), results(new, table)
    for number in np.flatnonzero(~touched).tolist():
        assert answers[number] == full_run[number], (changes, records[number])


def test_one_new_compound_touches_few_texts() -> None:
    shares = []
    for seed in range(5):
        before = Drawing(Random(seed), size=400)
        after = before.copy()
        after.add_compound()
        change = library_change(before.version(), after.version())
        assert not change.is_total
        shares.append(change.touches(records_table([before.record() for _ in range(2000)])).mean())
    assert max(shares) < 0.2, "these libraries have a few dozen names in all"
    assert np.median(shares) < 0.05


def test_nothing_changed_touches_nothing() -> None:
    assert changed().touches("安阳街道隆山东路558号", "?", "", "1 Longshan East Road") == [False] * 4


def test_new_plate_touches_its_number_on_its_road_however_written() -> None:
    new_plate = changed(add=["house 安阳街道隆山东路14号"])
    for text in (
        "瑞安市安阳街道隆山东路14号", "隆山东路14", "隆山东路十四号", "隆山东路１４号3幢", "龙山东路14号", "隆山路14号", "隆东路14号", "隆山?路14号",
        "隆山东大街14号", "隆山东路12-16号", "隆山东路1", "隆 山 东 路 14 号", "隆山(原城东)东路14号", "隆山東路14號", "隆山东路", "No.14 Longshan East Road",
    ):  # fmt: skip
        assert new_plate.touches(text) == [True], text
    for text in ("隆山东路558号", "隆山东路12号", "罗阳大道14号", "安阳街道14号", "塘下镇镇前街14号", "No.14 Luoyang Avenue"):
        assert new_plate.touches(text) == [False], text


def test_new_compound_touches_texts_that_name_it_or_its_plate() -> None:
    new_compound = changed(add=["compound 安阳街道隆山东路558号虹桥丽都公寓"])
    for text in ("虹桥丽都公寓3幢", "红桥丽都", "虹桥丽都小区", "虹丽都公寓", "虹桥", "隆山东路558号新世纪大厦"):
        assert new_compound.touches(text) == [True], text
    for text in ("隆山东路12号", "阳光花苑3幢502室", "塘下镇罗凤工业区", "虹口小区", "丽江公寓"):
        assert new_compound.touches(text) == [False], text


def test_room_touches_its_own_number_and_in_buildings_with_units_texts_without_unit() -> None:
    room = changed(drop=["room 安阳街道隆山东路558号阳光花苑5幢2单元502室"])
    for text in ("阳光花苑5幢2单元502室", "阳光花苑502室", "日光城5-2-502", "阳光花苑5幢301室", "隆山东路558号阳光花苑5层02室"):
        assert room.touches(text) == [True], text
    for text in ("阳光花苑3幢502室", "阳光花苑5幢1单元301室", "隆山东路12号"):
        assert room.touches(text) == [False], text


def test_alias_touches_texts_that_use_it_and_an_address_alias_its_own_text() -> None:
    assert changed(alias=["compound 阳光花苑 东方之珠 .."]).touches("东方之珠3幢", "东方之猪", "阳光花苑3幢", "隆山东路558号") == [
        True,
        True,
        False,
        False,
    ]
    assert changed(no_alias=["community 兴隆社区 老隆村 .."]).touches("老隆村8号", "兴隆社区8号") == [True, False]
    plate = changed(alias=["address 安阳街道隆山东路12号 老城路7号 .."])
    assert plate.touches("瑞安市老城路7号", "老城路8号", "隆山东路12号") == [True, False, False]


def test_change_below_a_name_touches_texts_with_another_name_for_it() -> None:
    assert changed(add=["house 安阳街道兴隆社区8号"]).touches("老隆村8号", "老隆村9号", "兴隆8号") == [True, False, True]


def test_end_of_a_name_touches_texts_that_give_nothing_else() -> None:
    firm = changed(add=["compound 塘下镇宏达机械有限公司"])
    assert firm.touches("塘下镇有限公司", "塘下镇机械有限公司", "镇前街5号械有限公司", "塘下镇新昌模具有限公司") == [
        True,
        True,
        True,
        False,
    ]


def test_names_with_numerals_are_told_by_them() -> None:
    assert changed(drop=["road 莘塍街道经二路"]).touches("经二路8号", "经2路8号", "经二6号", "经三路2号") == [True, True, True, False]
    assert changed(drop=["community 莘塍街道九一村"]).touches("九一村", "91村", "九一社区2号", "隆山东路91号", "九二村") == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_name_that_begins_with_the_end_of_a_town_is_read_out_of_the_town() -> None:
    assert changed(drop=["house 塘下镇镇前街5号"]).touches("塘下镇前街5号", "塘下镇隆山东路5号") == [True, False]


def test_full_name_of_a_town_is_part_of_no_other_name() -> None:
    road = changed(add=["road 安阳街道塘下东路"])
    assert road.touches("塘下镇镇前街5号", "塘下镇塘下东路5号", "塘下东路", "塘下8号") == [False, True, True, True]


def test_hints_touch_where_the_text_does_not() -> None:
    room = changed(drop=["room 安阳街道隆山东路558号阳光花苑3幢502室"])
    hint = "安阳街道隆山东路558号阳光花苑3幢502室"
    assert room.touches("罗阳大道", "罗阳大道", source_address_id=[hint, "安阳街道罗阳大道12号"]) == [True, False]
    village = changed(drop=["natural_village 安阳街道兴隆社区前岸"])
    assert village.touches("罗阳大道12号", "罗阳大道12号", community=["兴隆社区", None]) == [True, False]


def test_new_town_touches_everything() -> None:
    assert changed(add=["road 湖岭镇人民路"]).touches("隆山东路558号", "") == [True, True]


def test_alias_of_a_town_and_another_scope_touch_everything() -> None:
    assert changed(alias=["town 塘下镇 鲍田镇 .."]).touches("隆山东路558号") == [True]
    same = changed()
    moved = same.new._replace(scope=replace(SCOPE, neighbours=(*SCOPE.neighbours, "洞头区")))
    assert Changed(same.old, moved).touches("隆山东路558号") == [True]


def test_first_road_of_a_town_touches_everything() -> None:
    """Where the library has nothing below the villages, a name it lacks there means the town."""
    only_villages = _version(["community 湖岭镇前岗村", *LINES], ALIASES)
    with_road = _version(["community 湖岭镇前岗村", *LINES, "road 湖岭镇人民路"], ALIASES)
    assert Changed(only_villages, with_road).touches("湖岭镇不知名大厦", "隆山东路558号") == [True, True]


def test_attributes_of_a_row_count_and_so_do_all_rows_below_it() -> None:
    old = _version(LINES, ALIASES)
    rows = old.addresses.to_pylist()
    for row in rows:
        if row["address_id"] == "安阳街道隆山东路558号阳光花苑":
            row["valid_to"] = date(2020, 1, 1)
    new = old._replace(addresses=pa.Table.from_pylist(rows, schema=old.addresses.schema))
    change = Changed(old, new)
    assert change.touches("阳光花苑", "日光城3幢502室", "隆山东路12号") == [True, True, False]
    assert change.touches("?", source_address_id=["安阳街道隆山东路558号阳光花苑3幢502室"]) == [True]


def test_texts_of_any_length_and_script_are_read() -> None:
    change = changed(add=["house 安阳街道隆山东路14号"])
    texts = ["", "𠮷" * 30, "(" * 1000, "1" * 10_000, "?" * 500, "隆山东路14号" * 2000, "\x00", "é" * 5, "١٢"]
    assert change.touches(*texts)[5] is True
    assert library_change(change.old, change.new).touches(
        pa.table({"record_id": ["1"], "text": pa.array([None], pa.string())})
    ).tolist() == [False]
