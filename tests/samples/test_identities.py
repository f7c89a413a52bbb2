"""The exports hold what makes persons and organisations hard to tell apart or together, in small shares and with known truth."""

from collections import Counter, defaultdict

from samples.exports.identities import NAMES, NUMBERS
from schemas.contract import source_contracts
from tests.samples.conftest import Made

ORGANISATION_FAULTS = {
    "former_name", "registration_number_in_uscc", "name_without_place", "name_with_place", "other_legal_form", "bracketed_branch",
    "homophone_in_name", "look_alike_in_name", "dropped_character_in_name", "traditional_name",
}  # fmt: skip


def test_every_fault_of_identities_occurs_and_none_often(made: Made) -> None:
    records = made.truth("records")
    planted = Counter(name.split(":")[0] for record in records for name in record["planted"])
    wanted = {*NUMBERS, *NAMES, *ORGANISATION_FAULTS, "phone_of_agency", "number_of_another"}
    assert not wanted - set(planted)
    assert all(planted[fault] < 0.03 * len(records) for fault in wanted)


def test_twins_of_one_household_are_born_on_one_day_and_have_names_that_differ_in_one_character(made: Made) -> None:
    households = defaultdict(list)
    for person in made.truth("persons"):
        households[person["household"], person["birth_date"]].append(person["name"])
    twins = [names for names in households.values() if len(names) > 1]
    assert len(twins) > 5
    assert all(len(set(names)) == len(names) for names in twins)
    assert sum(names[0][:-1] == names[1][:-1] for names in twins) > 5


def test_strangers_share_name_and_birthday_but_never_a_number(made: Made) -> None:
    persons = defaultdict(list)
    for person in made.truth("persons"):
        persons[person["name"], person["birth_date"]].append(person)
    namesakes = [found for found in persons.values() if len(found) > 1]
    assert len(namesakes) > 10
    assert all(len({person["citizen_number"] for person in found}) == len(found) for found in namesakes)
    assert all(len({person["household"] for person in found}) == len(found) for found in namesakes)


def test_dozens_give_the_phone_of_their_agency(made: Made) -> None:
    rows = made.rows(source_contracts()["public_security.rental_house"])
    phones = Counter(row["承租人联系电话"] for row in rows)
    assert sum(count > 10 for phone, count in phones.items() if phone and phone.startswith("13900")) > 3


def test_branches_bear_the_name_of_a_company_that_is_registered_too(made: Made) -> None:
    names = {entry["name"] for entry in made.truth("organisations")}
    branches = [name for name in names if name.endswith("分公司")]
    assert (
        sum(any(name.startswith(f"{company}") and name != company for company in names if company.endswith("公司")) for name in branches)
        > 3
    )


def test_a_row_under_another_name_or_number_still_knows_whom_it_means(made: Made) -> None:
    contract = source_contracts()["emergency_management.hazard_inspection"]
    names = {entry["organisation_id"]: entry["name"] for entry in made.truth("organisations")}
    rows = {row["row"]: row["责任单位"] for row in made.rows(contract)}
    records = made.by_dataset("records")[contract.id]
    renamed = [record for record in records if "former_name:organisation_name" in record["planted"]]
    assert renamed
    assert all(rows[record["row"]] != names[record["organisation_id"]] for record in renamed)
