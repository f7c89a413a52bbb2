"""From mentions to entities: parts are joined to groups, a group gets its id, and every join keeps the rule it was made by."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa
from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.claims import ADDRESS_PREFIX, ENTITY_TABLES
from transforms.placed import create_placed
from transforms.pseudonym import pseudonyms
from transforms.resolving.clusters import Edge, Joined, join
from transforms.resolving.likeness import Characters
from transforms.resolving.mentions import create_mentions
from transforms.resolving.organisations import compare_organisations, part_organisations
from transforms.resolving.persons import Findings, compare_persons, part_persons
from transforms.resolving.redirects import create_first_periods, create_redirects
from transforms.resolving.rules import RULES
from transforms.survive import Authority, authority_place

DECISIONS = pa.schema([("table_name", pa.string()), ("left_id", pa.string()), ("right_id", pa.string()), ("is_same", pa.bool_())])
"""What people decided on two entities, by the ids these had alone."""
COMPARED = ("person", "organisation")
PREFIX_RULES = {
    "citizen_number": "citizen_number",
    "document": "document",
    "uscc": "uscc",
    "registration_number": "registration_number",
    "name": "organisation_name",
    "evidence": "name_birth_phone",
    "address": "standard_address",
    "source": "house_source_key",
    "event": "event_key",
    "row": "single",
}
"""What makes the mentions of one part one, by the beginning of the part."""
STRENGTH = {
    name: place for place, name in enumerate(("address", "citizen_number", "uscc", "event", "document", "registration_number", "source"))
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What resolving takes from outside: the key of the pseudonyms, what is known of characters, names of the city's divisions, who is
    authoritative, and what people decided."""

    key: bytes
    characters: Characters
    places: Sequence[str] = ()
    authority: Authority = field(default_factory=dict)
    decisions: pa.Table = field(default_factory=DECISIONS.empty_table)


def resolve_entities(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], setting: Setting) -> None:
    """Find out which entity each current row means.

    current: the table of current rows by contract id. The table `address_result(input_key, part, address_id, level, status, is_leaf)` must
    stand. Creates beside each table of current rows that of the placed ones (see transforms.placed), and
    - `identity(table_name, identity, id, basis, counts)`: the entity of each identity that a row has by itself; `counts` is false where its
      identifier is another's or mistyped;
    - view `entity_link(table_name, key, file_key, sheet, row, alias, rule, score)`: by which rule each mention belongs to its entity;
    - `entity_doubt(table_name, left_key, right_key, rule, score)`: pairs that a person must decide on;
    - `entity_redirect(table_name, old_id, new_id)`.
    Houses at a standard address take its id; all other ids are keyed pseudonyms (HMAC-SM3) of the group's strongest part, of several without an
    identifier of the one that the earliest period speaks of.
    """
    for contract in contracts:
        create_placed(connection, contract, current[contract.id])
    create_mentions(connection, contracts, current, setting.places)
    with _uncollected():
        _resolve_mentions(connection, contracts, current, setting)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Do without the search for cycles: all that is made of parts and pairs stays until the end, and would be looked through over and over."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _resolve_mentions(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], setting: Setting) -> None:
    persons_rank, organisations_rank = (authority_place(kind, "name", setting.authority, list(current)) for kind in COMPARED)
    asked = {
        "person": part_persons(connection, setting.characters, persons_rank),
        "organisation": part_organisations(connection, setting.characters, organisations_rank),
    }
    _create_parts(connection, setting.key)
    _create_decided(connection, setting.decisions)
    findings = {
        "person": compare_persons(connection, setting.characters),
        "organisation": compare_organisations(connection, setting.characters, setting.places),
    }
    joined = {kind: _join(connection, kind, found, asked[kind]) for kind, found in findings.items()}
    _create_grouped(connection, joined)
    create_first_periods(connection, contracts, current)
    _create_identity(connection)
    _create_links(connection, joined)
    _create_doubts(connection, joined)
    create_redirects(connection, contracts, current, setting.key)


