"""One value for each attribute of a record, chosen among what the sources claim (一数一源), and where each value came from.

Order of choice: the department that is authoritative for the attribute, then the fresher delivery, then the row that says more, then a stable
order of rows. A missing value never survives a given one. What only means something together comes from one claim: the first that gives any of it.
"""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.claims import CLAIM_SPACE
from transforms.filling import create_filled

TOGETHER = (
    ("address_text", "address_id", "address_level", "match_status"),
    ("valid_from", "valid_to"),
    ("document_number", "document_type_code"),
    ("legal_representative", "representative_id"),
    ("marital_code", "marital_on"),
)
"""Attributes that one claim must supply: an open end after another source's start, or one text's status on another's address, is nobody's word."""

SINCE = {"marital_code": "marital_on"}
"""Attributes that one register tells again with every change, and the day of the change: of equal authority the latest is true, be its row fresh or not."""
FIRST_DAY, DAY_SPACE = "DATE '1800-01-01'", 1 << 19
"""Days that are read lie within so many of the first one."""

Authority = Mapping[str, Sequence[str]]
"""Attribute (`table.column`, or `*`) to its data sets (`system` or `system.dataset`), the most authoritative first."""


def survive(connection: DuckDBPyConnection, table: Contract, authority: Authority, datasets: Sequence[str]) -> None:
    """Create view `<table>` and tables `lineage_<table>` and `conflict_<table>` from `claim_<table>`.

    `<table>`: the pool table's columns, one row a key. Values are chosen, into table `survived_<table>`, of those claimed more than once only.
    `lineage_<table>`: table_name, key, file_key, sheet, row, role: `survivor` (supplies at least one value), `conflict` (says otherwise),
    `agreement`; attributes: the columns whose value a survivor supplies, joined by blanks.
    `conflict_<table>`: table_name, key, column_name, surviving_value, losing_value, file_key, sheet, row.
    """
    name, key = table.dataset, table.key
    attributes = [column.name for column in table.columns if column.name not in key]
    keys = ", ".join(key)
    if _is_single_claim(connection, name, keys):
        _publish_claims_as_they_are(connection, table, attributes)
        return
    chosen, winners = [], []
    for group in _groups(attributes):
        rank = _rank(name, group[0], authority, datasets)
        given = " OR ".join(f"{attribute} IS NOT NULL" for attribute in group)
        chosen += [f"arg_min_null({attribute}, {rank}) FILTER ({given}) AS {attribute}" for attribute in group]
        winners.append(f"(min({rank}) FILTER ({given}) % {CLAIM_SPACE})::BIGINT")
    connection.execute(f"""
        CREATE OR REPLACE TABLE survived_{name} AS
        SELECT {", ".join([keys, *chosen])}, [{", ".join(winners)}] AS winners
        FROM claim_{name} AS claims SEMI JOIN (SELECT {keys} FROM claim_{name} GROUP BY ALL HAVING count(*) > 1) AS several
             ON {_same_key(table, "claims", "several")}
        GROUP BY {keys}""")
    columns = ", ".join((*key, *attributes))
    connection.execute(f"""
        CREATE OR REPLACE VIEW {name} AS
        SELECT {columns} FROM survived_{name} UNION ALL SELECT {columns} FROM {_claimed_once(table)}""")
    _create_lineage(connection, table, attributes)
    connection.execute(f"CREATE OR REPLACE TABLE conflict_{name} AS {_conflict_select(table, attributes, f'survived_{name}')}")


def record_key(table: Contract, source: str) -> str:
    """SQL of a record's key as one text, as lineage, conflicts and outcomes name it."""
    return "concat_ws('/', " + ", ".join(f"{source}.{column}" for column in table.key) + ")"


def _is_single_claim(connection: DuckDBPyConnection, name: str, keys: str) -> bool:
    """Whether every record is claimed once only, as in tables that one data set alone fills: then there is nothing to choose."""
    counted = connection.execute(
        f"SELECT count(*) = (SELECT count(*) FROM (SELECT DISTINCT {keys} FROM claim_{name})) FROM claim_{name}"
    ).fetchall()
    return bool(counted[0][0])


