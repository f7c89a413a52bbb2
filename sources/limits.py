"""How large what is received may be."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Limits:
    """The values of limits.yaml, sizes in bytes."""

    columns: int
    record_bytes: int
    nesting: int
    workbook_memory: int
    workbook_seconds: int
    archive_members: int
    archive_depth: int
    archive_bytes: int
    archive_ratio: int
    archive_ratio_from: int


@cache
def limits() -> Limits:
    """The limits that hold."""
    return Limits(**yaml.safe_load(files("sources").joinpath("limits.yaml").read_text(encoding="utf-8")))
