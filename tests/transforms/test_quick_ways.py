"""What is read quickly is read as with care: most texts are plain and pass by tests that cost little, and nothing may come of that but time."""

from collections.abc import Mapping, Sequence

import duckdb
import pytest
from hypothesis import example, given, settings, strategies as st

from schemas.register import register
from tests.transforms.algorithms import citizen_check
from tests.transforms.reading import Read, read_cells
from transforms import elements_identifiers, elements_phone, elements_text
from transforms.elements_sql import Names, Reading, literal, past_plain, trimmed, untidy_test
from transforms.standardise import FIELD_SEPARATOR

FEW = settings(max_examples=15, deadline=None)
EMPTY = ""
PATTERNED = ("division_code", "community_code", "licence_number", "police_unit_code", "regional_code")
ALPHABETS: Mapping[str, str] = {
    "person_name": "张三某先生匿名无不详（）()·•. a1Ａ𠮷々〇",
    "organisation_name": "瑞安公司无不详（）() a1Ａ－",
    "phone": "0123456789-;,/、 +１",
}
PLAIN: Mapping[str, str] = {
    "person_name": "[张王某无][三某]{0,2}|某[男女]子|匿名群众|[张王]先生|无|不详|（张三）",
    "organisation_name": "（?瑞安[无公司]{1,3}）?|不详|无|（+",
    "phone": "1[3-9][0-9]{9}|[0-9]{11}|057[0-9]-[2-8][0-9]{6,7}|13800000000|1(1{10}|3{10})|0[0-9]{2}-[0-9]{7}",
}


def carefully(_plain: str, careful: Reading, names: Names, placeholders: Sequence[str], exception: str = "FALSE") -> Reading:
    """`past_plain` where no text is plain, for an empty cell is no text."""
    return past_plain(EMPTY, careful, names, placeholders, exception)


@FEW
@given(st.data())
@pytest.mark.parametrize("element", [*ALPHABETS, *PATTERNED])
def test_plain_texts_are_read_as_with_care(element: str, data: st.DataObject) -> None:
    pattern = PLAIN.get(element) or register()[element].pattern
    texts = st.text(ALPHABETS.get(element, "0123456789AZaz-. 无不详"), max_size=5)
    cells = data.draw(st.lists(st.from_regex(pattern, fullmatch=True) | texts, min_size=20, max_size=40))
    quickly = without_note_of_the_same(cells, read_cells(element, cells))
    with pytest.MonkeyPatch.context() as patch:
        for module in (elements_identifiers, elements_phone, elements_text):
            patch.setattr(module, "past_plain", carefully)
        patch.setattr(elements_phone, "PLAIN", EMPTY)
        assert without_note_of_the_same(cells, read_cells(element, cells)) == quickly


def without_note_of_the_same(cells: Sequence[str], reads: Sequence[Read]) -> list[Read]:
    """Reading phones with care notes some as rewritten that come out as they were."""
    return [read._replace(note=None) if read == (cell, None, "rewritten") else read for cell, read in zip(cells, reads, strict=True)]


@FEW
@given(
    st.lists(st.from_regex("[1-9][0-9]{5}(19|20)[0-9]{9}", fullmatch=True), min_size=10), st.text("0123456789XZ", min_size=10, max_size=10)
)
def test_citizen_numbers_as_they_should_be_are_read_as_those_that_are_mended(bodies: list[str], checks: str) -> None:
    numbers = [body + citizen_check(body) for body in bodies] + [body + check for body, check in zip(bodies, checks, strict=False)]
    for element in ("citizen_number", "document_number"):
        mended = read_cells(element, [f"'{number}" for number in numbers])
        assert [read[:2] for read in read_cells(element, numbers)] == [read[:2] for read in mended]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("张a \t\n\r\v\f\0\x00\x1e\x7f\u00a0\u200b\u3000\ufeff\u2003", max_size=4), min_size=1, max_size=4))
@example(["", " ", ""])
@example(["a", "\u3000b"])
def test_cells_of_a_row_that_looks_tidy_have_nothing_to_trim(cells: list[str]) -> None:
    cells = [cell.replace("\0", "") for cell in cells]
    texts = ", ".join(literal(cell) for cell in cells)
    with duckdb.connect() as connection:
        packed = f"concat_ws({FIELD_SEPARATOR}, {texts})"
        sql = f"SELECT {untidy_test(packed)}, list_transform([{texts}], lambda cell: {trimmed('cell')})"
        [(untidy, kept)] = connection.execute(sql).fetchall()
    assert untidy == (kept != [cell or None for cell in cells])
