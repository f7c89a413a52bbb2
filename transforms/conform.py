"""Does a file have the columns its contract promises: headers matched to contract columns, and what drifted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from schemas.contract import Column, Contract
from schemas.refused import refused_by_content, refused_by_name, split_citizens, told_header, undeclared_citizens, undeclared_phones

HEADERS_SHOWN = 20
FREE_TEXT = "text"


@dataclass(frozen=True, slots=True)
class Conformity:
    """How the header of a file fits its contract.

    ``mapping``: place in the header (from 0) to contract column, ignored ones included. ``ignored``: places to drop. ``unknown``: place to
    header of columns the contract does not know. ``refused``: place to the reason why such data are not taken. ``repeated``: headers that
    name a column a second time; the first one counts. ``missing_required`` block the batch, ``missing_optional`` are read as empty.
    ``told``: the header as it may be told, which is not the same where the first row is none.
    """

    mapping: Mapping[int, str]
    ignored: tuple[int, ...]
    unknown: Mapping[int, str]
    refused: Mapping[int, str]
    repeated: tuple[str, ...]
    missing_optional: tuple[str, ...]
    missing_required: tuple[str, ...]
    blocks: tuple[str, ...]
    header: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def has_drifted(self) -> bool:
        """Whether the file differs from the contract in any way that people should hear of."""
        return bool(self.unknown or self.refused or self.repeated or self.missing_optional or self.missing_required)

    def to_dict(self) -> dict[str, object]:
        """As plain values for JSON, by header."""
        return {
            "unknown": list(self.unknown.values()),
            "refused": {self.told[place]: reason for place, reason in self.refused.items()},
            "repeated": list(self.repeated),
            "missing_optional": list(self.missing_optional),
            "missing_required": list(self.missing_required),
        }


def conform(header: Sequence[str], contract: Contract) -> Conformity:
    """Match the header of a file to a contract: by physical name, then by synonym, then by either with width, case and blanks evened out.

    Columns whose header is on the refused list are refused even if the contract names them.
    """
    refused = {place: reason for place, text in enumerate(header) if (reason := refused_by_name(text))}
    told = tuple(told_header(place, text) for place, text in enumerate(header))
    mapping, repeated = _match([text if place not in refused else None for place, text in enumerate(header)], contract)
    found = set(mapping.values())
    absent = [column for column in contract.columns if column.name not in found and not column.ignored]
    missing_required = tuple(column.physical_name for column in absent if column.required)
    return Conformity(
        mapping=mapping,
        ignored=tuple(place for place, name in mapping.items() if contract.column(name).ignored),
        unknown={
            place: told[place]
            for place, text in enumerate(header)
            if place not in mapping and place not in refused and text not in repeated
        },
        refused=refused,
        repeated=repeated,
        missing_optional=tuple(column.physical_name for column in absent if not column.required),
        missing_required=missing_required,
        blocks=(_missing_message(missing_required, told),) if missing_required else (),
        header=tuple(header),
        told=told,
    )


def refused_columns(connection: DuckDBPyConnection, rows: str, columns: Sequence[Column]) -> Mapping[str, str]:
    """Why columns must be dropped for what stands in them, by column name.

    rows: SQL relation of an even sample of the received rows with one list `cells`, the texts in the order of `columns`.
    """
    cells = (f"list(cells[{place}])" for place in range(1, len(columns) + 1))
    samples = [texts or () for texts in connection.execute(f"SELECT {', '.join(cells)} FROM {rows}").fetchone() or ()]
    reasons = {column.name: _reason(column, texts) for column, texts in zip(columns, samples, strict=True)}
    open_columns = [(column.name, texts) for column, texts in zip(columns, samples, strict=True) if column.mask is None]
    split = split_citizens([texts for _, texts in open_columns])
    reasons |= {open_columns[place][0]: reason for place, reason in split.items()}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(column: Column, texts: Sequence[str]) -> str | None:
    """Why what stands in a column must not be taken; numbers of persons may stand where they are masked."""
    if reason := refused_by_content(texts):
        return reason
    if column.mask is not None:
        return None
    is_free = column.element is not None and column.element.name == FREE_TEXT
    return undeclared_citizens(texts) or (undeclared_phones(texts) if is_free else None)


def _match(header: Sequence[str | None], contract: Contract) -> tuple[dict[int, str], tuple[str, ...]]:
    mapping: dict[int, str] = {}
    repeated: list[str] = []
    for names in _name_tables(contract):
        for place, text in enumerate(header):
            if text is None or place in mapping:
                continue
            column = names.get(text, names.get(_plain(text)))
            if column is None:
                continue
            if column in mapping.values():
                repeated.append(text)
            else:
                mapping[place] = column
    return dict(sorted(mapping.items())), tuple(dict.fromkeys(repeated))


def _name_tables(contract: Contract) -> tuple[dict[str, str], ...]:
    """Header to contract column, the stricter tables first."""
    physical = {column.physical_name: column.name for column in contract.columns}
    synonyms = {synonym: column.name for column in contract.columns for synonym in column.synonyms}
    plain = {_plain(text): name for text, name in (synonyms | physical).items()}
    return physical, synonyms, plain


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def _missing_message(names: Sequence[str], header: Sequence[str]) -> str:
    shown = "、".join(text for text in header[:HEADERS_SHOWN] if text) + ("……" if len(header) > HEADERS_SHOWN else "")
    return f"缺少必填列“{'”“'.join(names)}”；文件的表头是：{shown}。请补上，或在契约中登记列的别名"
