"""The standard address library: what was delivered, and over it what people changed; built once a version."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from address_matching import RULE_VERSION, AddressIndex, Scope, build_index, complete_library
from flow.context import Context
from flow.delivered import Deliveries, batch_content, create_current_rows
from flow.review.decided import decided_aliases
from flow.workspace import workspace
from pool import AlreadySealed, LibraryEdit
from schemas.contract import Contract
from transforms.library import KEPT_BY_CHANGES, create_changed, library_addresses, library_aliases, names_told, without_features
from transforms.library_edits import apply_edits

ADDRESSES, ADDRESS_CHANGES = "reference.standard_address", "reference.standard_address_change"
ALIASES, ALIAS_CHANGES = "reference.address_alias", "reference.address_alias_change"
DIVISIONS = "reference.division"
REFERENCE = (ADDRESSES, ADDRESS_CHANGES, DIVISIONS, ALIASES, ALIAS_CHANGES)
ALIAS_TABLE = "address_alias"
CHANGES = (ADDRESS_CHANGES, ALIAS_CHANGES)
"""Datasets that hold only what differs from the whole ones."""

LIBRARY_SECONDS = 3600.0
"""How long a worker waits for another that builds the same library."""
EFFECTS = "edits.json"
FROM_THEIR_DAY = ("retire", "rename")
"""Edits that take effect on the day they name, however early they were made."""


@dataclass(frozen=True, slots=True)
class Library:
    """A version of the standard address library on disk."""

    version: str
    folder: Path

    @property
    def addresses(self) -> Path:
        return self.folder / "addresses.parquet"

    @property
    def aliases(self) -> Path:
        return self.folder / "aliases.parquet"

    def index(self) -> AddressIndex:
        """The index of this version, memory-mapped; opened once a process."""
        return _opened(self.folder / "index")

    def effects(self) -> list[int]:
        """How many rows of the library each edit in force changed, in their order: the same edits, made again, have other numbers."""
        found: list[int] = json.loads((self.folder / EFFECTS).read_text(encoding="utf-8"))
        return found


@lru_cache(maxsize=4)
def _opened(folder: Path) -> AddressIndex:
    return AddressIndex.open(folder)


def library_of(context: Context, deliveries: Deliveries) -> Library:
    """The library of these deliveries, the edits in force and what people decided; built once a version, the digest of all of it."""
    with context.pool.reading():
        version, edits, decided = _made_of(context, deliveries)
        if not context.pool.library.is_sealed(version):
            with suppress(AlreadySealed):  # another worker finished the same library
                _build(context, version, deliveries, edits, decided)
    return Library(version, context.pool.library.folder(version))


def named_library(context: Context, deliveries: Deliveries) -> Library:
    """`library_of` where it rests, or will once it is built."""
    version, _, _ = _made_of(context, deliveries)
    return Library(version, context.pool.library.folder(version))


def _made_of(context: Context, deliveries: Deliveries) -> tuple[str, Sequence[LibraryEdit], pa.Table]:
    """The version of a library, and beside the deliveries what it is made of: edits and aliases that people decided."""
    edits = edits_in_force(context.pool.ledger.library_edits(), context.local_date(context.now))
    decided = decided_aliases(context)
    sources = [*REFERENCE, *(contract.id for contract in naming_contracts(context))]
    content = {contract: [(entry.batch, batch_content(context, entry.batch)) for entry in deliveries[contract]] for contract in sources}
    changes = [(edit.kind, edit.payload) for edit in edits]
    city = [context.city.code, context.city.scope]
    made_of = json.dumps([content, changes, [list(row.values()) for row in decided.to_pylist()], RULE_VERSION, city], sort_keys=True)
    return hashlib.sha256(made_of.encode()).hexdigest()[:16], edits, decided


def naming_contracts(context: Context) -> list[Contract]:
    """Contracts beside the reference data whose rows tell other names of places."""
    return [
        contract
        for contract in context.contracts.values()
        if contract.id not in REFERENCE and any(fact.table == ALIAS_TABLE for fact in contract.facts)
    ]


def edits_in_force(edits: Sequence[LibraryEdit], today: date) -> list[LibraryEdit]:
    """The edits that nobody has undone and whose day has come, in their order; an undone undo counts no more either."""
    standing = standing_edits(edits)
    return [edit for edit in standing if edit.kind not in FROM_THEIR_DAY or date.fromisoformat(edit.payload["on"]) <= today]


def standing_edits(edits: Sequence[LibraryEdit]) -> list[LibraryEdit]:
    """The edits that nobody has undone, in their order."""
    undone: set[int] = set()
    for edit in reversed(edits):
        if edit.kind == "undo" and edit.number not in undone:
            undone.add(edit.payload["edit"])
    return [edit for edit in edits if edit.kind != "undo" and edit.number not in undone]


def _build(context: Context, version: str, deliveries: Deliveries, edits: Sequence[LibraryEdit], decided: pa.Table) -> None:
    addresses, aliases = _delivered(context, deliveries)
    scope = Scope(**context.city.scope)
    addresses = complete_library(addresses, scope=scope)
    edited = apply_edits(addresses, aliases, edits)
    aliases = pa.concat_tables([edited.aliases, decided])
    with context.pool.library.building(version, timeout=LIBRARY_SECONDS) as folder:
        pq.write_table(edited.addresses, folder / "addresses.parquet", compression="zstd")
        pq.write_table(aliases, folder / "aliases.parquet", compression="zstd")
        (folder / EFFECTS).write_text(json.dumps([edited.effects[edit.number] for edit in edits]), encoding="utf-8")
        build_index(edited.addresses, without_features(aliases), scope=scope).save(folder / "index")
    context.pool.note_folder(context.pool.library, version)


def _delivered(context: Context, deliveries: Deliveries) -> tuple[pa.Table, pa.Table]:
    """Addresses and aliases of the batches that count."""
    naming = naming_contracts(context)
    with workspace(context.pool) as connection:
        ids = [*REFERENCE, *(contract.id for contract in naming)]
        current = {id: create_current_rows(connection, context, context.contracts[id], deliveries[id]) for id in ids}
        whole = create_changed(connection, current[ADDRESSES], current[ADDRESS_CHANGES], ("address_id",), KEPT_BY_CHANGES)
        aliases = create_changed(connection, current[ALIASES], current[ALIAS_CHANGES], ("kind", "within", "name", "alias"))
        told = names_told(naming, current)
        return library_addresses(connection, whole, current[DIVISIONS]), library_aliases(connection, aliases, told)
