"""Persons: who is who among the mentions, by number, by name with birth date, phone or address, and by names that are nearly the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from transforms.identity import sql_literal
from transforms.resolving.candidates import Pair, create_pairs, create_said, pairs_of
from transforms.resolving.clusters import Edge, Facts
from transforms.resolving.likeness import LIKEST_FIRST, Characters
from transforms.resolving.numbers import is_mistyped, is_unchecked, numbers_meant

BIRTH_IN_NUMBER = "strptime(number[7:14], '%Y%m%d')::DATE::VARCHAR"
SEX_IN_NUMBER = "CASE WHEN number[17]::INTEGER % 2 = 1 THEN '1' ELSE '2' END"
MOST_NAMESAKES = 3


@dataclass(frozen=True, slots=True)
class Findings:
    """What speaks for joining parts: `facts` by part, `edges` between them."""

    facts: Mapping[str, Facts]
    edges: Sequence[Edge]


def part_persons(connection: DuckDBPyConnection, characters: Characters, rank: str) -> list[Edge]:
    """Divide the mentions in `mention_person` into parts that are surely one person each, and find which parts to compare.

    rank: SQL over the mentions that orders their data sets by authority on names, the most authoritative first.
    Creates `said_person` (mentions with their part), `floating_person` and `pair_person`. Returns who else may be meant by a disputed number.
    """
    disputed = _disputed(connection, characters, rank)
    create_said(connection, "person", disputed)
    connection.execute("""
        CREATE OR REPLACE TABLE floating_person AS
        SELECT part FROM said_person GROUP BY part HAVING bool_or(is_disputed) OR NOT bool_or(is_checked OR document IS NOT NULL)""")
    create_pairs(connection, "person")
    _add_nearly_same_numbers(connection)
    return [Edge.between(identity, keeper, "number_of_another") for identity, keeper in disputed.items()]


def compare_persons(connection: DuckDBPyConnection, characters: Characters) -> Findings:
    """Compare the parts in `pair_person`."""
    others = {
        "documents": "document",
        "births": "birth::VARCHAR",
        "births_in_number": f"CASE WHEN is_checked AND NOT is_disputed THEN {BIRTH_IN_NUMBER} END",
        "sexes": "CASE WHEN sex IN ('1', '2') THEN sex END",
        "sexes_in_number": f"CASE WHEN is_checked AND NOT is_disputed THEN {SEX_IN_NUMBER} END",
    }
    pairs = pairs_of(connection, "person", "CASE WHEN is_checked THEN number END", others)
    rare = _rare_names(connection)
    edges = [pair.edge(rule) for pair in pairs if (rule := _rule(pair, characters, rare))]
    edges += _same_person_with_two_numbers(connection)
    meant = numbers_meant(pairs)
    facts = {part.part: _facts(part.others, meant[part.part]) for pair in pairs for part in (pair.left, pair.right)}
    return Findings(defaultdict(_nothing_known, facts), edges)


def _nothing_known() -> Facts:
    return (frozenset(), frozenset(), frozenset(), frozenset())


def _facts(others: Mapping[str, frozenset[str]], numbers: frozenset[str]) -> Facts:
    births = others["births"] | others["births_in_number"]
    return (numbers, others["documents"], births, others["sexes"] | others["sexes_in_number"])


def _rule(pair: Pair, characters: Characters, rare: frozenset[str]) -> str | None:
    """The strongest rule that holds for a pair, None where nothing speaks for it."""
    left, right, kinds = pair.left, pair.right, pair.kinds
    shared = left.names & right.names
    phone, place, role = "phone" in kinds, "place" in kinds, any(kind.startswith("role") for kind in kinds)
    likeness = (
        "same"
        if shared
        else min((characters.persons(a, b) for a in left.names for b in right.names), key=LIKEST_FIRST.index, default="different")
    )
    birth = not _births(left.others).isdisjoint(_births(right.others))
    if left.is_disputed or right.is_disputed:
        return "number_of_another" if likeness == "same" and (phone or place) else None
    if is_mistyped(pair) and likeness in ("same", "variant"):
        confirmed = phone or place or role or (birth and likeness == "same" and not is_unchecked(pair))
        return "number_typo" if confirmed else "number_unconfirmed" if likeness == "same" else None
    if likeness == "same":
        return _by_name(phone, place, role, birth, is_rare=not shared.isdisjoint(rare))
    if likeness == "variant" and (phone or place):
        return "similar_name_phone_address" if phone and place else "similar_name_contact"
    return "similar_name_contact" if likeness == "related" and phone and place else None


def _by_name(phone: bool, place: bool, role: bool, birth: bool, *, is_rare: bool) -> str | None:
    rules = (
        ("name_birth_phone", birth and phone),
        ("name_birth_address", birth and place),
        ("name_phone_address", phone and place),
        ("name_and_role", role),
        ("name_phone", phone),
        ("rare_name_address", place and is_rare),
        ("name_address", place),
    )
    return next((rule for rule, holds in rules if holds), None)


def _births(others: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Birth dates as stated, or as they stand in a number that holds."""
    return others["births"] | others["births_in_number"]