def _create_parts(connection: DuckDBPyConnection, key: bytes) -> None:
    """Table `part(table_name, part, id, is_floating, is_disputed)`: every part with the id it has alone."""
    selects = [
        f"SELECT '{kind}' AS table_name, part, bool_or(is_disputed) AS is_disputed, part IN (SELECT part FROM floating_{kind}) AS is_floating "
        f"FROM said_{kind} GROUP BY part"
        for kind in COMPARED
    ]
    selects += [
        f"SELECT DISTINCT '{kind}' AS table_name, identity AS part, FALSE AS is_disputed, FALSE AS is_floating FROM mention_{kind}"
        for kind in ENTITY_TABLES
        if kind not in COMPARED
    ]
    found = connection.sql(" UNION ALL ".join(selects)).to_arrow_table()
    parts = found.column("part").combine_chunks()
    connection.register("parts", found.append_column("pseudonym", pseudonyms(parts, key, "entity")))
    connection.execute(f"""
        CREATE OR REPLACE TABLE part AS
        SELECT table_name, part, is_disputed, is_floating,
               CASE WHEN table_name = 'house' AND starts_with(part, '{ADDRESS_PREFIX}') THEN substr(part, {len(ADDRESS_PREFIX) + 1})
                    ELSE pseudonym END AS id
        FROM parts""")
    connection.unregister("parts")


def _create_decided(connection: DuckDBPyConnection, decisions: pa.Table) -> None:
    """Table `decided(table_name, left_part, right_part, is_same)`: decisions on parts that there are; their parts are compared like others."""
    connection.register("decisions", decisions.cast(DECISIONS))
    connection.execute("""
        CREATE OR REPLACE TABLE decided AS
        SELECT table_name, least(one.part, other.part) AS left_part, greatest(one.part, other.part) AS right_part, is_same
        FROM decisions JOIN part AS one USING (table_name) JOIN part AS other USING (table_name)
        WHERE one.id = left_id AND other.id = right_id AND one.part <> other.part""")
    connection.unregister("decisions")
    for kind in COMPARED:
        connection.execute(f"""
            INSERT INTO pair_{kind}
            SELECT left_part, right_part, []::VARCHAR[] FROM decided WHERE table_name = '{kind}'
            AND NOT EXISTS (SELECT 1 FROM pair_{kind} AS pair WHERE pair.left_part = decided.left_part AND pair.right_part = decided.right_part)""")


def _join(connection: DuckDBPyConnection, kind: str, found: Findings, asked: Sequence[Edge]) -> Joined:
    decided = connection.execute(f"SELECT left_part, right_part, is_same FROM decided WHERE table_name = '{kind}' ORDER BY ALL").fetchall()
    same = [Edge(left, right, "decision") for left, right, is_same in decided if is_same]
    apart = [(left, right) for left, right, is_same in decided if not is_same]
    return join(found.facts, [*found.edges, *asked, *same], apart)


def _create_grouped(connection: DuckDBPyConnection, joined: Mapping[str, Joined]) -> None:
    """Table `grouped(table_name, part, root)`: the parts of groups with several."""
    rows = [(kind, part, root) for kind, found in joined.items() for part, root in sorted(found.group.items())]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    names = ("table_name", "part", "root")
    connection.register("groups", pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}))
    connection.execute("""
        CREATE OR REPLACE TABLE grouped AS
        WITH at_one_address AS (
            SELECT source_identity, min(identity) AS address FROM mention_house WHERE starts_with(identity, 'address:')
            GROUP BY source_identity HAVING count(DISTINCT identity) = 1),
        led AS (
            SELECT DISTINCT identity, address FROM mention_house JOIN at_one_address USING (source_identity)
            WHERE NOT starts_with(identity, 'address:'))
        SELECT * FROM groups
        UNION ALL SELECT 'house', identity, address FROM led
        UNION ALL SELECT DISTINCT 'house', address, address FROM led""")
    connection.unregister("groups")


