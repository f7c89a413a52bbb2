"""The questions of the mart on the samples, held against what the generator knows to be true.

What is expected is reckoned from the truth alone: who a row is about, what its address tells, and the world's own facts. Where the answer
differs, a row behind it must bear a reason: something planted in it, an address that was matched otherwise, persons who were not told apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flow.run import run
from samples.generate import generate
from samples.words import words
from tests.small_exports import context_at

CITY = Path(__file__).parents[2] / "cities" / "330381"
PERSONS, DAY = 6000, "2025-12-31"
RESIDENT, RENTAL = "public_security.resident_population", "public_security.rental_house"
ALLOWANCE, HAZARD = "civil_affairs.subsistence_allowance", "emergency_management.hazard_inspection"
DIVISIONS = ("province", "city", "county", "town", "community")
KINDS = ("between_provinces", "within_province", "within_city", "within_county", "within_town")
ENDED = {"enterprise": ("3", "4", "5"), "social_organisation": ("注销", "撤销")}

pytestmark = pytest.mark.slow


@dataclass
class World:
    """Truth and release; rows are (dataset, row)."""

    folder: Path

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        for path in (self.folder / "truth").glob("*.parquet"):
            connection.execute(f"CREATE VIEW true_{path.stem} AS FROM read_parquet('{path}')")
        for path in (self.folder / "home" / "releases" / "1" / "pool").glob("*.parquet"):
            connection.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
        connection.execute("""
            CREATE TABLE counting AS
            SELECT regexp_extract(batch, '^(.*)-[0-9]{4}-[0-9]{2}-[0-9]{2}-', 1) AS dataset, file_key, sheet, row
            FROM row_outcome WHERE outcome IN ('published', 'merged')""")
        return connection

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    @cached_property
    def truth_of(self) -> dict[tuple[str, str], set[str]]:
        """(table, id of the pool) to the true persons or organisations that its rows are about."""
        alias = "CASE alias WHEN 'owner' THEN owner_id WHEN 'head' THEN head_id ELSE person_id END"
        found = self.ask(f"""
            SELECT table_name, key, CASE table_name WHEN 'person' THEN {alias} ELSE truth.organisation_id END
            FROM entity_link JOIN counting USING (file_key, sheet, row) JOIN true_records AS truth USING (dataset, row)
            WHERE table_name IN ('person', 'organisation')""")
        told: dict[tuple[str, str], set[str]] = defaultdict(set)
        for table, key, truth in found:
            told[table, key].add(truth)
        return told

    def true_id(self, table: str, key: str) -> str:
        """The only one behind an id, or all of them joined."""
        return "+".join(sorted(str(each) for each in self.truth_of[table, key]))

    @cached_property
    def confused(self) -> set[str]:
        """Persons and organisations that stand behind several ids, or share one."""
        ids: dict[str, set[str]] = defaultdict(set)
        for (_, key), truths in self.truth_of.items():
            for truth in truths:
                ids[truth].add(key)
        mixed = {truth for truths in self.truth_of.values() if len(truths) > 1 for truth in truths}
        return mixed | {truth for truth, keys in ids.items() if len(keys) > 1}

    @cached_property
    def addresses(self) -> dict[str, tuple[str, str | None, tuple[str | None, ...]]]:
        """Level, parent and divisions of each standard address."""
        rows = self.ask(f"SELECT address_id, level, parent_id, {', '.join(DIVISIONS)} FROM address")
        return {row[0]: (row[1], row[2], row[3:]) for row in rows}

    def path(self, address: str | None) -> list[str]:
        """An address and those above it."""
        found = []
        while address:
            found.append(address)
            address = self.addresses[address][1]
        return found

    def site(self, address: str) -> str | None:
        """The building an address is in, else the house."""
        path = self.path(address)
        return next((each for level in ("building", "house") for each in path if self.addresses[each][0] == level), None)

    def apart(self, registered: str, other: str) -> str | None:
        """How far apart two places are; None where they may be the same."""
        here, there = self.addresses[registered][2], self.addresses[other][2]
        for kind, one, another in zip(KINDS, here, there, strict=True):
            if one and another and one != another:
                return kind
        if registered in self.path(other) or other in self.path(registered):
            return None
        sites = self.site(registered), self.site(other)
        if sites[0] == sites[1]:
            return "within_building" if sites[0] else None
        if None in sites or sites[0] in self.path(other) or sites[1] in self.path(registered):
            return None
        return "within_community" if here[4] and here[4] == there[4] else None

    @cached_property
    def told(self) -> dict[tuple[str, int, str], tuple[str | None, str, str]]:
        """(dataset, row, column) of rows that count to address, status and text of the first part, as the truth has it."""
        rows = self.ask("""
            SELECT dataset, row, "column", address_id, status, text FROM true_addresses SEMI JOIN counting USING (dataset, row) WHERE part = 1""")
        return {(dataset, row, column): (address, status, text) for dataset, row, column, address, status, text in rows}

    @cached_property
    def misread(self) -> set[tuple[str, int]]:
        """Rows with an address that the release has otherwise than the truth, or with more than one part."""
        columns = {
            "registered": ("registered_address_text", "住所"),
            "actual": ("actual_address_text", "address_text"),
            "rented": ("address_text",),
        }
        columns["operating"] = ("operating_address_text", "office_address_text", "address_text")
        rows = self.ask("""
            SELECT dataset, row, kind, address_id, match_status, address_text FROM (
                SELECT 'residence' AS table_name, residence_id AS key, kind, address_id, match_status, address_text FROM residence
                UNION ALL SELECT 'premises', premises_id, kind, address_id, match_status, address_text FROM premises)
            JOIN lineage USING (table_name, key) JOIN counting USING (file_key, sheet, row)""")
        found: dict[tuple[str, int, str], set[tuple[str | None, str]]] = defaultdict(set)
        for dataset, row, kind, address, status, _ in rows:
            column = next((each for each in columns[kind] if (dataset, row, each) in self.told), None)
            if column:
                found[dataset, row, column].add((address, status))
        wrong = {(dataset, row) for (dataset, row, column), seen in found.items() if seen != {self.told[dataset, row, column][:2]}}
        parts = {(dataset, row) for dataset, row in self.ask("SELECT DISTINCT dataset, row FROM true_addresses WHERE part > 1")}
        return wrong | parts

    @cached_property
    def rows_about(self) -> dict[str, set[tuple[str, int]]]:
        """True person, organisation, house or event to the exported rows about it, quarantined ones included."""
        about: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for dataset, row, *ids in self.ask(
            "SELECT dataset, row, person_id, owner_id, head_id, organisation_id, house_id, event_id FROM true_records"
        ):
            for each in filter(None, ids):
                about[each].add((dataset, row))
        return about

    @cached_property
    def planted(self) -> dict[tuple[str, int], list[str]]:
        return {
            (dataset, row): names
            for dataset, row, names in self.ask("SELECT dataset, row, planted FROM true_records WHERE len(planted) > 0")
        }

    def has_reason(self, truths: Iterable[str]) -> bool:
        """Whether a row about one of them was spoilt or misread, or they were not told apart."""
        for truth in truths:
            rows = self.rows_about[truth]
            if truth in self.confused or rows & self.misread or any(_spoils(name) for row in rows for name in self.planted.get(row, ())):
                return True
        return False

    def is_ended(self, organisation: str) -> bool:
        form, state = self._states[organisation]
        return state in ENDED["social_organisation" if form == "social_organisation" else "enterprise"]

    @cached_property
    def _states(self) -> dict[str, tuple[str, str]]:
        return {id: (form, state) for id, form, state in self.ask("SELECT organisation_id, form, state FROM true_organisations")}


def _spoils(planted: str) -> bool:
    """Whether something planted may change an answer: dates in another form and phones do not."""
    name, _, column = planted.partition(":")
    return not name.startswith("date_") and "phone" not in column and name != "contradicting_flag"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("questions")
    generate(CITY, folder / "exports", folder / "truth", PERSONS, 5, date.fromisoformat(DAY), lambda _said: None)
    assert run(context_at(folder / "home", now=datetime(2026, 1, 2, tzinfo=UTC)), folder / "exports") == 1
    return World(folder)


def compare(world: World, expected: Mapping[Any, Any], found: Mapping[Any, Any], about: Mapping[Any, Iterable[str]], least: int) -> None:
    """Every difference has a reason, most answers agree, and there are enough of them to tell."""
    differing = {key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)}
    unexplained = {key: (expected.get(key), found.get(key)) for key in differing if not world.has_reason(about.get(key, ()))}
    agreeing = len(expected.keys() - differing)
    assert unexplained == {}
    assert agreeing >= least
    assert agreeing >= 0.75 * len(expected)


def outside(text: str) -> str | None:
    """How far away a place is that the generator wrote for outside the city."""
    for _, province, city, county, _ in words("elsewhere")["places"]:
        if text.startswith(f"{province}{city if city != province else ''}{county}"):
            return "between_provinces" if province != "浙江省" else "within_province" if city != "温州市" else "within_city"
    return None


def test_separated_residences_are_those_of_the_truth(world: World) -> None:
    dead = {person for (person,) in world.ask("SELECT person_id FROM true_persons WHERE death_date IS NOT NULL AND death_date <> ''")}
    gone = {person for (person,) in world.ask(f"SELECT person_id FROM true_persons WHERE moved_out_on <> '' AND moved_out_on <= '{DAY}'")}
    registered: dict[str, str] = {}
    staying: dict[str, tuple[tuple[Any, ...], str]] = {}
    for dataset, row, person in world.ask("SELECT dataset, row, person_id FROM true_records SEMI JOIN counting USING (dataset, row)"):
        if dataset == RESIDENT:
            address, status, _ = world.told.get((dataset, row, "registered_address_text"), (None, "", ""))
            if status == "matched" and address and person not in gone:
                registered[person] = address
            home = world.told.get((dataset, row, "actual_address_text"))
            if home and (place := home[0] if home[1] == "matched" else outside(home[2])):
                staying[person] = ((), place)
    lettings = world.ask(f"""
        SELECT tenant_id, house_id, valid_from FROM true_lettings
        WHERE valid_from <= '{DAY}' AND (valid_to = '' OR valid_to > '{DAY}') ORDER BY valid_from""")
    rented = defaultdict(list)
    for person, house, since in lettings:
        rented[person].append((since, house))
    for dataset, row, person, house in world.ask(
        "SELECT dataset, row, person_id, house_id FROM true_records SEMI JOIN counting USING (dataset, row)"
    ):
        if dataset == RENTAL and (address := world.told.get((dataset, row, "address_text"), (None,))[0]):
            for since, at in rented[person]:
                if at == house and (person not in staying or staying[person][0] < (1, since)):
                    staying[person] = ((1, since), address)
    expected = {}
    for person in registered.keys() & staying.keys() - dead:
        place = staying[person][1]
        kind = world.apart(registered[person], place) if place in world.addresses else place
        if kind and kind != "within_building":
            expected[person] = kind
    found = {world.true_id("person", key): kind for key, kind in world.ask("SELECT person_id, kind FROM separated_residence")}
    allowed = {person: person.split("+") for person in {*expected, *found}}
    headed = {head for (head,) in world.ask("SELECT head_id FROM true_records WHERE head_id IS NOT NULL")}
    compare(
        world,
        {person: kind for person, kind in expected.items() if person not in headed},
        {person: kind for person, kind in found.items() if person not in headed},
        allowed,
        least=500,
    )
    assert len(set(expected.values())) >= 5


def test_let_houses_have_the_tenants_and_areas_of_the_truth(world: World) -> None:
    rows = world.ask(f"""
        SELECT house_id, count(DISTINCT tenant_id), any_value(let_area), any_value(let_room_count), list(DISTINCT tenant_id), any_value(owner_id)
        FROM true_lettings WHERE valid_from <= '{DAY}' AND (valid_to = '' OR valid_to > '{DAY}') GROUP BY house_id""")
    expected = {house: (tenants, area / tenants < 4 or tenants / rooms > 2) for house, tenants, area, rooms, _, _ in rows}
    about: dict[str, list[str]] = {house: [house, *people] for house, _, _, _, people, _ in rows}
    found = {
        house: (tenants, crowded) for house, tenants, crowded in world.ask("SELECT house_id, tenants, is_crowded FROM letting_density")
    }
    known = {key: value for key, value in found.items() if key in expected}
    for house in found.keys() - expected.keys():  # by its number in the source: some row of it was read otherwise
        known[house] = found[house]
        about[house] = [truth for (truth,) in world.ask(f"""
            SELECT DISTINCT truth.house_id FROM lineage JOIN counting USING (file_key, sheet, row) JOIN true_records AS truth USING (dataset, row)
            WHERE lineage.table_name = 'house' AND lineage.key = '{house}'""")]  # fmt: skip
    compare(world, expected, known, about, least=250)
    assert sum(crowded for _, crowded in expected.values()) > 20


def test_premises_elsewhere_are_those_of_the_truth(world: World) -> None:
    registered, operating = defaultdict(set), defaultdict(set)
    for dataset, row, organisation in world.ask(
        "SELECT dataset, row, organisation_id FROM true_records SEMI JOIN counting USING (dataset, row) WHERE organisation_id IS NOT NULL"
    ):
        for column, where in (
            ("registered_address_text", registered),
            ("operating_address_text", operating),
            ("office_address_text", operating),
        ):
            address, status, _ = world.told.get((dataset, row, column), (None, "", ""))
            if status == "matched" and address:
                where[organisation].add(address)
    for row, organisation in world.ask(
        "SELECT row, organisation_id FROM true_records SEMI JOIN counting USING (dataset, row) WHERE dataset LIKE '%chemical%'"
    ):
        address, status, _ = world.told.get(("emergency_management.hazardous_chemical_enterprise", row, "address_text"), (None, "", ""))
        if status == "matched" and address:
            operating[organisation].add(address)
    expected = {}
    for organisation in registered.keys() & operating.keys():
        if world.is_ended(organisation):
            continue
        kinds = {place: {world.apart(home, place) for home in registered[organisation]} for place in operating[organisation]}
        if any(None not in each for each in kinds.values()):
            expected[organisation] = True
    found = {world.true_id("organisation", key): True for (key,) in world.ask("SELECT DISTINCT organisation_id FROM separated_premises")}
    compare(world, expected, found, {each: each.split("+") for each in {*expected, *found}}, least=30)


def test_shared_rooms_are_those_of_the_truth(world: World) -> None:
    parents = {parent for _, parent, _ in world.addresses.values()}
    at = defaultdict(set)
    for dataset, row, organisation in world.ask(
        "SELECT dataset, row, organisation_id FROM true_records SEMI JOIN counting USING (dataset, row) WHERE organisation_id IS NOT NULL"
    ):
        address, status, _ = world.told.get((dataset, row, "registered_address_text"), (None, "", ""))
        leaf = address not in parents and address and world.addresses[address][0] in ("house", "building", "unit", "floor", "room")
        if status == "matched" and address and leaf and not world.is_ended(organisation):
            at[address].add(organisation)
    expected = {address: len(each) for address, each in at.items() if len(each) >= 5}
    found = dict(world.ask("SELECT address_id, organisations FROM shared_room"))
    really = defaultdict(set)
    for organisation, node in world.ask("SELECT organisation_id, registered_address_id FROM true_organisations"):
        really[node].add(organisation)
    compare(world, expected, found, {address: {*at[address], *really[address]} for address in {*expected, *found}}, least=0)
    assert set(found) & set(expected)


def test_open_hazards_of_ended_firms_are_those_of_the_truth(world: World) -> None:
    rows = world.ask("SELECT event_id, organisation_id, state FROM true_hazards")
    kept = {
        event
        for (event,) in world.ask(f"SELECT event_id FROM true_records SEMI JOIN counting USING (dataset, row) WHERE dataset = '{HAZARD}'")
    }
    expected = {
        event: True for event, organisation, state in rows if event in kept and state != "整改完成" and world.is_ended(organisation)
    }
    found = {event: True for (event,) in world.ask("SELECT source_key FROM open_event_of_ended_organisation JOIN event USING (event_id)")}
    compare(world, expected, found, {event: [event, organisation] for event, organisation, _ in rows}, least=2)


def test_doubtful_benefits_are_those_of_the_truth(world: World) -> None:
    kept = set(world.ask(f"""
        SELECT split_part(source_key, '|', 1), person_id FROM true_records SEMI JOIN counting USING (dataset, row) WHERE dataset = '{ALLOWANCE}'"""))  # fmt: skip
    rows = world.ask(
        "SELECT certificate_number, person_id, month, death_date, moved_out_on FROM true_benefits JOIN true_persons USING (person_id)"
    )
    expected = {}
    for certificate, person, month, died, moved in rows:
        doubts = {
            doubt
            for doubt, day, late in (("deceased", died, "<"), ("moved_out", moved, "<="))
            if day and (day < month or (late == "<=" and day == month))
        }
        if doubts and (certificate, person) in kept:
            expected[certificate, person] = doubts
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for certificate, key, doubt in world.ask("SELECT certificate_number, person_id, doubt FROM doubtful_benefit"):
        found[certificate, world.true_id("person", key)].add(doubt)
    compare(world, expected, found, {key: key[1].split("+") for key in {*expected, *found}}, least=2)
    assert {doubt for doubts in expected.values() for doubt in doubts} == {"deceased", "moved_out"}


def test_nobody_is_unconfirmed_where_all_exports_are_of_one_day(world: World) -> None:
    assert world.ask("SELECT count(*) FROM unconfirmed_record") == [(0,)]


def test_addresses_of_one_department_are_those_of_the_truth(world: World) -> None:
    expected, rows = defaultdict(set), defaultdict(set)
    for (dataset, row, column), (address, status, _) in world.told.items():
        if address:
            rows[address].add((dataset, row))
            unused = (dataset == ALLOWANCE and column != "address_text") or dataset.startswith("reference.")
            if status == "matched" and not unused and world.addresses[address][0] in ("house", "building", "unit", "floor", "room"):
                expected[address].add(dataset.split(".")[0])
    single = {address: next(iter(systems)) for address, systems in expected.items() if len(systems) == 1}
    found = dict(world.ask("SELECT address_id, system FROM single_source_address"))
    differing = {address for address in single.keys() | found.keys() if single.get(address) != found.get(address)}
    near = {each for dataset, row in world.misread for each in _nearby(world, dataset, row)}
    spoilt = {address for address in differing if address in near or any(row in world.misread for row in rows[address])}
    assert len(differing - spoilt) <= 0.02 * len(single), sorted(differing - spoilt)[:20]
    assert len(single.keys() - differing) > 0.9 * len(single) > 1000


def _nearby(world: World, dataset: str, row: int) -> set[str]:
    """Addresses that the release has for a misread row, and those above."""
    found = world.ask(f"""
        SELECT DISTINCT address_id FROM residence JOIN lineage ON table_name = 'residence' AND key = residence_id
        JOIN counting USING (file_key, sheet, row) WHERE dataset = '{dataset}' AND row = {row} AND address_id IS NOT NULL""")
    return {address for (address,) in found}
