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
from pool import PoolError, Receipt
from schemas.contract import Contract
from sources.readers import ReadError, RowFault
from transforms.conform import conform
from transforms.erase import WHOLE, Needles, cut, parties, party_is, phones_in, row_texts

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


@dataclass(frozen=True, slots=True)
class Found:
    """All that raw files hold of a person, and what was learned of them on the way. rows: see `transforms.erase.row_texts`. searched: all files read."""

    person: Person
    files: Sequence[FoundFile]
    rows: Sequence[str]
    searched: Sequence[str]


def search(connection: DuckDBPyConnection, context: Context, person: Person, progress: Progress, *, but: Collection[str] = ()) -> Found:
    """Read all raw files, `but` those named. Raises PoolError where one cannot be read because its contract is gone."""
    for _ in range(ROUNDS):
        found, candidates = _look_through(context, person, progress, but)
        others = linked_to_others(connection, context, person.ids, {each.row[0] for each in candidates})
        parts = _decide(candidates, person, others, found)
        told = _told(candidates, parts, person.needles)
        ids = person.ids | ids_at(connection, context, parts)
        if ids == person.ids and person.needles | told == person.needles:
            break
        person = describe(connection, context, ids, person.needles | told)
    rows = {text for each in candidates for text in _weak_rows(each, parts.get(each.row, ()))}
    return Found(person, [each for each in found.values() if each.cuts.cells or each.unreadable], sorted(rows), sorted(found))


def _weak_rows(candidate: _Candidate, aliases: Collection[str]) -> set[str]:
    """By what the row is known where it tells of the person neither number nor phone."""

    def has(column: str | None) -> bool:
        return bool(candidate.cells.get(candidate.columns.get(column or "", "")))

    weak = {party.alias for party in parties(candidate.contract) if not has(party.number) and not has(party.phone)}
    return {
        text for alias, text in row_texts(candidate.contract, candidate.cells, candidate.columns).items() if alias in weak & set(aliases)
    }


def _look_through(
    context: Context, person: Person, progress: Progress, but: Collection[str]
) -> tuple[dict[str, FoundFile], list[_Candidate]]:
    receipts = {sha256: of_file for sha256, of_file in _receipts(context).items() if sha256 not in but}
    found: dict[str, FoundFile] = {}
    candidates: list[_Candidate] = []
    for done, (sha256, of_file) in enumerate(receipts.items()):
        progress("查找原始文件", done, len(receipts))
        found[sha256] = FoundFile(sha256, [each.batch for each in of_file])
        candidates += _candidates(context, of_file[0], person, found[sha256])
    progress("查找原始文件", len(receipts), len(receipts))
    return found, candidates


def _receipts(context: Context) -> dict[str, list[Receipt]]:
    """The receipts of each raw file. Raises PoolError where one has a contract that is no more."""
    found: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in context.pool.receipts.all():
        if receipt.contract not in context.contracts:
            raise PoolError(
                f"批次 {receipt.batch} 的数据集 {receipt.contract} 已没有契约，它的原始文件读不了，不能保证删净。请先恢复契约。"
            )
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
