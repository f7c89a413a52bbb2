"""Hostile exports in every format, on the whole path: what is refused can be read nowhere below the home, and it is on record what went and why."""

import base64
import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.delivered import batch_profile
from flow.run import run
from pool.verify import verify
from samples.exports.table import Table
from samples.identifiers import citizen_numbers
from samples.writers import ExportFile
from schemas.contract import source_contracts
from schemas.refused import passes_luhn
from tests.flow.erasing import patient
from tests.flow.searching import places_of
from tests.small_exports import RESIDENTS, context_at, residents, write_export

ROWS = 24
SUBSIDY, DEATHS, TICKETS = "civil_affairs.disability_subsidy", "civil_affairs.death", "hotline.ticket"
PEOPLE = [row["citizen_number"] for row in residents(2 * ROWS)]


def _marked(word: str) -> list[str]:
    return [f"QX{word}{place:02d}QX" for place in range(ROWS)]


def _citizens(order: int) -> list[str]:
    """Numbers of citizens whom no other column names."""
    births = np.array([19610203 + place for place in range(ROWS)])
    return [str(number) for number in citizen_numbers(np.full(ROWS, 330381), births, np.full(ROWS, order))]


def _cards() -> list[str]:
    bodies = [f"6200{7000 + place:014d}" for place in range(ROWS)]
    return [next(body + str(digit) for digit in range(10) if passes_luhn(body + str(digit))) for body in bodies]


FINGERS, FAITHS, ACCOUNTS, PARTIES, STATES = (_marked(word) for word in ("FINGER", "FAITH", "ACCOUNT", "PARTY", "STATE"))
CARDS, UNDECLARED, SPLIT, QUOTED = _cards(), _citizens(731), _citizens(732), _citizens(733)
TEMPLATES = [base64.b64encode(f"QXTEMPLATE{place:02d}QX".encode() * 20).decode() for place in range(ROWS)]
PHONES = [f"139577{place:05d}" for place in range(ROWS)]
CERTIFICATES = [f"{number}{place % 7 + 1}{place % 4 + 1}" for place, number in enumerate(PEOPLE)]
MISTYPED = [
    f"{number[:17]}{(int(number[17].replace('X', '0')) + 1) % 10}{place % 7 + 1}{place % 4 + 1}" for place, number in enumerate(PEOPLE)
]
DISABILITIES = ["言语4级", "多重3级"]
REFUSED = [
    *FINGERS, *FAITHS, *ACCOUNTS, *PARTIES, *STATES, *CARDS, *UNDECLARED, *SPLIT, *QUOTED, *TEMPLATES, *CERTIFICATES, *MISTYPED, *DISABILITIES,
]  # fmt: skip


