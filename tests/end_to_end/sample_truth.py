"""The samples' own truth beside a release of them: what should be told, and which differences have a reason."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from samples.words import words

DIVISIONS = ("province", "city", "county", "town", "community")
KINDS = ("between_provinces", "within_province", "within_city", "within_county", "within_town")
ENDED = {"enterprise": ("3", "4", "5"), "social_organisation": ("注销", "撤销")}


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
        alias = "CASE alias WHEN 'owner' THEN owner_id WHEN 'head' THEN head_id WHEN 'second' THEN spouse_id WHEN 'manager' THEN manager_id WHEN 'party_b' THEN other_id WHEN 'respondent' THEN respondent_id ELSE person_id END"
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
        """How far apart two places are; None where they may be the same, and of two outside the area."""
        inside = [place for place in (registered, other) if place in self.addresses]
        if len(inside) < 2:
            return next(iter({registered, other} - {*inside})) if inside else None
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
    def told(self) -> dict[tuple[str, int, str], tuple[str | None, str, str, str]]:
        """(dataset, row, column) of rows that count to address, status, reason and text of the first part, as the truth has it."""
        rows = self.ask("""
            SELECT dataset, row, "column", address_id, status, reason, text
            FROM true_addresses SEMI JOIN counting USING (dataset, row) WHERE part = 1""")
        return {(dataset, row, column): (address, status, reason, text) for dataset, row, column, address, status, reason, text in rows}

    def place(self, dataset: str, row: int, column: str) -> str | None:
        """The address that a row tells, of one outside the area how far away it is, None for none that is safe."""
        address, status, reason, text = self.told.get((dataset, row, column), (None, "", "", ""))
        if status == "matched":
            return address
        return outside(text) if reason == "out_of_area" else None

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
                UNION ALL SELECT 'premises', premises_id, kind, address_id, match_status, address_text FROM premises
                UNION ALL SELECT 'house', house_id, 'rented', address_id, match_status, address_text FROM house)
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
            "SELECT dataset, row, person_id, owner_id, head_id, spouse_id, manager_id, respondent_id, other_id, organisation_id, house_id, event_id FROM true_records"
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
    return not name.startswith(("date_", "instant_")) and "phone" not in column and name != "contradicting_flag"


def outside(text: str) -> str:
    """How far away a place outside the city is, as the generator wrote it; one without its province says nothing of that."""
    for _, province, city, *_ in words("elsewhere")["places"]:
        if text.startswith(province):
            return "between_provinces" if province != "浙江省" else "within_city" if "温州市" in text else "within_province"
        if text.startswith(city):
            return "within_city" if city == "温州市" else "outside"
    return "outside"
