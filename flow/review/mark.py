"""What a row of the workbook carries along unseen, so that it means the same when it comes back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flow.review.case import Address, Case

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """The case of a row, the basis it was shown with, and its candidates in their order: of each the id and the digest of its full text."""

    case_id: str
    basis: str
    candidates: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, case: Case) -> "Mark":
        """The mark of a case as it is shown."""
        return cls(case.case_id, case.basis, [address_mark(each.address) for each in case.candidates])

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """The mark in a cell, None when it is not as it was written."""
        try:
            entry = json.loads(text)
            mark = cls(entry["case"], entry["basis"], [(address_id, digest) for address_id, digest in entry["candidates"]])
        except (ValueError, KeyError, TypeError):
            return None
        return mark if entry.get("check") == mark._check() else None

    def __str__(self) -> str:
        return json.dumps({**self._content(), "check": self._check()}, ensure_ascii=False)

    def _content(self) -> dict[str, Any]:
        return {"case": self.case_id, "basis": self.basis, "candidates": [list(each) for each in self.candidates]}

    def _check(self) -> str:
        return _digest(json.dumps(self._content()))


def address_mark(address: Address) -> tuple[str, str]:
    """An address as marks name it."""
    return address.address_id, _digest(address.full_text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
