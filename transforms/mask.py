"""What readers of a share see of a value: masks of the register as DuckDB SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.contract import Column, Contract
from schemas.register import Mask, masks
from transforms.elements_sql import identifier, is_one_of
from transforms.identity import sql_literal
from transforms.mart import SMALLEST_GROUP

_TWO_CHARACTERS = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空"
    "闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘西门第五南荣东里仲长即墨达奚"
)
COMPOUND_SURNAMES = tuple(_TWO_CHARACTERS[place : place + 2] for place in range(0, len(_TWO_CHARACTERS), 2))
BUILDING = "[0-9A-Za-z一二三四五六七八九十甲乙丙丁]+(?:幢|栋|座|号楼|#楼|#)"
PLATE = "[0-9]+(?:[-之][0-9]+)?(?:号|弄)"
INSIDE = "[一二三四五六七八九十]+(?:单元|层|楼|室|户|梯)"


def mask_expression(column: Column) -> str:
    """SQL of a column as the share shows it: the column itself if it has no mask."""
    name = identifier(column.name)
    if column.mask is None:
        return name
    mask = masks()[column.mask]
    hidden = _METHODS[mask.method](name, mask, column)
    if not mask.only:
        return hidden
    conditions = " AND ".join(f"{identifier(other)} = {sql_literal(value)}" for other, value in mask.only.items())
    return f"CASE WHEN {conditions} THEN {hidden} ELSE {name} END"


def masked_select(contract: Contract, relation: str) -> str:
    """SELECT of a pool table or dataset with the masks of its contract; masks `drop` leave the column out.

    relation: table, view or quoted subquery with the contract's columns.
    """
    shown = [column for column in contract.columns if not column.ignored and not _is_dropped(column)]
    return f"SELECT {', '.join(f'{mask_expression(column)} AS {identifier(column.name)}' for column in shown)} FROM {relation}"


def shown_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of a contract that a share has."""
    return tuple(column for column in contract.columns if not column.ignored and not _is_dropped(column))


def _is_dropped(column: Column) -> bool:
    return column.mask is not None and masks()[column.mask].method == "drop"


def _keep(name: str, mask: Mask, _column: Column) -> str:
    """The first `head` and last `tail` characters; shorter values are hidden whole."""
    hidden = f"length({name}) - {mask.head + mask.tail}"
    shown = f"left({name}, {mask.head}) || repeat('*', {hidden}) || right({name}, {mask.tail})"
    return f"CASE WHEN {hidden} > 0 THEN {shown} ELSE repeat('*', length({name})) END"


def _surname(name: str, _mask: Mask, _column: Column) -> str:
    compound = f"length({name}) > 2 AND {is_one_of(f'left({name}, 2)', COMPOUND_SURNAMES)}"
    return f"CASE WHEN {name} IS NULL THEN NULL WHEN length({name}) < 2 THEN '*' WHEN {compound} THEN left({name}, 2) || '*' ELSE left({name}, 1) || '*' END"


def _phone(name: str, _mask: Mask, _column: Column) -> str:
    """Each number of the cell for itself."""
    one = r"""CASE
        WHEN regexp_full_match(number, '1[0-9]{10}') THEN left(number, 3) || '****' || right(number, 4)
        WHEN regexp_full_match(number, '0[0-9]{2,3}-[0-9-]+') THEN
            regexp_extract(number, '^0[0-9]{2,3}-') || repeat('*', length(regexp_replace(number, '^0[0-9]{2,3}-', '')) - 2) || right(number, 2)
        ELSE repeat('*', greatest(length(number) - 2, 0)) || right(number, least(2, length(number) - 1)) END"""
    return f"array_to_string(list_transform(string_split({name}, ';'), lambda number: {one}), ';')"


def _address_to_building(name: str, _mask: Mask, _column: Column) -> str:
    """Up to the first building, else up to the first plate, else up to the first number or word for a part of a building."""
    to_building = f"regexp_extract({name}, '^.*?{BUILDING}')"
    to_plate = f"regexp_extract({name}, '^.*?(?:{PLATE})+')"
    to_inside = f"regexp_extract({name}, '^(.*?)(?:[0-9]|{INSIDE})', 1)"
    return f"""CASE
        WHEN {name} IS NULL THEN NULL
        WHEN {to_building} <> '' THEN CASE WHEN {to_building} = {name} THEN {name} ELSE {to_building} || '***' END
        WHEN {to_plate} <> '' THEN CASE WHEN {to_plate} = {name} THEN {name} ELSE {to_plate} || '***' END
        WHEN regexp_matches({name}, '[0-9]|{INSIDE}') THEN {to_inside} || '***'
        ELSE {name} END"""


def _year(name: str, _mask: Mask, column: Column) -> str:
    return f"CAST(date_trunc('year', {name}) AS {column.sql_type})"


def _round(name: str, mask: Mask, _column: Column) -> str:
    return f"round({name}, {mask.digits})"


def _small(name: str, _mask: Mask, _column: Column) -> str:
    """Nothing for groups so small that somebody could be told from them; zero tells nobody."""
    return f"CASE WHEN {name}::BIGINT NOT BETWEEN 1 AND {SMALLEST_GROUP - 1} THEN {name} END"


def _drop(_name: str, _mask: Mask, column: Column) -> str:
    return f"NULL::{column.sql_type}"


_METHODS: Mapping[str, Callable[[str, Mask, Column], str]] = {
    "keep": _keep,
    "surname": _surname,
    "phone": _phone,
    "address_to_building": _address_to_building,
    "year": _year,
    "round": _round,
    "small": _small,
    "drop": _drop,
}


def masked_text(column: Column, text: str) -> str:
    """A cell as received, as an auditor sees it: of a masked column only the first two characters and the last, of a short text none.

    What was received may not be a value of the column at all, so that the column's own mask need not fit it.
    """
    if column.ignored:
        return "（不采集的列，不显示）"
    return text if column.mask is None or not text else half_hidden(text)


def half_hidden(text: str) -> str:
    """The first two characters and the last, of a short text none."""
    return f"{text[:2]}{'*' * (len(text) - 3)}{text[-1]}" if len(text) > 4 else "*" * len(text)
