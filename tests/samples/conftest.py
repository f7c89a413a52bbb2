"""Sample exports of 20,000 invented persons, made once for all tests."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from samples.generate import generate
from schemas.contract import Contract, source_contracts
from sources.readers import Layout, open_rows

CITY = Path(__file__).parents[2] / "cities" / "330381"
DAY = date(2025, 12, 31)


def make(folder: Path, persons: int, seed: int) -> Path:
    """Exports and truth under `folder`."""
    generate(CITY, folder / "exports", folder / "truth", persons, seed, DAY, lambda text: None)
    return folder


@dataclass
class Made:
    """Where the exports and the truth are, and how to read them."""

    folder: Path
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def path(self, contract: Contract) -> Path:
        """The only export that fits the contract's path pattern."""
        (found,) = (self.folder / "exports").glob(contract.path_patterns[0])
        return found

    def rows(self, contract: Contract) -> list[dict[str, Any]]:
        """Rows as the contract's own layout reads them, by header, with `row`."""
        if contract.id in self._rows:
            return self._rows[contract.id]
        layout = Layout(contract.format, contract.encoding, contract.title_rows, contract.header_rows, contract.sheet)
        rows = open_rows(self.path(contract), layout)
        found: list[dict[str, Any]] = []
        for batch in rows.batches():
            found.extend(batch.to_pylist())
        assert not rows.faults
        return self._rows.setdefault(contract.id, found)

    def truth(self, name: str) -> list[dict[str, Any]]:
        """A table of the truth."""
        table: list[dict[str, Any]] = pq.read_table(self.folder / "truth" / f"{name}.parquet").to_pylist()
        return table

    def by_dataset(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """A table of the truth by dataset."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.truth(name):
            found[row["dataset"]].append(row)
        return found


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(make(tmp_path_factory.mktemp("samples"), 20_000, 7))


@pytest.fixture(scope="session")
def exported() -> list[Contract]:
    """The contracts the generator writes for."""
    from samples.generate import EXPORTS

    return [source_contracts()[dataset] for dataset in EXPORTS]