def _with_columns(header: list[str], rows: Sequence[Sequence[str]], columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    return [[*header, *columns], *([*row, *cells] for row, cells in zip(rows, zip(*columns.values(), strict=True), strict=True))]


def _write_residents(folder: Path) -> None:
    """GB18030: refused headers of all kinds, contents that give a column away, a known column among them, and a line that is no row."""
    people = [row | {"occupation": template} for row, template in zip(residents(ROWS), TEMPLATES, strict=True)]
    people[3] |= {"registered_address_text": ""}  # a row for quarantine
    path = write_export(folder, RESIDENTS, people)
    with path.open(encoding="gb18030", newline="") as file:
        header, *rows = csv.reader(file)
    columns = {
        "指紋信息_1": FINGERS,
        "ＺＪＸＹ": FAITHS,
        "银 行 账 号": ACCOUNTS,
        "备注一": CARDS,
        "备注二": [f"经办{number}，已核" for number in UNDECLARED],
        "编号前段": [number[:14] for number in SPLIT],
        "编号后段": [number[14:] for number in SPLIT],
        "备注三": [DISABILITIES[place % 2] for place in range(ROWS)],
    }
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([*_with_columns(header, rows, columns), ["残行", FINGERS[0], CERTIFICATES[0]]])


def _write_subsidies(folder: Path) -> None:
    """A workbook in which certificates stand where citizen numbers should, right ones and mistyped ones, and in a remark."""
    numbers = [CERTIFICATES[place] if place < 4 else MISTYPED[place] if place < 6 else PEOPLE[place] for place in range(ROWS)]
    table = Table(
        key="approval_number",
        columns={
            "approval_number": [f"BT{place:04d}" for place in range(ROWS)],
            "name": [row["name"] for row in residents(ROWS)],
            "citizen_number": numbers,
            "certificate": CERTIFICATES[:ROWS],
            "disability_kind": STATES,
            "amount": ["100"] * ROWS,
            "paid_month": ["2025-06"] * ROWS,
            "status": [f"在发，残疾证{CERTIFICATES[place]}" if place < 2 else "在发" for place in range(ROWS)],
        },
        about={},
    )
    file = ExportFile(source_contracts()[SUBSIDY], folder, date(2025, 6, 30))
    file.write(table)
    file.close()


def _write_archive(folder: Path) -> None:
    """One archive with deaths as UTF-8 and tickets as JSON lines: English headers, undeclared phones, numbers quoted in a text."""
    contract = source_contracts()[DEATHS]
    rows = [
        {"cremation_number": f"H{place}", "name": f"李某{place}", "citizen_number": number, "death_date": "2025-05-01"}
        for place, number in enumerate(PEOPLE[ROWS:])
    ]
    rows[2] |= {"death_date": ""}
    listed = [[row.get(column.name, "") for column in contract.columns] for row in rows]
    header = [column.physical_name for column in contract.columns]
    text = io.StringIO()
    columns = {"politicalStatus": PARTIES, "healthStatus": STATES, "palm-print.1": FINGERS}
    csv.writer(text).writerows([["死亡人员"], *_with_columns(header, listed, columns)])
    tickets = [
        {
            "工单编号": f"T{place}",
            "来电时间": "2025-06-01 08:00:00",
            "诉求内容": "路灯不亮",
            "诉求类型": f"回电{PHONES[place]}",
            "承办单位": f"转{QUOTED[place][:6]} {QUOTED[place][6:14]}-{QUOTED[place][14:]}办",
            "bloodType": STATES[place],
        }
        for place in range(ROWS)
    ]
    with zipfile.ZipFile(folder / "月报.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("civil_affairs/death/死亡_20250630.csv", text.getvalue().encode("utf-8-sig"))
        archive.writestr("hotline/ticket/工单_20250630.jsonl", "\n".join(json.dumps(row, ensure_ascii=False) for row in tickets))


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with a release of all these files."""
    context = patient(context_at(tmp_path_factory.mktemp("everywhere")))
    inbox = context.pool.paths.inbox
    _write_residents(inbox)
    _write_subsidies(inbox)
    _write_archive(inbox)
    assert run(context) == 1
    return context


def _profile(context: Context, contract: str) -> dict[str, dict[str, dict[str, str]]]:
    [batch] = context.pool.ledger.batches(contract=contract, status="accepted")
    return batch_profile(context, batch.batch)


def test_nothing_that_is_refused_can_be_read_below_the_home(pool: Context) -> None:
    home = pool.pool.home
    assert (home / "shares").is_dir()
    assert [*home.rglob("*.xlsx")], "the quarantine workbook is searched, too"
    assert [*home.rglob("*.duckdb")]
    assert places_of(home, REFUSED) == []
    assert places_of(home, [base64.b64decode(TEMPLATES[0]).decode()]) == []
    assert places_of(home, ["路灯不亮"]) != [], "the search finds what does rest there"


def test_undeclared_phones_reach_no_reader_and_wait_in_the_raw_file_for_their_declaration(pool: Context) -> None:
    assert {path.partition("/")[0] for path in places_of(pool.pool.home, PHONES)} <= {"raw"}
    assert "手机号码" in _profile(pool, TICKETS)["drift"]["refused"]["诉求类型"]


@pytest.mark.parametrize(
    ("contract", "refused"),
    [
        (RESIDENTS, {"指紋信息_1", "ＺＪＸＹ", "银 行 账 号", "备注一", "备注二", "编号前段", "编号后段", "备注三", "职业"}),
        (SUBSIDY, {"残疾证号", "残疾类别", "残疾等级"}),
        (DEATHS, {"politicalStatus", "healthStatus", "palm-print.1"}),
        (TICKETS, {"诉求类型", "承办单位", "bloodType"}),
    ],
)
def test_profile_says_which_columns_how_many_values_and_why(pool: Context, contract: str, refused: set[str]) -> None:
    said = _profile(pool, contract)["drift"]["refused"]
    assert set(said) == refused
    filled = {reason.rpartition("，")[2] for header, reason in said.items() if header != "残疾等级"}
    assert filled == {f"{ROWS} 个值"}


def test_receipts_audit_and_report_say_what_went_without_the_data(pool: Context) -> None:
    [batch] = pool.pool.ledger.batches(contract=SUBSIDY)
    [redaction] = pool.pool.receipts.read(batch.batch).redactions
    assert "残疾类别（残疾信息，《个人信息保护法》第二十八条，24 个值）" in redaction.reason
    assert redaction.reason.endswith("残疾证号只留前 18 位：发放状态（2 个值）、身份证号码（6 个值）")
    log = "".join(path.read_text(encoding="utf-8") for path in pool.pool.paths.audit.glob("*.jsonl"))
    assert redaction.reason in log
    pages = (pool.pool.releases.folder(1) / "report" / "datasets").glob("*.html")
    page = "".join(each.read_text(encoding="utf-8") for each in pages)
    assert "拒收的列：指紋信息_1（生物识别信息，《个人信息保护法》第二十八条，24 个值）" in page
    assert "残疾证号只留前 18 位：身份证号码（6 个值）" in page


def test_a_certificate_in_the_column_of_citizen_numbers_leaves_the_citizen_number(pool: Context) -> None:
    [batch] = pool.pool.ledger.batches(contract=SUBSIDY)
    folder = pool.pool.batches.folder(batch.batch)
    accepted = {row["approval_number"]: row for row in pq.read_table(folder / "accepted.parquet").to_pylist()}
    assert [accepted[f"BT{place:04d}"]["citizen_number"] for place in range(4)] == PEOPLE[:4]
    assert accepted["BT0000"]["status"] == f"在发，残疾证{PEOPLE[0]}"
    rejected = [json.loads(row["original"])["身份证号码"] for row in pq.read_table(folder / "quarantine.parquet").to_pylist()]
    assert sorted(rejected) == sorted(number[:18] for number in MISTYPED[4:6]), "a mistyped one is kept for who has to correct it"


def test_other_values_of_the_same_rows_arrive_and_all_of_it_adds_up(pool: Context) -> None:
    rows = {
        entry.contract: entry.counts for entry in pool.pool.ledger.batches(status="accepted") if not entry.contract.startswith("reference")
    }
    counted = {name: (counts.received, counts.accepted, counts.quarantined) for name, counts in rows.items() if counts}
    assert counted == {
        RESIDENTS: (ROWS + 1, ROWS - 1, 2),
        SUBSIDY: (ROWS, ROWS - 2, 2),
        DEATHS: (ROWS, ROWS - 1, 1),
        TICKETS: (ROWS, ROWS, 0),
    }
    assert verify(pool.pool) == []