def _create_identity(connection: DuckDBPyConnection) -> None:
    """Tables `chosen(table_name, part, chosen, id)`, of each part the one that names its group, and `identity`."""
    strengths = " ".join(f"WHEN '{name}' THEN {place}" for name, place in STRENGTH.items())
    connection.execute(f"""
        CREATE OR REPLACE TABLE chosen AS
        WITH ranked AS (
            SELECT grouped.table_name, grouped.part, grouped.root, part.id,
                   CASE WHEN is_disputed THEN 12 WHEN is_floating AND starts_with(grouped.part, 'citizen_number:') THEN 9
                        ELSE CASE split_part(grouped.part, ':', 1) {strengths} ELSE 10 END END AS strength,
                   coalesce(period, '') AS period
            FROM grouped JOIN part USING (table_name, part) LEFT JOIN first_period USING (table_name, part)),
        named AS (
            SELECT table_name, root, first(part ORDER BY strength, period, part) AS chosen, first(id ORDER BY strength, period, part) AS id
            FROM ranked GROUP BY table_name, root)
        SELECT table_name, grouped.part, chosen, id FROM grouped JOIN named USING (table_name, root)""")
    said = " UNION ALL ".join(
        [f"SELECT DISTINCT '{kind}' AS table_name, identity, part FROM said_{kind}" for kind in COMPARED]
        + [f"SELECT DISTINCT '{kind}', identity, identity FROM mention_{kind}" for kind in ENTITY_TABLES if kind not in COMPARED]
    )
    connection.execute(f"""
        CREATE OR REPLACE TABLE identity AS
        SELECT said.table_name, said.identity, coalesce(chosen.id, part.id) AS id,
               CASE WHEN part.is_disputed AND coalesce(chosen.chosen, said.part) = said.part THEN 'disputed_number'
                    ELSE split_part(coalesce(chosen.chosen, said.part), ':', 1) END AS basis,
               NOT part.is_disputed AND NOT (part.is_floating AND chosen.chosen <> said.part AND starts_with(said.part, 'citizen_number:')) IS TRUE AS counts
        FROM ({said}) AS said JOIN part USING (table_name, part) LEFT JOIN chosen USING (table_name, part)""")


def _create_links(connection: DuckDBPyConnection, joined: Mapping[str, Joined]) -> None:
    """By which rule each mention belongs to its entity: an identifier's own, else the surest that joined its part."""
    surest: dict[tuple[str, str], str] = {}
    for kind, found in joined.items():
        for edge in found.accepted:
            for part in (edge.left, edge.right):
                known = surest.get((kind, part))
                if known is None or (-RULES[edge.rule].score, edge.rule) < (-RULES[known].score, known):
                    surest[kind, part] = edge.rule
    rows = [(kind, part, rule) for (kind, part), rule in sorted(surest.items())]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    rules = pa.table({name: pa.array(values, pa.string()) for name, values in zip(("table_name", "part", "rule"), columns, strict=True)})
    connection.register("rules", rules)
    connection.execute("CREATE OR REPLACE TABLE part_rule AS FROM rules")
    connection.unregister("rules")
    by_prefix = " ".join(f"WHEN '{prefix}' THEN '{rule}'" for prefix, rule in PREFIX_RULES.items())
    scores = " ".join(f"WHEN '{rule.code}' THEN {rule.score}" for rule in RULES.values())
    mentions = " UNION ALL ".join(
        f"SELECT '{kind}' AS table_name, identity, {'part' if kind in COMPARED else 'identity'} AS part, file_key, sheet, row, alias "
        f"FROM {'said' if kind in COMPARED else 'mention'}_{kind}"
        for kind in ENTITY_TABLES
    )
    connection.execute(f"""
        CREATE OR REPLACE VIEW entity_link AS
        WITH ruled AS (
            SELECT mention.*, identity.id AS key,
                   CASE WHEN part.is_floating AND part_rule.rule IS NOT NULL THEN part_rule.rule WHEN part.is_disputed THEN 'single'
                        ELSE CASE split_part(mention.part, ':', 1) {by_prefix} END END AS rule
            FROM ({mentions}) AS mention JOIN identity USING (table_name, identity) JOIN part USING (table_name, part)
            LEFT JOIN part_rule USING (table_name, part))
        SELECT table_name, key, file_key, sheet, row, alias, rule, CASE rule {scores} END::DOUBLE AS score FROM ruled""")


def _create_doubts(connection: DuckDBPyConnection, joined: Mapping[str, Joined]) -> None:
    rows = [(kind, edge.left, edge.right, edge.rule, RULES[edge.rule].score) for kind, found in joined.items() for edge in found.open]
    columns = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    names = ("table_name", "left_part", "right_part", "rule", "score")
    types = (pa.string(), pa.string(), pa.string(), pa.string(), pa.float64())
    connection.register("doubts", pa.table({n: pa.array(v, t) for n, v, t in zip(names, columns, types, strict=True)}))
    connection.execute("""
        CREATE OR REPLACE TABLE entity_doubt AS
        WITH known AS (SELECT part.table_name, part.part, coalesce(chosen.id, part.id) AS id FROM part LEFT JOIN chosen USING (table_name, part))
        SELECT table_name, least(one.id, other.id) AS left_key, greatest(one.id, other.id) AS right_key, rule, score
        FROM doubts JOIN known AS one USING (table_name) JOIN known AS other USING (table_name)
        WHERE one.part = left_part AND other.part = right_part""")
    connection.unregister("doubts")
