"""Suggest: what the address library lacks, gathered from the texts that several records or departments agree on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from address_matching import AddressIndex
from address_matching.components import PlaceComponents, component_key, component_stem, components, is_misspelling
from flow.context import Context
from flow.delivered import Deliveries, accepted_deliveries, create_current_rows
from flow.library import Library
from flow.library_rows import LibraryRows, Row
from flow.match import STOPPED_HIGHER, create_address_results, match_by
from flow.progress import Progress, silent
from flow.reference import current_library
from flow.workspace import workspace
from schemas.contract import AddressUse, Contract, pool_contracts
from schemas.names import generic_names
from transforms.claims import address_input_key
from transforms.library_edits import component_of
from transforms.mask import mask_expression
from transforms.new_addresses import BESIDE_COMMUNITIES, new_addresses, spelled_like
from transforms.proposals import INSIDE, NEAR_ANOTHER, Evidence, Gathered, Part, Sighting, Telling, doubted, gather

EXAMPLES = 3
NAMES = ("community", "natural_village", "zone", "road", "compound")
NAMED = ("town", *NAMES)
UNCLEAR = "文字有几种读法，或有读不懂的字"
TOLD_APART = Telling(component_stem, is_misspelling, NAMES)


@dataclass(frozen=True)
class Thresholds:
    """How much evidence a proposal needs: as many records, or as many departments; and how many proposals are wanted at most."""

    records: int = 3
    departments: int = 2
    most: int = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the library that the records speak for.

    kind: `add` a standard address, or `alias` of one. text: the new address in full, or the alias. level, address_id: of the new address, or
    of the one that the alias stands for. parent: full text of what it lies under, or of the address that the alias stands for;
    `parent_is_new` where that is a proposal itself. evidence: records by dataset, dates. examples: texts, masked unless asked for.
    """

    kind: str
    text: str
    level: str
    address_id: str
    parent: str
    parent_is_new: bool
    evidence: Evidence
    departments: Sequence[str]
    confidence: float
    examples: Sequence[str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Proposals, the best founded first; `left_out`: why texts that stopped higher led to none, with their records."""

    proposals: Sequence[Proposal]
    found: int
    left_out: Mapping[str, int]


def suggest(context: Context, thresholds: Thresholds, *, unmasked: bool = False, progress: Progress = silent) -> Suggested:
    """Propose standard addresses and aliases from all current rows of all datasets, by the library that stands.

    unmasked: examples in full, which is noted in the audit log.
    """
    library = current_library(context)
    deliveries = accepted_deliveries(context)
    _match_all(context, library, deliveries, progress)
    with workspace(context.pool) as connection:
        stopped = _stopped_texts(connection, context, library, deliveries)
        left_out: Counter[str] = Counter()
        sightings = list(_sightings(library.index(), stopped, left_out, progress))
        with LibraryRows(context, library) as rows:
            around = _Surroundings(rows, {sighting.parent for sighting in sightings})
            gathered = gather(around.settled(sightings, left_out), TOLD_APART)
            proposals = sorted(_proposals(context, around, gathered, thresholds), key=_by_evidence)
        shown = proposals[: thresholds.most]
        if not unmasked:
            shown = _masked(connection, shown)
    if unmasked:
        context.pool.audit.append(
            "address.suggest.unmasked", library.version, context.actor, "shown", context.now, {"proposals": len(shown)}
        )
    return Suggested(shown, len(proposals), dict(left_out))


def _match_all(context: Context, library: Library, deliveries: Deliveries, progress: Progress) -> None:
    batches = [entry.batch for entries in deliveries.values() for entry in entries]
    for done, batch in enumerate(batches):
        progress("匹配地址", done, len(batches))
        match_by(context, library, batch)
    progress("匹配地址", len(batches), len(batches))


def _stopped_texts(connection: DuckDBPyConnection, context: Context, library: Library, deliveries: Deliveries) -> pa.Table:
    """Texts of current rows whose match stopped higher: text, address_id, level (null where it reached nothing), dataset, records, first, last."""
    create_address_results(connection, context, library)
    selects = []
    for contract in (contract for contract in context.contracts.values() if contract.addresses and deliveries[contract.id]):
        current = create_current_rows(connection, context, contract, deliveries[contract.id])
        selects += [_text_select(contract, use, current) for use in contract.addresses]
    if not selects:
        return pa.table({name: [] for name in ("text", "address_id", "level", "dataset", "records", "first", "last")})
    reasons = ", ".join(f"'{reason}'" for reason in STOPPED_HIGHER)
    return connection.sql(f"""
        SELECT text, address_id, level, dataset, count(DISTINCT (file_key, sheet, row)) AS records, min(day) AS first, max(day) AS last
        FROM ({" UNION ALL ".join(selects)}) AS asked
        JOIN (SELECT *, count(*) OVER (PARTITION BY input_key) AS parts FROM address_result) AS result USING (input_key)
        WHERE result.part = 1 AND result.parts = 1 AND status <> 'review' AND reason IN ({reasons})
        GROUP BY ALL ORDER BY ALL""").to_arrow_table()


def _text_select(contract: Contract, use: AddressUse, current: str) -> str:
    day = f"coalesce(source.{use.as_of}::DATE, TRY_CAST(source.period AS DATE))" if use.as_of else "TRY_CAST(source.period AS DATE)"
    return (
        f"SELECT '{contract.id}' AS dataset, source.{use.text} AS text, {address_input_key(use, 'source')} AS input_key, {day} AS day, "
        f"file_key, sheet, row FROM {current} AS source WHERE state = 'current' AND source.{use.text} IS NOT NULL"
    )


def _sightings(index: AddressIndex, stopped: pa.Table, left_out: Counter[str], progress: Progress) -> Iterator[Sighting]:
    rows = stopped.to_pylist()
    for done, row in enumerate(rows):
        if done % 1000 == 0:
            progress("读出地址成分", done, len(rows))
        found = _sighting(row, components(index, row["text"]))
        if isinstance(found, str):
            left_out[found] += row["records"]
        elif found is not None:
            yield found
    progress("读出地址成分", len(rows), len(rows))


def _sighting(row: Row, places: Sequence[PlaceComponents]) -> Sighting | str | None:
    """What a text names beyond the library; in Chinese why that cannot be told; None where it names nothing beyond."""
    if len(places) != 1:
        return UNCLEAR
    [place] = places
    stopped_at, level = (row["address_id"], row["level"]) if row["address_id"] else (place.town_id, "town")
    if stopped_at is None:
        return "没有写明在哪个乡镇街道"
    missing = place.finer_than(level)
    if not missing:
        return None
    if not place.is_clear:
        return UNCLEAR
    if not any(part.level == level and (part.is_known or part.level not in NAMED) for part in place.parts):
        return "文字没有写明在哪里，所在是推断的"
    if any(part.is_known for part in missing):
        return "名称在库中另有其处"
    if any(part.level in NAMES and _is_generic(part.key) for part in missing):
        return "只写了通称（综合楼、村部、工业区等）"
    parts = tuple(Part(part.level, part.value, part.key) for part in missing)
    return Sighting(stopped_at, parts, row["dataset"], row["text"], row["records"], row["first"], row["last"])


def _is_generic(name: str) -> bool:
    return name in generic_names()["generic"]


class _Child(NamedTuple):
    address_id: str
    value: str
    key: str
    ended: bool


class _Surroundings:
    """The library around the addresses at which texts stopped: what lies above them and directly below."""

    def __init__(self, rows: LibraryRows, stopped_at: set[str]) -> None:
        self._rows = rows
        self._lineages: dict[str, list[Row]] = {}
        self._stopped = rows.by_ids(sorted(stopped_at))
        towns = {
            row["parent_id"] for row in self._stopped.values() if row["level"] in ("community", "natural_village") and row["parent_id"]
        }
        self._above = rows.by_ids(sorted(towns))
        self._children: dict[tuple[str, str], list[_Child]] = {}
        self._note_children({*self._stopped, *self._above})
        self._note_children(
            {child.address_id for (_, level), children in self._children.items() if level == "compound" for child in children}
            - {*self._stopped}
        )

    def _note_children(self, parents: set[str]) -> None:
        for row in self._rows.joined(pa.table({"parent_id": pa.array(sorted(parents), pa.string())})):
            level, value = row["level"], row[component_of(row["level"])]
            child = _Child(row["address_id"], value, component_key(level, value), row["valid_to"] is not None)
            self._children.setdefault((row["parent_id"], level), []).append(child)

    def settled(self, sightings: Iterable[Sighting], left_out: Counter[str]) -> Iterator[Sighting]:
        """Sightings under the address that would bear what is missing; without those of what the library has, retired."""
        for sighting in sightings:
            parent = self._bearer(sighting)
            if parent is None:
                left_out["门牌处有几个小区，没有写明是哪个"] += sighting.records
                continue
            level, _, key = sighting.parts[0]
            known = [child for child in self._children.get((parent, level), ()) if child.key == key]
            if known:
                left_out["库中有，但已停用" if all(child.ended for child in known) else "库中已有"] += sighting.records
            else:
                yield sighting._replace(parent=parent)

    def _bearer(self, sighting: Sighting) -> str | None:
        """Roads and zones lie below the town; what lies inside the only compound of a plate below that one."""
        row, level = self._stopped[sighting.parent], sighting.parts[0].level
        while level in BESIDE_COMMUNITIES and row["level"] in ("community", "natural_village"):
            row = self._above.get(row["parent_id"]) or self._rows.by_ids([row["parent_id"]])[row["parent_id"]]
        compounds = self.beside(row["address_id"], "compound") if row["level"] == "house" and level in INSIDE else []
        if len(compounds) > 1:
            return None
        return compounds[0].address_id if compounds else str(row["address_id"])

    def lineage(self, address_id: str) -> list[Row]:
        if address_id not in self._lineages:
            row = self._stopped.get(address_id) or self._rows.by_ids([address_id])[address_id]
            self._lineages[address_id] = self._rows.lineage(row)
        return self._lineages[address_id]

    def beside(self, parent: str, level: str) -> list[_Child]:
        """The children in force of an address at a level."""
        return [child for child in self._children.get((parent, level), ()) if not child.ended]


def _proposals(context: Context, around: _Surroundings, gathered: Sequence[Gathered], thresholds: Thresholds) -> Iterator[Proposal]:
    departments = {contract.id: contract.department for contract in context.contracts.values()}
    at_plates = set(_compounds_at_plates(around, gathered))
    misspelt = doubted(gathered, TOLD_APART)
    for number, place in enumerate(gathered):
        named = sorted({departments[dataset] for dataset in place.evidence.records})
        if place.evidence.total < thresholds.records and len(named) < thresholds.departments:
            continue
        if place.parts[0].level == "compound" and not _is_plate(around, place.parent) and _in_town(around, place, 0) in at_plates:
            continue  # the same compound is proposed at its plate
        alias = _alias_target(around, place)
        confidence = place.evidence.confidence(departments)
        if alias is None:
            yield _addition(around, place, named, confidence, misspelt.get(number, ""))
        elif len(place.parts) == 1 and not place.parts[0].value.endswith(generic_names()["firm_endings"]):
            yield _alias(around, place, alias, named, confidence)


def _compounds_at_plates(around: _Surroundings, gathered: Sequence[Gathered]) -> Iterator[tuple[str, str]]:
    """Town and key of every compound that is named together with its plate."""
    for place in gathered:
        for depth, part in enumerate(place.parts):
            if part.level == "compound" and (place.parts[depth - 1].level == "house" if depth else _is_plate(around, place.parent)):
                yield _in_town(around, place, depth)


def _is_plate(around: _Surroundings, address_id: str) -> bool:
    return bool(around.lineage(address_id)[-1]["level"] == "house")


def _in_town(around: _Surroundings, place: Gathered, depth: int) -> tuple[str, str]:
    return around.lineage(place.parent)[-1]["town"], place.parts[depth].key


def _alias_target(around: _Surroundings, place: Gathered) -> _Child | None:
    """The one compound of the plate where an unknown compound is named."""
    lineage = around.lineage(place.parent)
    if lineage[-1]["level"] != "house" or place.parts[0].level != "compound":
        return None
    compounds = around.beside(place.parent, "compound")
    return compounds[0] if len(compounds) == 1 else None


def _alias(around: _Surroundings, place: Gathered, compound: _Child, named: Sequence[str], confidence: float) -> Proposal:
    plate = around.lineage(place.parent)[-1]["full_text"]
    return Proposal(
        kind="alias",
        text=place.parts[0].value,
        level="compound",
        address_id=compound.address_id,
        parent=plate + compound.value,
        parent_is_new=False,
        evidence=place.evidence,
        departments=named,
        confidence=confidence,
        examples=_examples(place.evidence),
        note=f"门牌处库中只有“{compound.value}”，疑是它的别名",
    )


def _addition(around: _Surroundings, place: Gathered, named: Sequence[str], confidence: float, misspelt: str) -> Proposal:
    lineage = around.lineage(place.parent)
    first = place.parts[0]
    beside = [child.value for child in around.beside(place.parent, first.level)]
    rows = new_addresses(lineage, [first._replace(value=spelled_like(first.value, beside)), *place.parts[1:]])
    near = misspelt or next((value for value in beside if first.level in NAMES and is_misspelling(first.value, value)), "")
    parents = {row["address_id"]: row["full_text"] for row in (*lineage, *rows)}
    return Proposal(
        kind="add",
        text=rows[-1]["full_text"],
        level=rows[-1]["level"],
        address_id=rows[-1]["address_id"],
        parent=parents[rows[-1]["parent_id"]],
        parent_is_new=len(rows) > 1,
        evidence=place.evidence,
        departments=named,
        confidence=round(confidence * NEAR_ANOTHER, 2) if near else confidence,
        examples=_examples(place.evidence),
        note=f"与“{near}”相近，疑是错字" if near else "像是单位名称，请核对是否应作地址" if _is_firm(place) else "",
    )


def _is_firm(place: Gathered) -> bool:
    return place.parts[-1].level == "compound" and place.parts[-1].value.endswith(generic_names()["firm_endings"])


def _examples(evidence: Evidence) -> list[str]:
    return [text for text, _ in sorted(evidence.texts.items(), key=lambda each: (-each[1], each[0]))[:EXAMPLES]]


def _by_evidence(proposal: Proposal) -> tuple[Any, ...]:
    return -proposal.confidence, -len(proposal.departments), -proposal.evidence.total, proposal.text


def _masked(connection: DuckDBPyConnection, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Proposals whose examples are masked as address texts are in the shares."""
    texts = sorted({text for proposal in proposals for text in proposal.examples})
    connection.register("examples", pa.table({"full_text": pa.array(texts, pa.string())}))
    mask = mask_expression(pool_contracts()["address"].column("full_text"))
    masked = dict(connection.execute(f"SELECT full_text, {mask} FROM examples").fetchall())
    return [replace(proposal, examples=list(dict.fromkeys(masked[text] for text in proposal.examples))) for proposal in proposals]
