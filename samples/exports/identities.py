"""What makes it hard to see that rows speak of one person or one organisation: planted after every other fault, from chance of its own."""

from collections.abc import Mapping, Sequence

import numpy as np

from samples.exports.desk import Desk
from samples.exports.table import Table, draws
from samples.noise import naming, values
from samples.world.firms import Firm

PERSONS_PER_AGENCY = 2500
AGENCY_SHARE = 0.06
NUMBERS: Mapping[str, tuple[float, values.Change]] = {
    "missing_value": (0.012, values.blank),
    "digit_mistyped": (0.004, values.digit_mistyped),
    "digits_swapped": (0.003, values.digits_swapped),
    "old_number_mistyped": (0.002, values.old_number_mistyped),
}
NAMES: Mapping[str, tuple[float, values.Change]] = {
    "homophone_in_name": (0.006, naming.homophone),
    "look_alike_in_name": (0.004, naming.look_alike),
    "traditional_name": (0.003, naming.traditional),
}
OF_ANOTHER_SHARE = 0.0008
RENAMED_SHARE, REGISTRATION_SHARE = 0.5, 0.03


def blur_persons(desk: Desk, table: Table, name: str, persons: Mapping[str, str], required: Sequence[str] = ()) -> None:
    """Spoil numbers and names of persons.

    persons: column of the number to column of the name. required: columns of numbers without which the row would only be rejected.
    """
    rng = draws(desk.seed, f"identities/{name}")
    for number, person in persons.items():
        for fault, (share, change) in NUMBERS.items():
            if number not in required or fault == "old_number_mistyped":
                table.plant(fault, number, share, change, rng)
        for fault, (share, change) in NAMES.items():
            table.plant(fault, person, share, change, rng)
        if number not in required:
            _take_number_of_next(table, number, person, rng)


def share_phone_of_agency(desk: Desk, table: Table, name: str, persons: Sequence[int], column: str) -> None:
    """Some employed persons give the phone of the agency that sent them, as dozens of others do."""
    rng = draws(desk.seed, f"agencies/{name}")
    count = max(1, len(desk.people) // PERSONS_PER_AGENCY)
    sent = (rng.random(len(persons)) < AGENCY_SHARE) & (desk.world.employer[np.array(persons)] >= 0)
    for row in np.flatnonzero(sent).tolist():
        agency = int(desk.world.employer[persons[row]]) % count
        table.columns[column][row] = f"13900{agency:06d}"
        table.planted[row].append(f"phone_of_agency:{column}")


def blur_organisations(desk: Desk, table: Table, name: str, firms: Sequence[Firm], *, code_required: bool = False) -> None:
    """Spoil names of organisations, write their former names, and old registration numbers where the credit code belongs."""
    code, column = "uscc", "organisation_name"
    rng = draws(desk.seed, f"identities/{name}")
    for row, firm in enumerate(firms):
        by_number, renamed = rng.random(2).tolist()
        if firm.registration_number and by_number < REGISTRATION_SHARE and table.columns[code][row] and not code_required:
            table.columns[code][row] = firm.registration_number
            table.planted[row].append(f"registration_number_in_uscc:{code}")
        if firm.former_name and renamed < RENAMED_SHARE and table.columns[code][row] and table.columns[column][row] == firm.name:
            table.columns[column][row] = firm.former_name
            table.planted[row].append(f"former_name:{column}")
    city = desk.world.city
    for fault, share, change in (
        ("name_without_place", 0.02, naming.without_place(city.county)),
        ("name_with_place", 0.006, naming.with_place("浙江省")),
        ("other_legal_form", 0.02, naming.other_legal_form),
        ("bracketed_branch", 0.2, naming.bracketed_branch),
        ("homophone_in_name", 0.008, naming.homophone),
        ("look_alike_in_name", 0.006, naming.look_alike),
        ("dropped_character_in_name", 0.006, naming.dropped_character),
        ("traditional_name", 0.002, naming.traditional),
    ):
        table.plant(fault, column, share, change, rng)
    if not code_required:
        table.plant("digit_mistyped", code, 0.004, values.digit_mistyped, rng)


def _take_number_of_next(table: Table, number: str, person: str, rng: np.random.Generator) -> None:
    """The number of the next row typed for this one, as happens to clerks who fill in whole columns."""
    numbers, names = table.columns[number], table.columns[person]
    for row in np.flatnonzero(rng.random(len(table)) < OF_ANOTHER_SHARE).tolist():
        if row + 1 < len(table) and names[row] != names[row + 1] and numbers[row] and numbers[row + 1]:
            numbers[row] = numbers[row + 1]
            table.planted[row].append(f"number_of_another:{number}")
