"""Records of objects within objects: one column a path."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from sources.limits import limits
from sources.readers.header import refuse_too_many
from sources.readers.rows import Layout, ReadError
from sources.readers.values import ROWS_PER_BATCH, ValueRows

BETWEEN = "."
"""Between the names of a path: {"holder": {"name": …}} is the column holder.name."""
Record = Mapping[str, object]


class RecordRows(ValueRows, ABC):
    """Rows of a file of records; lists within them become JSON.

    The header is the union of all paths in order of appearance; to know it the file is parsed once before the rows are.
    Raises ReadError if there is no record. Memory is constant.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        keys: dict[str, None] = {}
        for _, record in self._records():
            if not record.keys() <= keys.keys():
                keys.update(dict.fromkeys(record))
                refuse_too_many(len(keys), path)
        self.faults.clear()
        self.asides.clear()
        if not keys:
            raise self._without_records()
        self._refuse_unwritable(keys)
        self.header = tuple(keys)

    @abstractmethod
    def _records(self) -> Iterator[tuple[int, Record]]:
        """Yield numbers and flat records; what is none becomes a fault."""

    @abstractmethod
    def _without_records(self) -> ReadError: ...

    def _read(self) -> Iterator[pa.RecordBatch]:
        records = self._records()
        # The values of a batch are held twice: of wide records it takes fewer.
        size = max(1, min(ROWS_PER_BATCH, 1_000_000 // len(self.header)))
        while chunk := list(itertools.islice(records, size)):
            columns = ([record.get(key) for _, record in chunk] for key in self.header)
            yield self._value_batch([number for number, _ in chunk], columns)

    def _refuse_unwritable(self, keys: Iterable[str]) -> None:
        for key in keys:
            if "\0" in key or key.encode(errors="replace").decode() != key:
                raise ReadError(self.path, f"字段名 {key!r} 含有无效字符", "请改名后重新导出")


def flattened(record: Record, prefix: str = "", depth: int = 0) -> dict[str, object]:
    """A record with one entry a path. Raises ValueError when two values have the same path, or they lie too deep."""
    if depth > limits().nesting:
        raise ValueError(f"嵌套超过 {limits().nesting} 层")
    flat: dict[str, object] = {}
    for key, value in record.items():
        inner = (
            flattened(value, f"{prefix}{key}{BETWEEN}", depth + 1) if isinstance(value, dict) and value else {prefix + key: plain(value)}
        )
        if repeated := inner.keys() & flat.keys():
            raise ValueError(f"字段“{min(repeated)}”出现了两次")
        flat |= inner
    return flat


def plain(value: object) -> object:
    """A value without decimals, which only the JSON of whole documents has."""
    match value:
        case Decimal():
            return float(value)
        case list():
            return [plain(each) for each in value]
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case _:
            return value
