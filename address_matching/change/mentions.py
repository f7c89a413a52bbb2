"""The names and numbers by which a text can speak of changed rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from address_matching.change.rows import NAMED_LEVELS, ChangedRows
from address_matching.compiled.touching import BUILDING_LEFT_OUT, UNIT_LEFT_OUT
from address_matching.model import BUILDING, COMMUNITY, COMPONENTS, COMPOUND, FLOOR, HOUSE, LANE, LEVELS, NATURAL_VILLAGE, ROOM, TOWN, UNIT
from address_matching.normalise import normalise
from address_matching.numerals import CHARACTERS, to_arabic

_NUMBERED = (LANE, HOUSE, BUILDING, UNIT, FLOOR, ROOM)
_NUMERALS = re.compile(f"[{CHARACTERS}]+")
_DIGITS = re.compile("[0-9]+")
_GROUP = re.compile(f"第?[0-9{CHARACTERS}]+(?:村民小组|生产队|小组|组|队)")
_BRACKETS = re.compile("[()]")
_PLACE_NAME = re.compile("[\u3400-\u9fff]+")
_MOST_DIGITS = 9


Numbers = tuple[int, ...]
"""One or two numbers that a text has both."""


@dataclass(slots=True)
class Mention:
    """What a text says besides a name if a change can touch it: some of `numbers`, or just the name where `alone`.

    `partly`: any part of the name will do; `by_ending`: its end stands for it, as of compounds, of which a town may have one that ends so.
    """

    alone: bool = False
    partly: bool = False
    by_ending: bool = False
    numbers: set[Numbers] = field(default_factory=set)

    def add(self, numbers: set[Numbers]) -> None:
        self.alone = self.alone or not numbers
        self.numbers |= numbers


Mentions = dict[str, Mention]
"""What makes a text speak of a change, by normalised name."""


def mentions_of(changed: ChangedRows, aliases: pa.Table) -> Mentions | None:
    """Return the names that lead to changed rows, those of `aliases` (of both versions) and changed aliases included.

    None if a row or alias has nothing to tell it by.
    """
    mentions: Mentions = {}
    alias_rows = aliases.to_pylist()
    other_names: dict[tuple[str, str], list[str]] = {}
    for row in alias_rows:
        other_names.setdefault((row["kind"], _plain(row["name"])), []).append(row["alias"])
    for level in (TOWN, *NAMED_LEVELS):
        for name, numbers in _named(changed.addresses, level):
            if level == TOWN and not numbers:
                return None
            plain = _plain(name)
            own = () if level == NATURAL_VILLAGE and _GROUP.fullmatch(plain) else (plain,)  # 2组 is read below its village
            for spelled in (*own, *map(_plain, other_names.get((LEVELS[level], plain), ()))):
                mentions.setdefault(spelled, Mention()).add(numbers)
            if level == COMPOUND:
                mentions[plain].by_ending = True
    ids = set(changed.addresses.column("address_id").to_pylist())
    moved = [row["alias"] for row in alias_rows if row["kind"] == "address" and row["name"] in ids]
    for row in changed.aliases.to_pylist():
        if row["kind"] == "address":
            moved.append(row["alias"])
        else:
            mentions.setdefault(_plain(row["alias"]), Mention()).add(set())
    for text in moved:
        add_address_alias(mentions, text)
    return mentions if "" not in mentions else None


def add_address_alias(mentions: Mentions, text: str) -> None:
    """Add the alias of a single address: whoever writes it writes its number and, perhaps without town, the Chinese characters before."""
    plain = normalise(text)
    name = _PLACE_NAME.search(plain)
    mention = mentions.setdefault(name.group() if name else "", Mention())
    mention.partly = True
    mention.add({(int(digits),) for digits in _DIGITS.findall(plain)[:1] if len(digits) <= _MOST_DIGITS})


def _plain(name: str) -> str:
    return _BRACKETS.sub("", normalise(name))


def _named(rows: pa.Table, level: int) -> Iterator[tuple[str, set[Numbers]]]:
    """Names of rows at a level, each with the numbers of which a text about the row has some (none: any text).

    Towns count for rows that have no other name.
    """
    if level == TOWN:
        for finer in NAMED_LEVELS:
            rows = rows.filter(rows.column(COMPONENTS[finer]).is_null())
    rows = rows.filter(rows.column(COMPONENTS[level]).is_valid())
    below = [number for number in _NUMBERED if number > level]
    columns = {
        "name": rows.column(COMPONENTS[level]),
        "group": rows.column(COMPONENTS[NATURAL_VILLAGE]) if level in (TOWN, COMMUNITY) else pa.nulls(rows.num_rows, pa.string()),
        "first": pc.coalesce(*(rows.column(COMPONENTS[number]) for number in below)),
        "building": rows.column(COMPONENTS[BUILDING]),
        "unit": rows.column(COMPONENTS[UNIT]),
        "last": pc.coalesce(*(rows.column(COMPONENTS[number]) for number in reversed(below))),
        "own": pc.equal(rows.column("level"), LEVELS[level]),
    }
    table = pa.table(columns)
    for row in table.group_by(table.column_names).aggregate([]).to_pylist():
        yield row["name"], set() if row["own"] else _numbers(row, inside=level == COMPOUND)


def _numbers(row: dict[str, str | None], *, inside: bool) -> set[Numbers]:
    """The numbers of a row below a name, which are never fuzzy: the first and the last one.

    Inside a compound, which people name without its buildings, the last is enough where the text tells no building. How the units of a
    building number their rooms decides what a text means that tells no unit.
    """
    group = row["group"] if row["group"] and _GROUP.fullmatch(_plain(row["group"])) else None
    building, last = _number(row["building"]), _number(row["last"])
    outer = building if inside else [number for value in (group, row["first"]) for number in _number(value)]
    inner = list(last)
    if row["unit"]:
        inner += [UNIT_LEFT_OUT + number for number in building] or [UNIT_LEFT_OUT]
    if not last or not outer:
        return {(number,) for number in (inner if last else outer)}
    numbers: set[Numbers] = {(one, other) if one != other else (one,) for one in outer for other in inner}
    if inside:
        numbers |= {(number,) for number in inner if number >= UNIT_LEFT_OUT} | {(BUILDING_LEFT_OUT + number,) for number in last}
    return numbers


def _number(value: str | None) -> list[int]:
    """The first number of a component, Chinese or not, if it has one: 东楼 and A幢 have none."""
    plain = _NUMERALS.sub(lambda found: to_arabic(found.group()), normalise(value or ""))
    return [int(digits) for digits in _DIGITS.findall(plain)[:1] if len(digits) <= _MOST_DIGITS]
