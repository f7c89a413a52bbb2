"""The truth behind the exports, as Parquet files apart from them.

`records`: one row for each exported row and line of totals, with the entities it is about and what was planted in it.
`addresses`: one row for each address (and part of it) of an exported row: where the entity really is, and what the text tells.
`persons`, `organisations`, `lettings`, `hazards`, `benefits`, `marriages`, `address_grids`: the world itself.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samples.exports.desk import Desk, firm_id, person_id, society_id
from samples.exports.rental_house import let_areas, let_rooms
from samples.exports.table import Table
from samples.noise.dates import iso_dates
from samples.noise.place import MATCHED, Written
from samples.randomness import Ints
from samples.world.grids import CONTESTED, NOWHERE
from samples.world.library import LEVELS, Library
from schemas.contract import Contract

ABOUT = ("person", "owner", "head", "spouse", "manager", "respondent", "organisation", "house", "event", "other")
RECORDS = pa.schema(
    [("dataset", pa.string()), ("file", pa.string()), ("row", pa.int64()), ("source_key", pa.string())]
    + [(f"{kind}_id", pa.string()) for kind in ABOUT]
    + [("planted", pa.list_(pa.string()))]
)
ADDRESSES = pa.schema(
    [
        ("dataset", pa.string()),
        ("row", pa.int64()),
        ("source_key", pa.string()),
        ("column", pa.string()),
        ("part", pa.int64()),
        ("text", pa.string()),
        ("variation", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("level", pa.string()),
        ("address_id", pa.string()),
        ("candidates", pa.list_(pa.string())),
        ("actual_address_id", pa.string()),
    ]
)


class Truth:
    """Collects the truth of exported tables; `close` finishes the files."""

    def __init__(self, folder: Path, library: Library) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.library = library
        self.records = pq.ParquetWriter(folder / "records.parquet", RECORDS, compression="zstd")
        self.addresses = pq.ParquetWriter(folder / "addresses.parquet", ADDRESSES, compression="zstd")

    def add(self, contract: Contract, file: str, first_row: int, table: Table) -> None:
        """Note a table that stands in `file` from `first_row` on."""
        count = len(table)
        by_header = {column.name: column.physical_name for column in contract.columns}
        key = [table.columns[name if name in table.columns else by_header[name]] for name in contract.key]
        keys = ["|".join(map(str, parts)) for parts in zip(*key, strict=True)]
        columns: dict[str, Any] = {
            "dataset": [contract.id] * count,
            "file": [file] * count,
            "row": list(range(first_row, first_row + count)),
            "source_key": keys,
            **{f"{kind}_id": [each or None for each in table.about.get(kind, [None] * count)] for kind in ABOUT},
            "planted": [table.planted.get(row, []) for row in range(count)],
        }
        self.records.write_table(pa.table(columns, schema=RECORDS))
        if table.addresses:
            self.addresses.write_table(self._addresses(contract, first_row, keys, table))

    def _addresses(self, contract: Contract, first_row: int, keys: list[str], table: Table) -> pa.Table:
        found: dict[str, list[Any]] = {name: [] for name in ADDRESSES.names}
        for addresses in table.addresses:
            texts = table.columns[addresses.column]
            entries = zip(addresses.rows, addresses.variations, addresses.written, addresses.actual, strict=True)
            for row, variation, written, actual in entries:
                if texts[row] == "":
                    continue
                for part, (node, first) in enumerate(_parts(written), start=1):
                    values = (
                        contract.id,
                        first_row + row,
                        keys[row],
                        addresses.column,
                        part,
                        texts[row],
                        variation,
                        written.status if first else MATCHED,
                        written.reason,
                        LEVELS[self.library.level[node]] if node >= 0 else None,
                        self._id(node),
                        [self._id(candidate) for candidate in written.candidates],
                        self._id(actual),
                    )
                    for column, value in zip(found.values(), values, strict=True):
                        column.append(value)
        return pa.table(found, schema=ADDRESSES)

    def _id(self, node: int) -> str | None:
        return self.library.address_id(node) if node >= 0 else None

    def close(self, desk: Desk) -> None:
        """Finish the files and write the world's entities."""
        self.records.close()
        self.addresses.close()
        tables = {
            "persons": _persons(desk),
            "organisations": _organisations(desk),
            "lettings": _lettings(desk),
            "hazards": _hazards(desk),
            "benefits": _benefits(desk),
            "marriages": _marriages(desk),
            "address_grids": _address_grids(desk),
        }
        for name, table in tables.items():
            pq.write_table(table, self.folder / f"{name}.parquet", compression="zstd")


