"""Erase: what of a row names a person who is to be forgotten, by what the contract says of its cells and by what is written in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from schemas.contract import Contract, Fact
from transforms.elements_identifiers import CITIZEN_WEIGHTS

ERASED = "erased"
"""The rule by which rows of erased persons stand in quarantine."""
CAUSE = "已依申请删除"
WHOLE = "*"
"""Stands for all cells of a row."""
ELEMENTS_OF_NUMBERS = ("citizen_number", "document_number")
ELEMENTS_OF_TEXT = ("text", "private_text")
"""Free text: a name within it is the person's; in other columns only a cell that is the name alone."""
BETWEEN = "\x1f"
"""Stands between the parts of a text of which a digest is made."""
CHECK_DIGITS = "10X98765432"
DIGITS = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@dataclass(frozen=True, slots=True)
class Needles:
    """By what a person is told in a text: identifiers as `written_forms` has them; names and phones only together, or beside an identifier."""

    identifiers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    def __or__(self, other: Needles) -> Needles:
        return Needles(self.identifiers | other.identifiers, self.names | other.names, self.phones | other.phones)

    def texts(self) -> set[str]:
        """All that is looked for, also in full width."""
        numbers = {*self.identifiers, *self.phones}
        return {*numbers, *self.names, *(number.upper().translate(DIGITS) for number in numbers)} - {""}


@dataclass(frozen=True, slots=True)
class Party:
    """A person whom each row of a contract may name, by contract columns.

    is_subject: the row is about this person. columns: all that the row says of the person alone.
    """

    alias: str
    is_subject: bool
    number: str | None
    name: str | None
    phone: str | None
    columns: frozenset[str]


def parties(contract: Contract) -> tuple[Party, ...]:
    """The persons that rows of a contract name; subject is the person of its first fact, or whom that is a record of (benefit, residence)."""
    found = []
    for fact in contract.facts:
        if fact.table == "person":
            first = contract.facts[0]
            is_subject = fact is first or (fact.alias is not None and first.references.get("person") == fact.alias)
            number = _source(fact, "citizen_number") or _source(fact, "document_number")
            columns = _columns(fact) | _columns_of_links(contract, fact.alias)
            found.append(Party(fact.alias or "", is_subject, number, _source(fact, "name"), _source(fact, "phone"), columns))
    return tuple(found)


def named_columns(contract: Contract) -> tuple[tuple[str, str], ...]:
    """Pairs of columns that hold the name and the phone of one person: those of persons in the facts, and those that say so by their names."""
    pairs = [(party.name, party.phone) for party in parties(contract) if party.name and party.phone]
    names = {column.name for column in contract.columns}
    pairs += [(name, name.removesuffix("name") + "phone") for name in names if name.endswith("_name")]
    return tuple(sorted({pair for pair in pairs if pair[1] in names}))


