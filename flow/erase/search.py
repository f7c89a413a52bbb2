"""Every row ever received that names a person: all raw files are read, whatever became of their rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import file_key
from flow.erase.person import Person, RowPlace, describe, ids_at, linked_to_others
from flow.erase.rows import Cuts, Place, cells_of, holding
from flow.progress import Progress
from flow.read import open_raw
from pool import Receipt
from schemas.contract import Contract
from sources.readers import ReadError, RowFault
from transforms.conform import conform
from transforms.erase import WHOLE, Needles, cut, parties, party_is, phones_in

ROUNDS = 4
"""What is found may tell more of a person: another phone, a row without a number. So often is everything looked through at most."""
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


@dataclass(slots=True)
class FoundFile:
    """A raw file that names the person: what goes from it, and the batches of it. unreadable: it cannot be read as rows, and goes as a whole."""

    sha256: str
    batches: Sequence[str]
    cuts: Cuts = field(default_factory=Cuts)
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row in which something of the person stands."""

    sha256: str
    contract: Contract
    columns: Mapping[str, str]
    place: Place
    cells: Mapping[str, str]

    @property
    def row(self) -> RowPlace:
        return file_key(self.sha256), *self.place

    @property
    def key(self) -> tuple[str, ...]:
        return self.contract.id, *(self.cells.get(self.columns.get(name, ""), "") for name in self.contract.key)


def search(connection: DuckDBPyConnection, context: Context, person: Person, progress: Progress) -> tuple[Person, list[FoundFile]]:
    """All that the raw files hold of a person, and what was learned of them on the way."""
    for _ in range(ROUNDS):
        found, candidates = _look_through(context, person, progress)
        others = linked_to_others(connection, context, person.ids, {each.row[0] for each in candidates})
        parts = _decide(candidates, person, others, found)
        told = _told(candidates, parts, person.needles)
        ids = person.ids | ids_at(connection, context, parts)
        if ids == person.ids and person.needles | told == person.needles:
            break
        person = describe(connection, context, ids, person.needles | told)
    return person, [each for each in found.values() if each.cuts.cells or each.unreadable]


def _look_through(context: Context, person: Person, progress: Progress) -> tuple[dict[str, FoundFile], list[_Candidate]]:
    receipts = _receipts(context)
    found: dict[str, FoundFile] = {}
    candidates: list[_Candidate] = []
    for done, (sha256, of_file) in enumerate(receipts.items()):
        progress("查找原始文件", done, len(receipts))
        found[sha256] = FoundFile(sha256, [each.batch for each in of_file])
        candidates += _candidates(context, of_file[0], person, found[sha256])
    progress("查找原始文件", len(receipts), len(receipts))
    return found, candidates


def _receipts(context: Context) -> dict[str, list[Receipt]]:
    """The receipts of each raw file whose contract is known."""
    found: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in context.pool.receipts.all():
        if receipt.contract in context.contracts:
            found[receipt.sha256].append(receipt)
    return found


def _candidates(context: Context, receipt: Receipt, person: Person, found: FoundFile) -> Iterator[_Candidate]:
    contract = context.contracts[receipt.contract]
    texts = [text.encode() for text in sorted(person.needles.texts())]
    linked = [row for file, _, row in person.links if file == file_key(receipt.sha256)]
    try:
        rows = open_raw(context, receipt, contract)
        columns = {name: rows.header[place] for place, name in conform(rows.header, contract).mapping.items()}
        for batch in rows.batches():
            indices = holding(batch, texts)
            if linked:
                indices |= {index for index, row in enumerate(batch.column(1).to_pylist()) if row in linked}
            for index in sorted(indices):
                place = batch.column(0)[index].as_py(), batch.column(1)[index].as_py()
                yield _Candidate(receipt.sha256, contract, columns, place, cells_of(batch, index))
        for fault in rows.faults:
            if _is_named(fault, person.needles):
                found.cuts.cells[fault.sheet, fault.row] = frozenset([WHOLE])
    except ReadError:
        found.unreadable = not context.pool.raw.is_redacted(receipt.sha256) and _stands_in_bytes(context, receipt, person.needles)


def _is_named(fault: RowFault, needles: Needles) -> bool:
    return _is_told({"": fault.text}, needles)


def _is_told(cells: Mapping[str, str], needles: Needles) -> bool:
    text = "\n".join(cells.values())
    return any(each in text for each in needles.identifiers) or (
        any(each in text for each in needles.names) and any(each in text for each in needles.phones)
    )


def _stands_in_bytes(context: Context, receipt: Receipt, needles: Needles) -> bool:
    content = context.pool.raw.path(receipt.sha256).read_bytes()
    return any(text.encode(encoding) in content for text in {*needles.identifiers, *needles.names} for encoding in ENCODINGS)


def _decide(
    candidates: Sequence[_Candidate], person: Person, others: Mapping[RowPlace, set[str]], found: Mapping[str, FoundFile]
) -> dict[RowPlace, set[str]]:
    """Note what goes from each row; returns the aliases of the parties that are the person."""
    parts: dict[RowPlace, set[str]] = {}
    keys: dict[tuple[str, ...], set[tuple[str, str]]] = defaultdict(set)
    for _ in range(2):  # other versions of a row are known by its key, once it is known whose row it is
        for each in candidates:
            mine = person.links.get(each.row, set()) | {alias for alias, name in keys[each.key] if _name(each, alias) == name}
            theirs = others.get(each.row, set()) - mine
            headers = cut(each.contract, each.cells, each.columns, person.needles, mine=mine, others=theirs)
            if headers:
                found[each.sha256].cuts.cells[each.place] = headers
                aliases = {party.alias for party in parties(each.contract) if party_is(party, headers, each.columns)} - theirs
                parts[each.row] = aliases
                keys[each.key] |= {(alias, _name(each, alias)) for alias in aliases if _name(each, alias)}
    return parts


def _name(candidate: _Candidate, alias: str) -> str:
    party = next(each for each in parties(candidate.contract) if each.alias == alias)
    return candidate.cells.get(candidate.columns.get(party.name or "", ""), "").strip()


def _told(candidates: Sequence[_Candidate], parts: Mapping[RowPlace, Collection[str]], needles: Needles) -> Needles:
    """Names and phones that stand beside an identifier of the person."""
    told = Needles()
    for each in candidates:
        for party in parties(each.contract):
            cell = {column: each.cells.get(each.columns.get(column or "", ""), "") for column in (party.number, party.name, party.phone)}
            if party.alias in parts.get(each.row, ()) and cell[party.number] in needles.identifiers:
                told |= Needles(names=frozenset({cell[party.name].strip()} - {""}), phones=frozenset(phones_in(cell[party.phone])))
    return told
