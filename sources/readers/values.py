"""Typed values of workbooks and JSON as text."""

import datetime
from abc import ABC
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import pyarrow as pa

from sources.readers.rows import TextRows, json_text

ROWS_PER_BATCH = 10_000
# A double keeps 15 digits of a decimal number; Excel sets all further ones to zero.
FIRST_INEXACT = 1e15


class ValueRows(TextRows, ABC):
    """Rows that a format gives as Python values."""

    def _value_batch(self, numbers: Sequence[int], columns: Iterable[Sequence[object] | pa.Array]) -> pa.RecordBatch:
        """Make a batch of columns of values, or of arrays of text; rows with a value that cannot be trusted become faults."""
        causes: dict[int, str] = {}
        texts = []
        for name, values in zip(self.header, columns, strict=True):
            if isinstance(values, pa.Array):
                texts.append(values)
                continue
            try:
                texts.append(pa.array(values, pa.string()).fill_null(""))
            except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
                texts.append(pa.array([_writable_text(value) for value in values], pa.string()))
                causes |= {number: f"列“{name}”{cause}" for number, cause in _distrusted(numbers, values)}
        batch = self._batch(pa.array(numbers, pa.int64()), texts)
        return self._without_nul(self._without(batch, causes))


def value_text(value: object) -> str:
    """Write a value as text: numbers without `.0` or exponent, dates in ISO form, booleans true or false, None empty.

    Numbers whose last digits are lost are written as Excel shows them (3.30381E+17), lists and objects as JSON.
    """
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return number_text(value)
        case datetime.datetime():
            return value.isoformat(" ").removesuffix(" 00:00:00")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return str(value)
        case _:
            return json_text(value)


def number_text(number: float) -> str:
    """Write a number in plain decimal digits, at most 15 significant ones as Excel does."""
    if not abs(number) < FIRST_INEXACT:
        return f"{number:.5E}"
    if number.is_integer():
        return str(int(number))
    text = f"{number:.15g}"
    return text if "e" not in text else f"{Decimal(text):f}"


def _writable_text(value: object) -> str:
    text = value_text(value)
    return text if text.isascii() else text.encode(errors="replace").decode()


def _distrusted(numbers: Sequence[int], values: Sequence[object]) -> Iterator[tuple[int, str]]:
    """Yield row number and cause of the values that are not what was meant."""
    for number, value in zip(numbers, values, strict=True):
        # Written so that it holds for a value that is not a number (NaN), too.
        if type(value) is float and not abs(value) < FIRST_INEXACT:
            shown = number_text(value)
            yield number, f"的数字被 Excel 等程序改写为科学计数（{shown}），末尾数字已丢失，请把该列设为文本后重新导出"
        elif type(value) is str and not value.isascii() and _writable_text(value) != value:
            yield number, "含有无效字符（不成对的 UTF-16 代理码），请重新导出"
