"""Organisations: which firm, household business or association is meant, by code, by registered name, by names that are nearly the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from duckdb import DuckDBPyConnection

from transforms.resolving.candidates import Pair, create_pairs, create_said, pairs_of
from transforms.resolving.clusters import Edge, Facts
from transforms.resolving.likeness import LIKEST_FIRST, Characters, Likeness
from transforms.resolving.mentions import organisation_core
from transforms.resolving.numbers import is_mistyped, numbers_meant
from transforms.resolving.persons import Findings

NEW_REGISTRATION = 15
CONTACTS = frozenset(("phone", "place", "representative"))


def part_organisations(connection: DuckDBPyConnection, characters: Characters, rank: str) -> list[Edge]:
    """Divide the mentions in `mention_organisation` into parts that are surely one organisation each, and find which parts to compare.

    rank: SQL over the mentions that orders their data sets by authority on names, the most authoritative first.
    Creates `said_organisation`, `floating_organisation` and `pair_organisation`. Returns who else may be meant by a disputed code.
    """
    disputed = _disputed(connection, characters, rank)
    create_said(connection, "organisation", {identity for identity, _ in disputed})
    connection.execute("""
        CREATE OR REPLACE TABLE floating_organisation AS
        SELECT part FROM said_organisation GROUP BY part HAVING bool_or(is_disputed) OR NOT bool_or(uscc IS NOT NULL)""")
    create_pairs(connection, "organisation")
    return [Edge.between(identity, keeper, "number_of_another") for identity, keeper in disputed]


def compare_organisations(connection: DuckDBPyConnection, characters: Characters, places: Sequence[str]) -> Findings:
    """Compare the parts in `pair_organisation`. places: names of divisions that the names of organisations begin with."""
    others = {
        "cores": organisation_core("name_key", places),
        "registrations": f"CASE WHEN length(registration_number) = {NEW_REGISTRATION} THEN registration_number END",
        "listed": "CASE WHEN NOT starts_with(identity, 'row:') THEN 'listed' END",
    }
    pairs = pairs_of(connection, "organisation", "uscc", others)
    edges = [pair.edge(rule) for pair in pairs if (rule := _rule(pair, characters))]
    meant = numbers_meant(pairs)
    facts = {part.part: (_codes(meant[part.part]), part.others["registrations"]) for pair in pairs for part in (pair.left, pair.right)}
    return Findings(defaultdict(_nothing_known, facts), edges)


def _nothing_known() -> Facts:
    return (frozenset(), frozenset())


def _codes(numbers: Iterable[str]) -> frozenset[str]:
    """The social credit codes among texts: a registration number where a code belongs contradicts no code."""
    return frozenset(number for number in numbers if len(number) == 18)


def _rule(pair: Pair, characters: Characters) -> str | None:
    """The strongest rule that holds for a pair, None where nothing speaks for it."""
    left, right, kinds = pair.left, pair.right, pair.kinds
    same_name = not left.names.isdisjoint(right.names)
    same_core = not left.others["cores"].isdisjoint(right.others["cores"])
    has_contact = not kinds.isdisjoint(CONTACTS)
    if left.is_disputed or right.is_disputed:
        return None
    if "registration" in kinds:
        return "registration_number"
    if is_mistyped(pair) and (same_name or same_core or has_contact):
        return "uscc_typo"
    if same_name and has_contact:
        return "organisation_name_and_contact"
    if same_name:
        return "organisation_name" if left.others["listed"] and right.others["listed"] else None
    if same_core:
        return "core_name_and_contact" if has_contact else "core_name"
    if not has_contact:
        return None
    likeness = _likeness(pair, characters)
    if likeness == "same":  # but for traditional characters
        return "core_name_and_contact"
    if likeness == "variant" and "place" in kinds:
        return "similar_name_and_contact"
    return "similar_name_contact" if likeness in ("variant", "related") else None


def _likeness(pair: Pair, characters: Characters) -> Likeness:
    left, right = (part.others["cores"] | part.names for part in (pair.left, pair.right))
    found = (characters.organisations(one, other) for one in left for other in right)
    return min(found, key=LIKEST_FIRST.index, default="different")


def _disputed(connection: DuckDBPyConnection, characters: Characters, rank: str) -> list[tuple[str, str]]:
    """Identities whose code stands beside the name of another organisation, each with the parts it may belong to.

    An organisation may change its name; but a name that the most authoritative source gives to another code was not meant by this one.
    """
    rows = connection.execute(f"""
        WITH named AS (
            SELECT base, identity, name_key, min({rank}) AS place, count(*) AS mentions FROM mention_organisation
            WHERE uscc IS NOT NULL AND name_key <> '' GROUP BY ALL),
        main AS (
            SELECT * FROM named QUALIFY row_number() OVER (PARTITION BY base ORDER BY place, mentions DESC, name_key) = 1)
        SELECT named.identity, named.name_key, named.base, owner.name_key, other.base
        FROM named JOIN main AS owner ON named.base = owner.base AND named.name_key <> owner.name_key
        JOIN main AS other ON named.name_key = other.name_key AND named.base <> other.base AND other.place < named.place
        ORDER BY ALL""").fetchall()
    found: Mapping[tuple[str, str], None] = {
        (identity, holder): None
        for identity, name, base, own_name, other in rows
        if characters.organisations(name, own_name) == "different"
        for holder in (base, other)
    }
    return list(found)