def _add_nearly_same_numbers(connection: DuckDBPyConnection) -> None:
    """Add to `pair_person` floating parts whose claimed number is one slip away from that of somebody with the same name."""
    connection.execute("""
        INSERT INTO pair_person
        WITH claims AS (
            SELECT DISTINCT part, name_key, CASE WHEN strlen(claimed) = 15 THEN left(claimed, 6) || '19' || claimed[7:] ELSE claimed END AS digits
            FROM said_person SEMI JOIN floating_person USING (part) WHERE claimed IS NOT NULL AND NOT is_disputed),
        holders AS (
            SELECT DISTINCT part, name_key, number FROM said_person
            WHERE is_checked AND NOT is_disputed AND name_key IN (SELECT name_key FROM claims))
        SELECT DISTINCT claims.part, holders.part, []::VARCHAR[]
        FROM claims JOIN holders ON claims.name_key = holders.name_key AND claims.part <> holders.part
        WHERE damerau_levenshtein(claims.digits, left(holders.number, strlen(claims.digits))) <= 1
          AND NOT EXISTS (SELECT 1 FROM pair_person WHERE left_part = claims.part AND right_part = holders.part)""")


def _rare_names(connection: DuckDBPyConnection) -> frozenset[str]:
    """Names of floating parts that at most one person with an identifier bears."""
    rows = connection.execute("""
        WITH wanted AS (SELECT DISTINCT name_key FROM said_person SEMI JOIN floating_person USING (part))
        SELECT name_key FROM said_person SEMI JOIN wanted USING (name_key)
        GROUP BY name_key HAVING count(DISTINCT part) FILTER (is_checked OR document IS NOT NULL) <= 1""").fetchall()
    return frozenset(name for (name,) in rows)


def _same_person_with_two_numbers(connection: DuckDBPyConnection) -> Iterable[Edge]:
    """Persons of one name, birthday and phone under two numbers: perhaps one whose number was changed."""
    rows = connection.execute(f"""
        WITH known AS (
            SELECT part, name_key, number[7:14] AS birth, unnest(list_filter(keys, lambda each: starts_with(each, 'phone:'))) AS phone
            FROM said_person WHERE is_checked AND NOT is_disputed)
        SELECT min(part), max(part) FROM known GROUP BY name_key, birth, phone
        HAVING count(DISTINCT part) BETWEEN 2 AND {MOST_NAMESAKES}""").fetchall()
    return [Edge(one, other, "numbers_differ") for one, other in rows]


def _disputed(connection: DuckDBPyConnection, characters: Characters, rank: str) -> dict[str, str]:
    """Identities whose number belongs to somebody else by the name that stands beside it, with the part that keeps the number.

    The number stays with the name that the most authoritative source gives, then the one that most mentions give.
    """
    rows = connection.execute(f"""
        WITH named AS (
            SELECT base, identity, name_key, min({rank}) AS place, count(*) AS mentions FROM mention_person
            WHERE (number IS NOT NULL OR document IS NOT NULL) AND name_key <> '' GROUP BY ALL)
        SELECT base, identity, name_key FROM named WHERE base IN (SELECT base FROM named GROUP BY base HAVING count(*) > 1)
        ORDER BY base, place, mentions DESC, name_key""").fetchall()
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for base, identity, name in rows:
        names[base].append((identity, name))
    disputed, doubtful, near = {}, {}, {}
    for base, (first, *others) in names.items():
        for identity, name in others:
            likeness = characters.persons(first[1], name)
            if likeness == "different":
                disputed[identity] = base
            elif likeness == "surname":
                near[identity] = base
            elif likeness == "related":
                doubtful[identity] = base
    for identity in set(near) - _met(connection, near):
        disputed[identity] = near.pop(identity)
    doubtful |= near
    return disputed | {identity: doubtful[identity] for identity in _known_otherwise(connection, doubtful)}


def _met(connection: DuckDBPyConnection, asked: Mapping[str, str]) -> set[str]:
    """Of these identities those that share a phone, an address or a role with another name under their number."""
    return _sharing(connection, asked, "asked.base = other.base AND asked.identity <> other.identity")


def _known_otherwise(connection: DuckDBPyConnection, asked: Mapping[str, str]) -> set[str]:
    """Of these identities those whose very name has another number at the same phone or address: the number was taken from somebody near."""
    return _sharing(connection, asked, "asked.base <> other.base AND asked.name_key = other.name_key AND other.is_checked")


def _sharing(connection: DuckDBPyConnection, asked: Mapping[str, str], condition: str) -> set[str]:
    """Of these identities those that share a key with another mention under a condition on the two."""
    if not asked:
        return set()
    listed = ", ".join(sql_literal(identity) for identity in asked)
    rows = connection.execute(f"""
        WITH asked AS (
            SELECT identity, base, name_key, unnest(keys) AS key FROM mention_person WHERE identity IN ({listed})),
        other AS (
            SELECT identity, base, name_key, is_checked, unnest(keys) AS key FROM mention_person
            WHERE base IN (SELECT base FROM asked) OR name_key IN (SELECT name_key FROM asked))
        SELECT DISTINCT asked.identity FROM asked JOIN other ON asked.key = other.key WHERE {condition}""").fetchall()
    return {identity for (identity,) in rows}
