"""Exports keep their contract's layout, hold what they should, and the truth knows every row of them."""

from collections import Counter
from pathlib import Path

from samples.exports.table import TOTAL
from samples.noise.dates import FORMS
from samples.words import words
from schemas.contract import Contract, source_contracts
from schemas.refused import refused_by_name
from tests.samples.conftest import Made, make

VARIATIONS_KNOWN = 107
NOWHERE = {"out_of_area", "placeholder", "virtual", "reference"}
OF_OUR_OWN = {"缺户室", "村名异写"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (contents(make(tmp_path / name, 1_500, seed)) for name, seed in (("a", 5), ("b", 5), ("c", 6)))
    assert first == again
    changed = {name for name in first if first[name] != other[name]}
    assert {name for name in first if "/reference/division/" not in name} == changed


def test_every_export_opens_as_its_contract_says(made: Made, exported: list[Contract]) -> None:
    for contract in exported:
        assert made.path(contract).name == f"{contract.name}_20251231{made.path(contract).suffix}"
        rows = made.rows(contract)
        headers = set(rows[0]) - {"sheet", "row"}
        assert {column.physical_name for column in contract.columns} <= headers


def test_every_column_of_a_contract_is_filled_somewhere(made: Made, exported: list[Contract]) -> None:
    for contract in exported:
        rows = made.rows(contract)
        empty = [column.name for column in contract.columns if not any(row[column.physical_name] for row in rows)]
        assert not empty, (contract.id, empty)


def test_columns_that_must_be_refused_are_there_to_be_refused(made: Made, exported: list[Contract]) -> None:
    refused = {header for contract in exported for header in made.rows(contract)[0] if refused_by_name(header)}
    assert {"银行账号", "残疾类别", "残疾证号", "残疾等级", "死亡原因", "宗教信仰", "照片", "政治面貌"} <= refused


def test_the_truth_knows_every_exported_row(made: Made, exported: list[Contract]) -> None:
    records = made.by_dataset("records")
    for contract in exported:
        rows = made.rows(contract)
        known = [record for record in records[contract.id] if TOTAL not in record["planted"]]
        assert [record["row"] for record in known] == [row["row"] for row in rows]
        key = [contract.column(name).physical_name for name in contract.key]
        expected = ["|".join(row[header] or "" for header in key).strip() for row in rows]
        assert [record["source_key"].strip() for record in known] == expected


def test_the_truth_knows_every_exported_address(made: Made, exported: list[Contract]) -> None:
    addresses = made.by_dataset("addresses")
    known = {row["地址编码"] for row in made.rows(source_contracts()["reference.standard_address"])}
    for contract in exported:
        found = addresses[contract.id]
        assert all((entry["reason"] in NOWHERE) == (entry["address_id"] is None) for entry in found)
        assert {entry["address_id"] for entry in found} - {None} <= known
        first = {(entry["column"], entry["row"]): entry["text"] for entry in found if entry["part"] == 1}
        for use in contract.addresses:
            header = contract.column(use.text).physical_name
            texts = {(use.text, row["row"]): row[header] for row in made.rows(contract) if row[header]}
            assert texts.keys() == {key for key in first if key[0] == use.text}
            assert all(text.strip() == first[key].strip() for key, text in texts.items())


def test_every_way_of_writing_an_address_appears(made: Made) -> None:
    usual = set(words("noise")["variations"])
    assert len(usual - OF_OUR_OWN) == VARIATIONS_KNOWN
    seen = Counter(entry["variation"] for entry in made.truth("addresses"))
    assert not usual - set(seen)


def test_dates_appear_in_every_form(made: Made) -> None:
    planted = {name for record in made.truth("records") for name in record["planted"]}
    forms = {name.split(":")[0].removeprefix("date_") for name in planted if name.startswith("date_")}
    assert forms == set(FORMS)


def test_the_same_people_and_firms_stand_in_several_exports(made: Made) -> None:
    datasets: dict[str, set[str]] = {}
    for record in made.truth("records"):
        for kind in ("person", "owner", "head", "other", "organisation"):
            if record[f"{kind}_id"]:
                datasets.setdefault(record[f"{kind}_id"], set()).add(record["dataset"])
    people = [found for entity, found in datasets.items() if entity.startswith("P")]
    firms = [found for entity, found in datasets.items() if entity.startswith("O")]
    assert sum(len(found) >= 3 for found in people) > 20
    assert sum(len(found) >= 3 for found in firms) > 20


def test_the_dead_are_still_paid_now_and_then(made: Made) -> None:
    paid = made.by_dataset("records")["civil_affairs.subsistence_allowance"]
    dead = {person["person_id"] for person in made.truth("persons") if person["death_date"]}
    late = [record for record in paid if record["person_id"] in dead]
    assert late
    assert all("dead_but_paid:member_number" in record["planted"] for record in late)
