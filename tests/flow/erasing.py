"""A pool that names one person in every way, and the same pool that never saw her."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import openpyxl

from flow.context import Context
from flow.erase.erase import Done, erase, prepare
from flow.progress import silent
from flow.review.decide import import_decisions
from flow.run import run
from pool import PairDecision
from samples.identifiers import citizen_numbers
from schemas.contract import source_contracts
from tests.flow.reviewing import ALSO_AMBIGUOUS, AMBIGUOUS, LIBRARY, answer, cases_of, exported, fill, library, number_of
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

HOUSES = "public_security.rental_house"
BENEFITS = "civil_affairs.subsistence_allowance"
CHEMICALS = "emergency_management.hazardous_chemical_enterprise"
WORKBOOKS = (BENEFITS, CHEMICALS)
[NUMBER] = [str(number) for number in citizen_numbers(np.array([330381]), np.array([19580214]), np.array([777]))]
OLD_NUMBER = NUMBER[:6] + NUMBER[8:17]
NAME, PHONE = "欧阳翡翠", "13857797531"
TRACES = [NUMBER, NUMBER.lower(), OLD_NUMBER, NAME, PHONE]
OTHERS = 30
REASON = "2025 年第 8 号申请"
HOME_OF_HERS = "瑞安市安阳街道安福路12号"
PERIODS = ("20250331", "20250430", "20250531")

Row = dict[str, str]


def herself(**more: str) -> Row:
    """Her row among the residents."""
    return {
        "citizen_number": NUMBER,
        "name": NAME,
        "phone": PHONE,
        "registered_address_text": HOME_OF_HERS,
        "actual_address_text": ALSO_AMBIGUOUS,
    } | more


def exports(drop: int, *, with_her: bool = True) -> dict[str, list[Row]]:
    """The rows of a drop (0, 1, 2, and later ones that tell something new of her in each file) by contract."""
    others = [row | {"actual_address_text": AMBIGUOUS} if place < 3 else row for place, row in enumerate(residents(OTHERS))]
    told = [herself(), herself(occupation="教师", actual_address_text=HOME_OF_HERS), herself(occupation="教师")]
    own = told[drop] if drop < len(told) else herself(occupation=f"教师{drop}")
    rejected = [{"citizen_number": NUMBER, "name": NAME, "household_number": f"拒收{drop}"}]  # no registered address
    content = {RESIDENTS: [*others[: 10 + drop], own, *others[10 + drop :], *rejected] if with_her else others}
    if drop != 1:
        content[HOUSES] = _houses(drop, others, with_her)
    if drop != 2:
        content[BENEFITS] = _benefits(drop, others, with_her)
    if drop == 0:
        content[LIBRARY] = library()
    if drop not in (1, 2):
        content[ORGANISATIONS] = [row | {"capital": f"{drop + 10}"} for row in _organisations(with_her)]
        content[CHEMICALS] = [_chemical(NAME, PHONE) if with_her else _chemical("", "")]
    return content


def _houses(drop: int, others: Sequence[Row], with_her: bool) -> list[Row]:
    """She owns one house and rents another; a note on a third quotes her old number, of a fourth she is said to be in charge."""
    rows = [
        {
            "letting_source_id": f"L{place}",
            "house_source_id": f"H{place}",
            "address_text": f"瑞安市安阳街道中心街{3 if place % 2 else 12}号",
            "owner_document_type_code": "111",
            "owner_number": other["citizen_number"],
            "owner_name": other["name"],
            "let_room_count": f"{drop + 1}",
            "tenant_name": f"租客{place}",
            "tenant_phone": f"1390577000{place}",
        }
        for place, other in enumerate(others[:6])
    ]
    if with_her:
        rows[0] |= {"owner_number": NUMBER, "owner_name": NAME, "owner_phone": PHONE, "safety_responsible": NAME}
        rows[1] |= {"tenant_name": NAME, "tenant_phone": PHONE, "lease_start": "2024-03-01", "rent": "1500"}
        rows[1] |= {"tenant_number": NUMBER.lower()} if drop == 2 else {}

        rows[2] |= {"inspection_result": f"联系{NAME}，证号{OLD_NUMBER}"}
        rows[3] |= {"trustee_name": NAME, "trustee_phone": PHONE}
    else:
        rows[0] |= {"owner_number": "", "owner_name": "", "owner_document_type_code": ""}
        rows[1] |= {"tenant_name": "", "tenant_phone": ""}
    return rows


def _organisations(with_her: bool) -> list[Row]:
    rows = organisations(8)
    if with_her:
        rows[2] |= {"representative_number": NUMBER, "representative_name": NAME}
    return rows


def _benefits(drop: int, others: Sequence[Row], with_her: bool) -> list[Row]:
    """She gets an allowance herself; of another household she is the head."""

    def row(member: Row, head: Row, place: int) -> Row:
        return {
            "certificate_number": f"D{place}",
            "head_number": head["citizen_number"],
            "head_name": head["name"],
            "address_text": "瑞安市安阳街道兴隆社区",
            "paid_month": f"2025-0{drop + 1}",
            "member_name": member["name"],
            "member_number": member["citizen_number"],
            "monthly_amount": "900",
        }

    rows = [row(other, other, place) for place, other in enumerate(others[:12])]
    return [*rows, row(herself(), herself(), 90), row(others[12], herself(), 91)] if with_her else rows


def _chemical(name: str, phone: str) -> Row:
    [firm] = organisations(1, first=50)
    return {
        "organisation_name": "瑞安市汀田新亚气体有限公司",
        "uscc": firm["uscc"],
        "address_text": "瑞安市安阳街道兴隆社区",
        "principal_name": name,
        "principal_phone": phone,
        "safety_officer_name": "林某安",
    }


def write_drop(folder: Path, drop: int, *, with_her: bool = True, period: str = "") -> Path:
    """The files of a drop; with her, one line of the residents is too short to be a row and quotes her number, another is nobody's."""
    for contract, rows in exports(drop, with_her=with_her).items():
        write = write_workbook if contract in WORKBOOKS else write_export
        path = write(folder, contract, rows, period=period or PERIODS[drop])
        if contract == RESIDENTS:
            with path.open("a", encoding="gb18030", newline="") as file:
                csv.writer(file).writerows([["残行", "某某"], *([["残行", NUMBER, NAME]] if with_her else [])])
    return folder