def _publish_claims_as_they_are(connection: DuckDBPyConnection, table: Contract, attributes: Sequence[str]) -> None:
    name = table.dataset
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {', '.join((*table.key, *attributes))} FROM claim_{name}")
    connection.execute(f"""
        CREATE OR REPLACE TABLE lineage_{name} AS
        SELECT *, 'survivor' AS role FROM ({_undisputed(table, attributes, f"claim_{name} AS claims")})""")
    connection.execute(f"CREATE OR REPLACE TABLE conflict_{name} AS {_conflict_select(table, [], name)}")


def _claimed_once(table: Contract) -> str:
    """SQL of the claims on records that are claimed only once."""
    name = table.dataset
    return f"claim_{name} AS claims ANTI JOIN survived_{name} AS survived ON {_same_key(table, 'claims', 'survived')}"


def _undisputed(table: Contract, attributes: Sequence[str], claims: str) -> str:
    """SELECT of the lineage but its role, from claims that stand alone: they supply all that they give."""
    return f"""
        SELECT '{table.dataset}' AS table_name, {record_key(table, "claims")} AS key, file_key, sheet, row,
               {_listed({attribute: f"{attribute} IS NOT NULL" for attribute in attributes})} AS attributes
        FROM {claims}"""


def _groups(attributes: Sequence[str]) -> list[tuple[str, ...]]:
    """The attributes, those that belong together in one group, every other for itself."""
    group_of = {attribute: group for group in TOGETHER for attribute in group}
    groups = dict.fromkeys(group_of.get(attribute, (attribute,)) for attribute in attributes)
    return [tuple(attribute for attribute in group if attribute in attributes) for group in groups]


def _rank(table: str, attribute: str, authority: Authority, datasets: Sequence[str]) -> str:
    """SQL that orders claims of one attribute: authority first, freshness second; before it the day of the change, where there is one."""
    place = authority_place(table, attribute, authority, datasets)
    if attribute in SINCE:
        age = f"{DAY_SPACE - 1} - coalesce(date_diff('day', {FIRST_DAY}, {SINCE[attribute]}), 0)"
        return f"((({place}) * {DAY_SPACE} + {age})::HUGEINT * {CLAIM_SPACE} + claim)"
    return "claim" if place == "0" else f"({place} * {CLAIM_SPACE} + claim)"


def authority_place(table: str, attribute: str, authority: Authority, datasets: Sequence[str]) -> str:
    """SQL over rows with a `dataset`: its place in the order of authority on an attribute, 0 the most authoritative; all alike where there is none."""
    order = authority.get(f"{table}.{attribute}") or authority.get(f"{table}.*") or ()
    places = {dataset: place for dataset in datasets if (place := _place(dataset, order)) is not None}
    if not places:
        return "0"
    branches = " ".join(f"WHEN '{dataset}' THEN {place}" for dataset, place in sorted(places.items()))
    return f"CASE dataset {branches} ELSE {len(order)} END"


def _place(dataset: str, order: Sequence[str]) -> int | None:
    return next((place for place, source in enumerate(order) if source in (dataset, dataset.split(".")[0])), None)


def why_survived(table: str, attribute: str, authority: Authority, winner: tuple[str, str], loser: tuple[str, str]) -> str:
    """Why one claim of an attribute outlived another: a code of the list survival_reason.

    winner, loser: dataset and period of the row that says so.
    """
    deciding = next((group[0] for group in TOGETHER if attribute in group), attribute)
    order = authority.get(f"{table}.{deciding}") or authority.get(f"{table}.*") or ()
    kept, lost = (len(order) if (place := _place(dataset, order)) is None else place for dataset, _ in (winner, loser))
    if kept != lost:
        return "authority"
    if deciding in SINCE:
        return "changed_later"
    return "fresher" if winner[1] > loser[1] else "fuller"


