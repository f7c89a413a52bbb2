"""What was erased is known again by keyed digests, however it is written, and nothing else is touched."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from flow.erase.kept_out import digests_of, keeping_out
from schemas.contract import source_contracts
from sources.readers import Layout, open_rows
from tests.flow.erasing import HOUSES, NAME, NUMBER, OLD_NUMBER, PHONE, Row
from tests.small_exports import RESIDENTS, residents, write_export
from transforms.erase import CAUSE, WHOLE, Needles, written_forms

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
HER = Needles(written_forms(NUMBER), frozenset({NAME}), frozenset({PHONE}))
FULL_WIDTH = NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
PADDING = [row | {"phone": f"1380577{place:04d}"} for place, row in enumerate(residents(40))]


def left_of(
    folder: Path, contract_id: str, rows: Sequence[Row], *, key: bytes = KEY, known: Sequence[str] = (), needles: Needles = HER
) -> tuple[list[dict[str, str]], dict[int, set[str]]]:
    """Rows that are left, by contract column, and what went by row number: contract columns, or all."""
    contract = source_contracts()[contract_id]
    path = write_export(folder, contract_id, rows)
    found = keeping_out(key, digests_of(KEY, needles, known), open_rows(path, Layout("csv", contract.encoding)), contract)
    names = {column.physical_name: column.name for column in contract.columns}
    left = [
        {names[header]: text for header, text in row.items() if header in names and text}
        for batch in found.batches()
        for row in batch.to_pylist()
    ]
    assert {fault.row for fault in found.faults if fault.cause == CAUSE} == {row for _, row in found.cuts.whole}
    return left, {row: {names.get(header, header) for header in headers} for (_, row), headers in found.cuts.cells.items()}


@pytest.mark.parametrize("written", [NUMBER, OLD_NUMBER, FULL_WIDTH, f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", f" {NUMBER} "])
def test_the_number_is_known_in_every_form(tmp_path: Path, written: str) -> None:
    left, gone = left_of(tmp_path, RESIDENTS, [*PADDING, {"citizen_number": written, "name": "某某"}])
    assert gone == {42: {WHOLE}}
    assert left == PADDING


def test_the_number_is_known_within_a_text_and_with_a_phone_the_name(tmp_path: Path) -> None:
    rows = [
        {"letting_source_id": "L1", "inspection_result": f"见{NUMBER}，{NAME}", "owner_name": "张某"},
        {"letting_source_id": "L2", "owner_name": NAME, "owner_phone": f"0577-65880001;{PHONE}"},
        {"letting_source_id": "L3", "trustee_name": NAME, "trustee_phone": f"{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}"},
        {"letting_source_id": "L4", "tenant_name": NAME, "tenant_phone": "13900000000"},
        {"letting_source_id": "L5", "owner_number": NUMBER.lower(), "owner_name": "欧阳翠", "safety_responsible": "欧阳翠"},
    ]
    left, gone = left_of(tmp_path, HOUSES, rows)
    assert gone == {
        2: {"inspection_result"},
        3: {"owner_name", "owner_phone"},
        4: {"trustee_name", "trustee_phone"},
        6: {"owner_number", "owner_name", "safety_responsible"},
    }
    assert left[3] == rows[3], "who only has the same name is somebody else"


def test_who_was_known_by_a_row_alone_is_known_by_its_key_and_the_name(tmp_path: Path) -> None:
    row = {"letting_source_id": "L1", "house_source_id": "H1", "tenant_name": NAME, "lease_start": "2024-03-01"}
    known = ["\x1f".join([HOUSES, "L1", "tenant", NAME])]
    nobody = Needles(names=frozenset({NAME}))
    _, gone = left_of(tmp_path, HOUSES, [row, row | {"letting_source_id": "L2"}], known=known, needles=nobody)
    assert gone == {2: {"tenant_name", "lease_start"}}
    _, gone = left_of(tmp_path / "other", HOUSES, [row | {"tenant_name": "林某"}], known=known, needles=nobody)
    assert gone == {}, "the next tenant of the same letting is somebody else"


def test_digests_tell_nothing_and_know_nobody_by_another_key(tmp_path: Path) -> None:
    digests = digests_of(KEY, HER, ["\x1f".join([HOUSES, "L1", "tenant", NAME])])
    assert len(digests) == 4, "the number with 18 and 15 digits, name with phone, the row"
    assert not any(text in str(digests) for text in (NUMBER, OLD_NUMBER, NAME, PHONE))
    left, gone = left_of(tmp_path, RESIDENTS, [{"citizen_number": NUMBER, "name": NAME}], key=OTHER_KEY)
    assert (len(left), gone) == (1, {})
