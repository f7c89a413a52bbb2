"""One thing that a department is to correct, and the digests by which it is known again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from pool import CorrectionKind
from transforms.pseudonym import pseudonyms


@dataclass(frozen=True, slots=True)
class Found:
    """A fault as it stands now. about: what it is, whatever delivery it stands in. text: the department's own value, as received.

    kind `rejected`: a row in quarantine, for one of its reasons. kind `conflict`: a value with which another department disagrees;
    `other` is what is said of that one, masked. kind `broken`: a row that answers for a record which breaks a quality rule. key: how the department finds the record; expected: what would be right, in Chinese.
    """

    about: Sequence[str]
    kind: CorrectionKind
    contract: str
    department: str
    batch: str
    file: str
    period: str
    received_at: datetime
    sheet: str
    row: int
    column: str
    label: str
    rule: str
    text: str
    key: str
    reason: str
    expected: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What was found, with the keyed digests of what it is about and of the value."""

    found: Found
    identity: str
    value: str


def with_digests(found: Sequence[Found], key: bytes) -> list[Fault]:
    """The faults, each once: where the same is found again, the latest."""
    names = pseudonyms(pa.array([json.dumps(each.about, ensure_ascii=False) for each in found], pa.string()), key, "correction")
    values = value_digests([each.text + each.other for each in found], key)
    faults = {
        name: Fault(each, name, value)
        for each, name, value in sorted(zip(found, names.to_pylist(), values, strict=True), key=lambda each: each[0].received_at)
    }
    return sorted(faults.values(), key=lambda each: (each.found.contract, each.found.file, each.found.sheet, each.found.row, each.identity))


def value_digests(texts: Sequence[str], key: bytes) -> list[str]:
    """Keyed digests of values as they stand in cells: spaces and line breaks are not told apart, spreadsheet programs change them."""
    plain = pa.array(["".join(text.split()) for text in texts], pa.string())
    return [str(each) for each in pseudonyms(plain, key, "correction value").to_pylist()]
