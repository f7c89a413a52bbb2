from pathlib import Path

import pytest

from schemas.contract import Contract, load_contract
from tests.schemas.shipped import SHIPPED, Edited


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Loads a shipped contract after replacing one piece of its text, from a copy at a path of the same shape."""

    def load(old: str, new: str, contract: str = "public_security/rental_house") -> Contract:
        text = (SHIPPED / f"{contract}.yaml").read_text(encoding="utf-8")
        assert old in text
        copy = tmp_path / f"{contract}.yaml"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text.replace(old, new, 1), encoding="utf-8")
        return load_contract(copy)

    return load
