"""Data contracts: loading, checking, and where to find them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from schemas.city import City
from schemas.contract_checks import broken_relationships, note_disagreements
from schemas.contract_reading import read_contract
from schemas.documents import ContractError, Document, Fault
from schemas.model import POOL_SYSTEMS, AddressUse, Column, Constant, Contract, Fact, Rule
from schemas.open_standard import note_faults
from schemas.versions import versions_of

__all__ = [
    "AddressUse",
    "Column",
    "Constant",
    "Contract",
    "ContractError",
    "Fact",
    "Fault",
    "Rule",
    "contracts_of",
    "load_contract",
    "pool_contracts",
    "pool_contracts_below",
    "source_contracts",
]
FOLDER = Path(__file__).parent


def load_contract(path: Path, *, anywhere: bool = False) -> Contract:
    """The contract in a YAML file, checked against the standard, the register of elements and the pool tables.

    anywhere: the file need not lie where its id says, as a copy of an older version. Raises ContractError naming file, lines, causes and cures
    in Chinese.
    """
    return _load(path, pool_contracts(), anywhere)


@cache
def source_contracts() -> Mapping[str, Contract]:
    """All source contracts by id, from ``sources/<system>/<dataset>.yaml``. Raises ContractError."""
    return _contracts_below(FOLDER / "sources")


def contracts_of(city: City) -> Mapping[str, Contract]:
    """The source contracts of a city by id: the common ones of systems that it has a department for, but where it has its own. Raises ContractError."""
    own = _contracts_below(city.sources)
    common = {id: contract for id, contract in source_contracts().items() if contract.system in city.departments}
    return MappingProxyType(dict(sorted({**common, **own}.items())))


@cache
def _contracts_below(folder: Path) -> Mapping[str, Contract]:
    loaded = [load_contract(path) for path in sorted(folder.glob("*/*.yaml"))]
    return MappingProxyType({contract.id: contract for contract in loaded})


@cache
def _source_ids() -> tuple[str, ...]:
    """Ids of all source contracts, told by their files alone, for a contract may name another one."""
    return tuple(f"{path.parent.name}.{path.stem}" for path in sorted((FOLDER / "sources").glob("*/*.yaml")))


@cache
def pool_contracts() -> Mapping[str, Contract]:
    """The contracts of the tables of a release by table name, from ``pool/<table>.yaml`` and ``mart/<table>.yaml``. Raises ContractError.

    A table with versions is followed by the one that keeps them.
    """
    return pool_contracts_below(FOLDER)


def pool_contracts_below(folder: Path) -> Mapping[str, Contract]:
    """The tables of a folder by name; only when all are loaded can be told whether one points at what is not there."""
    loaded = {path: _load(path, {}) for system in POOL_SYSTEMS for path in sorted((folder / system).glob("*.yaml"))}
    tables = [each for contract in loaded.values() for each in ((contract, versions_of(contract)) if contract.versions else (contract,))]
    pool = MappingProxyType({contract.dataset: contract for contract in tables})
    for path, contract in loaded.items():
        if broken := [*broken_relationships(contract, pool)]:
            document = Document(path)
            for place, cause, cure in broken:
                document.fault(place, cause, cure)
            document.stop_if_faulty()
    return pool


def _load(path: Path, pool: Mapping[str, Contract], anywhere: bool = False) -> Contract:
    document = Document(path)
    note_faults(document)
    document.stop_if_faulty()
    contract = read_contract(document, pool)
    document.stop_if_faulty()
    note_disagreements(document, contract, pool, _source_ids(), anywhere)
    document.stop_if_faulty()
    return contract
