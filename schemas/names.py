"""Words that stand where a name would and name none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from schemas.documents import Document


@cache
def generic_names() -> Mapping[str, tuple[str, ...]]:
    """Lists of ``generic_names.yaml`` by name: `generic` words, `firm_endings`, and the patterns of `anonymous` names of persons."""
    content = Document(Path(__file__).parent / "generic_names.yaml").content
    return MappingProxyType({str(name): tuple(str(word) for word in words) for name, words in content.items()})


def anonymous_name() -> str:
    """Regular expression of a whole name by which no person can be known."""
    return "|".join(generic_names()["anonymous"])