def row_texts(contract: Contract, cells: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """By what a row and a party of it are known where no number tells who is meant: dataset, key of the row, alias and name, by alias.

    cells, columns: see `cut`. Parties without a name are left out.
    """
    key = [cells.get(columns.get(name, ""), "").strip() for name in contract.key]
    named = {party.alias: cells.get(columns.get(party.name or "", ""), "").strip() for party in parties(contract)}
    return {alias: BETWEEN.join([contract.id, *key, alias, name]) for alias, name in named.items() if name}


def _columns(fact: Fact) -> frozenset[str]:
    return frozenset(source for name, source in fact.columns.items() if isinstance(source, str) and name not in fact.references)


def _source(fact: Fact, name: str) -> str | None:
    source = fact.columns.get(name)
    return source if isinstance(source, str) else None


def _columns_of_links(contract: Contract, alias: str | None) -> frozenset[str]:
    """Columns that only links of the person use, such as begin and rent of a lease."""
    links = [fact for fact in contract.facts if alias is not None and fact.references.get("person") == alias]
    used = [column for fact in contract.facts if fact not in links for column in _columns(fact)]
    return frozenset(column for fact in links for column in _columns(fact)) - set(used) - set(contract.key)


def written_forms(identifier: str) -> frozenset[str]:
    """An identifier as it may be written: a citizen number with 18 and, of who was born in the 20th century, 15 digits, its X large or small."""
    text = plain(identifier)
    if re.fullmatch(r"[1-9]\d{14}", text):
        text = with_check_digit(f"{text[:6]}19{text[6:]}")
    forms = {text, text.lower()}
    if re.fullmatch(r"[1-9]\d{5}19\d{9}[\dX]", text):
        forms.add(text[:6] + text[8:17])
    return frozenset(forms)


def with_check_digit(seventeen: str) -> str:
    """A citizen number with the check digit of its first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, CITIZEN_WEIGHTS, strict=True))
    return seventeen + CHECK_DIGITS[total % 11]


def plain(text: str) -> str:
    """A text without blanks, in half width and upper case."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def phones_in(text: str) -> set[str]:
    """The phone numbers of a cell, with and without hyphens."""
    found = {part.strip() for part in re.split(r"[;；,，、/\s]+", text)}
    return {form for each in found for form in (each, each.replace("-", "")) if sum(map(str.isdigit, form)) >= 7}


def cut(
    contract: Contract,
    cells: Mapping[str, str],
    columns: Mapping[str, str],
    needles: Needles,
    *,
    mine: Collection[str] = (),
    others: Collection[str] = (),
) -> frozenset[str]:
    """The headers of the cells of a row that name the person; `WHOLE` where the row is about them.

    cells: header to text, of columns that the contract does not know too. columns: contract column to header. mine, others: aliases of parties
    that were found to be the person, or somebody else, whatever the cells say.
    """
    named = parties(contract)
    hit = [party for party in named if party.alias in mine or (party.alias not in others and _is_named(party, cells, columns, needles))]
    if any(party.is_subject for party in hit):
        return frozenset([WHOLE])
    gone = {columns[name] for party in hit for name in party.columns if name in columns}
    numbers = {header for header, text in cells.items() if _holds_identifier(text, needles.identifiers)}
    foreign = {columns[name] for party in named if party not in hit for name in party.columns if name in columns} - gone
    kinds = {columns[column.name]: column.element.name for column in contract.columns if column.element and column.name in columns}
    beside = {header: text for header, text in cells.items() if header not in foreign}
    names = {header for header, text in beside.items() if _holds_name(text, needles.names, kinds.get(header, "text"))}
    phones = {header for header, text in beside.items() if needles.phones & phones_in(text) or _holds(text, needles.phones)}
    if hit or numbers or (names and phones):
        gone |= numbers | names | phones
    keys = {columns[name] for name in contract.key if name in columns} - numbers
    return frozenset(header for header in gone - keys if cells.get(header))


def party_is(party: Party, hit_headers: Collection[str], columns: Mapping[str, str]) -> bool:
    """Whether the cells that go are those of a party."""
    told = [columns[name] for name in (party.number, party.name) if name is not None and name in columns]
    return WHOLE in hit_headers if party.is_subject else any(header in hit_headers for header in told)


def _is_named(party: Party, cells: Mapping[str, str], columns: Mapping[str, str], needles: Needles) -> bool:
    number, name, phone = (cells.get(columns.get(column or "", ""), "") for column in (party.number, party.name, party.phone))
    if number and _holds_identifier(number, needles.identifiers):
        return True
    return name.strip() in needles.names and bool(needles.phones & phones_in(phone))


def _holds_identifier(text: str, identifiers: frozenset[str]) -> bool:
    if len(text) < 5:
        return False
    return bool(identifiers) and any(_pattern(identifiers).search(each) for each in (text, plain(text)))


@lru_cache(maxsize=64)
def _pattern(identifiers: frozenset[str]) -> re.Pattern[str]:
    listed = "|".join(re.escape(each) for each in sorted(identifiers, key=len, reverse=True))
    return re.compile(rf"(?<![0-9A-Za-z])(?:{listed})(?![0-9A-Za-z])")


def identifier_regexp(identifiers: Iterable[str]) -> str:
    """The same as a regular expression for SQL, which knows no looking around."""
    listed = "|".join(re.escape(each) for each in sorted(identifiers, key=len, reverse=True))
    return rf"(^|[^0-9A-Za-z])(?:{listed})([^0-9A-Za-z]|$)"


def _holds_name(text: str, names: frozenset[str], kind: str) -> bool:
    return text.strip() in names or (kind in ELEMENTS_OF_TEXT and _holds(text, names))


def _holds(text: str, parts: frozenset[str]) -> bool:
    return any(part in text for part in parts)


def scrubbed(text: str, needles: Needles, ids: Collection[str] = ()) -> str:
    """A text of the software's own, such as a message, without identifiers and ids of the person, and without name and phone where it has both."""
    gone = {*needles.identifiers, *ids}
    if _holds(text, needles.names) and _holds(text, needles.phones):
        gone |= needles.names | needles.phones
    for part in sorted(gone, key=len, reverse=True):
        text = text.replace(part, f"（{CAUSE}）")
    return text
