"""What passes for plain is read as with care: the same value, no fault, nothing to note; and rows of plain texts are judged as rows read with care."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from schemas.codes import code_list, code_spellings
from schemas.contract import Column, source_contracts
from schemas.register import Element
from tests.transforms.algorithms import citizen_check
from tests.transforms.reading import LOAD_DATE, read_cells
from tests.transforms.test_check import RESIDENTS, check
from transforms import check_plain
from transforms.automaton import NONE, REJECTED
from transforms.check_plain import wanted_cells
from transforms.elements_plain import plain_texts
from transforms.elements_sql import Names, literal, spellings_of, trimmed
from transforms.elements_text import mapped_spellings
from transforms.plain_cells import verdicts

COLUMNS: Mapping[str, Column] = {
    column.element.name: column
    for contract in source_contracts().values()
    for column in contract.columns
    if column.element and not column.ignored
}
ELEMENTS = ("address_text", "text", "occupation", "person_name", "employer", "phone", "sex_code", "nation_code", "education_code", "currency_code", "flag", "division_code", "licence_number", "citizen_number", "birth_date", "date", "datetime", "amount", "longitude", "count")  # fmt: skip
SEEDS = ("张三", "李小明", "欧阳女士", "张某", "某某", "匿名", "王先生", "无名氏", "（张三）", "瑞安市安阳街道1号", "无业", "无", "学生", "有限公司（普通合伙）", "null", "NULL", "-", "—", "１", "a", "0", "00", "01", "1", "2", "9", "21", "330381", "330381101265", "13812345678", "13800000000", "0577-65812345", "057765812345", "+8613812345678", "1990-03-07", "19900307", "1990/03/07", "2020-02-30", "20200229", "20240229", "2024-02-29", "99991231", "2999-12-31", "18991231", "2026-01-01", "20251231", "20260102", "2025-12-31", "1990年3月7日", "19560627000000", "120.63", "-1", "+1", "1e3", "0.005", "1.115", "136.0001", "73", "54", "999999999999", "123456789012345", "3.0", "3.5", "是", "否", "男", "女", "男性", "汉族", "汉", "户主", "本人", "长期", "至今", "330000", "810000199003070015", "1990-03-07 10:20:30", "1990-03-07 24:00:00", "JY13303810000012")  # fmt: skip
MIDDLES = ("", " ", "\u3000", "\u200b", "\t", "0", "9", "X", "无", "某", "-", "/", ".")


def sorts_of_texts(element: Element) -> list[str]:
    """Texts of all kinds, and such as are one character off."""
    chance = random.Random(element.name)
    bodies = [
        f"{head}{year}{day}{tail}"
        for head in ("330381", "810000", "000000")
        for year in (1890, 1990, 2025, 2026)
        for day in ("0307", "0229", "1331")
        for tail in ("001", "998")
    ]
    texts = [*SEEDS, *spellings_of(element.placeholders), *(body + end for body in bodies for end in (citizen_check(body), "0"))]
    if element.code_list:
        texts += [*code_list(element.code_list), *code_spellings(element.code_list), *mapped_spellings(element)]
    for _ in range(150):
        text = chance.choice(texts)
        at = chance.randrange(len(text) + 1)
        texts.append(text[:at] + chance.choice(MIDDLES) + text[at + chance.choice((0, 0, 1)) :])
    return list(dict.fromkeys(text for text in texts if text))


def told_plain(column: Column, cells: list[str]) -> Iterator[tuple[str, object]]:
    """The cells that are plain, each with its value; by what the look at their bytes says they are none where they have no value."""
    plain, text = plain_texts(column, LOAD_DATE), Names(column.name).text
    assert plain is not None
    wanted = wanted_cells(
        replace(RESIDENTS, columns=(replace(column, required=False),), coordinates=(), facts=()), LOAD_DATE, [column.name]
    )
    assert wanted is not None
    [found] = verdicts([pa.array(cells, pa.string())], [wanted[column.name]])
    matched = [cell for cell, verdict in zip(cells, found, strict=True) if verdict != REJECTED]
    rows = ", ".join(f"({literal(cell)})" for cell in matched)
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE matched AS SELECT * FROM (VALUES {rows}) AS cells({text})"
        )  # the values of other texts need not exist
        sql = f"SELECT {text}, CAST({plain.value} AS {plain.sql_type}) FROM matched WHERE {plain.sound or 'TRUE'}"
        values = dict(connection.execute(sql).fetchall())
    assert {text for text in values if values[text] is None} == {*values} & {
        cell for cell, said in zip(cells, found, strict=True) if said == NONE
    }
    yield from values.items()


@pytest.mark.parametrize("element", ELEMENTS)
def test_plain_texts_mean_what_they_mean_with_care(element: str) -> None:
    column = COLUMNS[element]
    assert column.element is not None
    found = dict(told_plain(column, ["", *sorts_of_texts(column.element)]))
    assert found.pop("") is None
    assert found
    with duckdb.connect() as connection:
        untouched = [row[0] for row in connection.execute(f"SELECT {trimmed('text')} FROM unnest(?) AS texts(text)", [[*found]]).fetchall()]
    assert untouched == [*found]
    assert [(*read,) for read in read_cells(element, [*found])] == [(value, None, None) for value in found.values()]


@pytest.mark.parametrize("element", ["area", "document_number", "plate_number", "uscc"])
def test_of_what_can_be_told_with_care_only_nothing_is_plain(element: str) -> None:
    assert plain_texts(COLUMNS[element], LOAD_DATE) is None


NUMBERS = [body + citizen_check(body) for body in ("33038119900307001", "33038119900307003", "33038119910408002", "33038120250408002")]
ROWS = st.fixed_dictionaries(
    {
        "citizen_number": st.sampled_from([*NUMBERS, *NUMBERS, f"{NUMBERS[0][:17]}{'0' if NUMBERS[0][17] != '0' else '1'}", ""]),
        "name": st.sampled_from(["张三", "李四", "李 四", "张某", "-"]),
        "registered_address_text": st.sampled_from(["安阳街道1号", "安阳街道1号", " 安阳街道1号", ""]),
    },
    optional={
        "sex_code": st.sampled_from(["1", "2", "女", "男性", "9", "x"]),
        "birth_date": st.sampled_from(["19900307", "1991-04-08", "1990/3/7", "19910408000000", "1910-01-01", "2026-05-05", "无"]),
        "death_date": st.sampled_from(["20200101", "19800101", ""]),
        "moved_in_on": st.sampled_from(["20200101", "20210101", "2021.1.1"]),
        "moved_out_on": st.sampled_from(["20200630", "99991231"]),
        "actual_longitude": st.sampled_from(["120.6", "1206"]),
        "phone": st.sampled_from(["13812345678", "13800000000", "138 1234 5678"]),
    },
)


GOOD = {"citizen_number": NUMBERS[0], "name": "张三", "registered_address_text": "安阳街道1号"}
TELLING = [
    GOOD,
    GOOD,
    GOOD | {"name": "李四"},
    GOOD | {"citizen_number": NUMBERS[2], "birth_date": "19910408", "death_date": "19800101"},
    GOOD | {"citizen_number": NUMBERS[3], "sex_code": "1", "birth_date": "20250407"},
    GOOD | {"citizen_number": NUMBERS[1], "moved_in_on": "20210101", "moved_out_on": "20200630"},
]
"""Rows of plain texts that are copies, or break a rule, or disagree with themselves."""


@settings(max_examples=5, deadline=None)
@given(st.lists(ROWS, min_size=5, max_size=40).map(lambda rows: [*TELLING, *rows]))
def test_rows_of_plain_texts_are_judged_as_rows_read_with_care(rows: list[dict[str, str | None]]) -> None:
    quickly = judged(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check_plain, "plain_texts", lambda _column, _load_date: None)
        assert judged(rows) == quickly


def judged(rows: list[dict[str, str | None]]) -> list[object]:
    """Everything that comes of a check."""
    with duckdb.connect() as connection:
        checked = check(connection, rows)
        relations = (checked.accepted, checked.quarantined, checked.digests)
        tables = [sorted(relation.to_arrow_table().to_pylist(), key=lambda row: row["row"]) for relation in relations]
        return [*tables, [relation.types for relation in relations], checked.profile]


def test_a_file_of_good_rows_is_plain_throughout() -> None:
    rows = [
        {
            "citizen_number": number,
            "name": "张三",
            "registered_address_text": "安阳街道1号",
            "sex_code": "1",
            "phone": "13812345678",
            "birth_date": "",
        }
        for number in NUMBERS[:2]
    ]
    with duckdb.connect() as connection:
        check(connection, rows)
        told = connection.execute(f'SELECT list({check_plain.PLAIN}) FROM "arrived {RESIDENTS.id}"').fetchall()
    assert told == [([True] * 2,)]
