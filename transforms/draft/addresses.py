"""Which columns are addresses, and which columns beside them help to find the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemas.glossary import glossary
from transforms.draft.plan import DraftColumn


def find_addresses(columns: Sequence[DraftColumn]) -> list[dict[str, str]]:
    """The addresses of a row, as the contract writes them: text and the names of its helpers."""
    taken = [column for column in columns if not column.refused]
    texts = [column for column in taken if column.element_name == "address_text"]
    texts = texts or [column for column in taken if column.element_name == "plate_text"]
    return [_use(text, texts, taken) for text in texts]


def group(column: DraftColumn) -> str:
    """What a column of an address belongs to: registered or actual residence, or the upper name of a two-line header."""
    kind = glossary().roles["residences"].get(column.meaning.role)
    return kind or column.header.rpartition("_")[0]


def _use(text: DraftColumn, texts: Sequence[DraftColumn], columns: Sequence[DraftColumn]) -> dict[str, str]:
    def helper(fits: Callable[[DraftColumn], bool]) -> str | None:
        fitting = [column for column in columns if fits(column)]
        of_group = [column for column in fitting if group(column) == group(text)]
        shared = fitting if len(texts) == 1 else [column for column in fitting if not group(column) and text is texts[0]]
        return next((column.name for column in (*of_group, *shared)), None)

    found = {
        "division_code": helper(lambda column: column.element_name == "division_code" and "籍贯" not in column.header),
        "community": helper(lambda column: column.meaning.word is not None and column.meaning.word.name == "community"),
        "source_address_id": helper(
            lambda column: column.element_name == "source_key" and column.meaning.text.endswith(glossary().address_ids)
        ),
        "as_of": _day(columns),
        "lon": helper(lambda column: column.element_name == "longitude"),
        "lat": helper(lambda column: column.element_name == "latitude"),
    }
    return {"text": text.name, **{key: name for key, name in found.items() if name}}


def _day(columns: Sequence[DraftColumn]) -> str | None:
    days = [column for column in columns if column.element_name == "date" and column.content.filled_share >= 0.5]
    return next((day.name for word in glossary().address_days for day in days if word in day.meaning.text), None)
