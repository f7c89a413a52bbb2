"""Typed values of workbooks and JSON as text."""

import datetime
import math
from abc import ABC
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pyarrow as pa

from sources.readers.rows import TextRows, json_text

ROWS_PER_BATCH = 10_000
# A double keeps 15 digits of a decimal number; Excel sets all further ones to zero.
FIRST_INEXACT = 1e15


class ValueRows(TextRows, ABC):
    """Rows that a format gives as Python values."""

    def _value_batch(self, numbers: Sequence[int], columns: Iterable[Sequence[object]]) -> pa.RecordBatch:
        """Make a batch of columns of values; rows with a value that cannot be trusted become faults."""
        causes: dict[int, str] = {}
        texts = []
        for name, values in zip(self.header, columns, strict=True):
            try:
                texts.append(pa.array(values, pa.string()).fill_null(""))
            except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
                texts.append(pa.array([_encodable(value_text(value)) for value in values], pa.string()))
                for number, value in zip(numbers, values, strict=True):
                    if cause := _distrust(value):
                        causes[number] = f"列“{name}”{cause}"
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
    if abs(number) >= FIRST_INEXACT or math.isnan(number):
        return f"{number:.5E}"
    if number.is_integer():
        return str(int(number))
    return f"{Decimal(f'{number:.15g}'):f}"


def _distrust(value: object) -> str | None:
    """Why a value is not what was meant, or None."""
    if isinstance(value, float) and (abs(value) >= FIRST_INEXACT or math.isnan(value)):
        return f"的数字被 Excel 等程序改写为科学计数（{number_text(value)}），末尾数字已丢失，请把该列设为文本后重新导出"
    if isinstance(value, str) and _encodable(value) != value:
        return "含有无效字符（不成对的 UTF-16 代理码），请重新导出"
    return None


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