def write_workbook(folder: Path, contract_id: str, rows: Sequence[Row], *, period: str) -> Path:
    """An export with a title and a header of two rows, upper and lower part of names that have both."""
    contract = source_contracts()[contract_id]
    names = [column.physical_name.partition("_") for column in contract.columns]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["一览表"], [upper for upper, _, _ in names], [lower for _, _, lower in names]):
        sheet.append(row)
    for row in rows:
        sheet.append([row.get(column.name, "") for column in contract.columns])
    path = folder / contract.system / contract.dataset / f"{contract.dataset}_{period}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def patient(context: Context) -> Context:
    """With a city that bears a few bad rows among few."""
    limits = context.city.limits | {"quarantined_share": 0.5, "drop_share": 1.0}
    return replace(context, city=replace(context.city, limits=limits))


def on_day(home: Path, day: int) -> Context:
    return patient(context_at(home, now=NOW + timedelta(days=day), run=f"run-{day}"))


def make_pool(home: Path, folder: Path, *, with_her: bool = True) -> Context:
    """A pool of three drops and three releases."""
    for drop in range(3):
        context = on_day(home, drop)
        assert run(context, write_drop(folder / f"drop-{drop}", drop, with_her=with_her)) == drop + 1
    return context


def decide(context: Context, book: Path) -> None:
    """Somebody decides on the text that only she had, on another one, and on two pairs, one of which is hers."""
    cases = cases_of(context).waiting
    choices = {case.text: answer(f"候选 {number_of(case, '塘下镇')}") for case in cases if case.text in (AMBIGUOUS, ALSO_AMBIGUOUS)}
    assert import_decisions(context, [fill(exported(context, book), choices)], only_check=False, progress=silent).refused == []


def pair_decision(number: int, left: str, right: str) -> PairDecision:
    return PairDecision(f"case{number}.1", f"case{number}", "person", left, right, "different", "name_phone", "b", "陈某", "查过", NOW, "t")


def erase_her(context: Context, *, identifier: str = NUMBER, person_id: str = "") -> Done:
    plan = prepare(context, silent, identifier=identifier if not person_id else "", person_id=person_id)
    assert not plan.is_empty
    return erase(context, plan, REASON)
