"""The word lists in `data/`, read once."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


@cache
def words(name: str) -> dict[str, Any]:
    """Content of `data/<name>.yaml`; shared, so never to be changed."""
    content: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return content