def _create_lineage(connection: DuckDBPyConnection, table: Contract, attributes: Sequence[str]) -> None:
    name = table.dataset
    differs = " OR ".join(_differs(attribute, "survived") for attribute in attributes)
    supplied = " + ".join(
        f"CASE WHEN survived.winners[{place}] = claims.claim AND claims.{attribute} IS NOT NULL THEN {1 << attributes.index(attribute)} ELSE 0 END"
        for place, group in enumerate(_groups(attributes), start=1)
        for attribute in group
    )
    disputed = f"""
        WITH said AS (
            SELECT {record_key(table, "claims")} AS key, file_key, sheet, row,
                   CASE WHEN list_contains(survived.winners, claims.claim) THEN 'survivor'
                        WHEN {differs} THEN 'conflict' ELSE 'agreement' END AS role,
                   CASE WHEN list_contains(survived.winners, claims.claim) THEN {supplied} ELSE 0 END AS supplied
            FROM claim_{name} AS claims JOIN survived_{name} AS survived ON {_same_key(table, "claims", "survived")}),
        grouped AS (SELECT key, file_key, sheet, row, role, bit_or(supplied) AS supplied FROM said GROUP BY ALL)
        SELECT '{name}' AS table_name, key, file_key, sheet, row, role,
               {_listed({attribute: f"supplied & {1 << place} <> 0" for place, attribute in enumerate(attributes)})} AS attributes
        FROM grouped"""
    alone = f"""
        SELECT *, CASE WHEN attributes IS NULL THEN 'agreement' ELSE 'survivor' END AS role
        FROM ({_undisputed(table, attributes, _claimed_once(table))})"""
    create_filled(connection, f"lineage_{name}", [disputed, alone])


def _differs(attribute: str, kept: str) -> str:
    """SQL test whether a claim contradicts the value that survived; what was true until a later change does not."""
    day = SINCE.get(attribute, attribute if attribute in SINCE.values() else None)
    earlier = f" AND (claims.{day} < {kept}.{day}) IS NOT TRUE" if day else ""
    return f"(claims.{attribute} <> {kept}.{attribute}{earlier})"


def _listed(conditions: Mapping[str, str]) -> str:
    """SQL of the names whose condition holds, joined by blanks; NULL where none does."""
    return (
        "nullif(concat_ws(' ', "
        + ", ".join(f"CASE WHEN {condition} THEN '{name}' END" for name, condition in conditions.items())
        + "), '')"
    )


def _conflict_select(table: Contract, attributes: Sequence[str], survived: str) -> str:
    """Every claimed value that another one outlived, of records in the relation `survived`. Beside a value that is spread over columns DISTINCT would not look at all of them."""
    said = ", ".join(
        f"CASE WHEN {_differs(attribute, 'kept')} THEN {{column_name: '{attribute}', "
        f"surviving_value: kept.{attribute}::VARCHAR, losing_value: claims.{attribute}::VARCHAR}} END"
        for attribute in attributes
    )
    values = f"[{said}]" if said else "CAST([] AS STRUCT(column_name VARCHAR, surviving_value VARCHAR, losing_value VARCHAR)[])"
    return f"""
        SELECT DISTINCT * FROM (
            SELECT '{table.dataset}' AS table_name, key, unnest(said, recursive := true), file_key, sheet, row
            FROM (
                SELECT {record_key(table, "claims")} AS key, file_key, sheet, row, list_filter({values}, lambda each: each IS NOT NULL) AS said
                FROM claim_{table.dataset} AS claims JOIN {survived} AS kept ON {_same_key(table, "claims", "kept")}
                WHERE {" OR ".join(_differs(attribute, "kept") for attribute in attributes) or "FALSE"}))"""


def _same_key(table: Contract, left: str, right: str) -> str:
    return " AND ".join(f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in table.key)