def _parts(written: Written) -> list[tuple[int, bool]]:
    return [(written.node, True), *((node, False) for node in written.more)]


def _ids(library: Library, nodes: Ints) -> list[str | None]:
    return [library.address_id(node) if node >= 0 else None for node in nodes.tolist()]


def _persons(desk: Desk) -> pa.Table:
    people, homes = desk.people, desk.world.homes
    indexes = np.arange(len(people))
    return pa.table(
        {
            "person_id": [person_id(index) for index in indexes.tolist()],
            "citizen_number": people.numbers,
            "name": people.names,
            "sex_code": np.where(people.male, "1", "2").tolist(),
            "birth_date": iso_dates(people.born),
            "death_date": iso_dates(people.died),
            "moved_out_on": iso_dates(desk.world.moved_out),
            "household": people.household,
            "registered_address_id": _ids(desk.library, homes.registered[people.household]),
            "actual_address_id": _ids(desk.library, homes.actual[people.household]),
        }
    )


def _organisations(desk: Desk) -> pa.Table:
    world, library = desk.world, desk.library
    rows = [
        (
            firm_id(i),
            firm.uscc,
            firm.registration_number,
            firm.name,
            firm.form,
            firm.state,
            firm.registered,
            firm.operating,
            firm.representative,
        )
        for i, firm in enumerate(world.firms)
    ]
    rows += [
        (society_id(i), each.uscc, "", each.name, "social_organisation", each.state, each.registered, each.office, each.representative)
        for i, each in enumerate(world.societies)
    ]
    ids, codes, numbers, names, forms, states, registered, operating, representatives = map(list, zip(*rows, strict=True))
    return pa.table(
        {
            "organisation_id": ids,
            "uscc": codes,
            "registration_number": numbers,
            "name": names,
            "form": forms,
            "state": states,
            "registered_address_id": _ids(library, np.array(registered)),
            "operating_address_id": _ids(library, np.array(operating)),
            "representative_id": [person_id(person) for person in representatives],
        }
    )


def _lettings(desk: Desk) -> pa.Table:
    lettings = desk.world.lettings
    return pa.table(
        {
            "tenant_id": [person_id(person) for person in lettings.tenant.tolist()],
            "owner_id": [person_id(person) for person in lettings.owner.tolist()],
            "house_id": _ids(desk.library, lettings.dwelling),
            "valid_from": iso_dates(lettings.start),
            "valid_to": iso_dates(lettings.end),
            "let_area": let_areas(lettings.dwelling),
            "let_room_count": let_rooms(lettings.dwelling),
        }
    )


def _hazards(desk: Desk) -> pa.Table:
    found = desk.world.hazards
    return pa.table(
        {
            "event_id": [hazard.number for hazard in found],
            "organisation_id": [firm_id(hazard.firm) for hazard in found],
            "state": [hazard.state for hazard in found],
        }
    )


def _benefits(desk: Desk) -> pa.Table:
    """One row for each person of a household on allowance and for each subsidy, paid for the month of the exports."""
    rows = [(poor.certificate, member) for poor in desk.world.poor for member in poor.members]
    rows += [(subsidy.number, subsidy.person) for subsidy in desk.world.subsidies if subsidy.stopped is None]
    return pa.table(
        {
            "certificate_number": [certificate for certificate, _ in rows],
            "person_id": [person_id(person) for _, person in rows],
            "month": [desk.world.today.replace(day=1).isoformat()] * len(rows),
        }
    )


def _marriages(desk: Desk) -> pa.Table:
    """What was registered of whom, on which day."""
    found = desk.world.marriages
    return pa.table(
        {
            "certificate_number": [each.number for each in found],
            "business": [each.business for each in found],
            "registered_on": iso_dates(np.array([each.day for each in found], dtype=np.int64)),
            "husband_id": [person_id(each.husband) for each in found],
            "wife_id": [person_id(each.wife) for each in found],
        }
    )


def _address_grids(desk: Desk) -> pa.Table:
    """The unified grid of every door and all that lies behind one; without a code `none` or `several` tells why."""
    unified = desk.world.grids.unified
    doors = np.flatnonzero(unified.placed > -3)
    placed = unified.placed[doors].tolist()
    return pa.table(
        {
            "address_id": _ids(desk.library, doors),
            "grid_code": pa.array([unified.grids[grid].code if grid >= 0 else None for grid in placed], pa.string()),
            "placement": [{NOWHERE: "none", CONTESTED: "several"}.get(grid, "in_one") for grid in placed],
        }
    )
