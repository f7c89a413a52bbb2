"""Who lived where and which firm sat where, from when to when: what the sources said of it over all their deliveries, and what follows.

A source's own dates stand as it gave them (valid_from, valid_to). Beside them stand the dates to reckon with (effective_from, effective_to), each
with its basis; only where the source gives none is one inferred: a stay ends when the next one of its kind begins (`succeeded`), when its
source says so no longer (`withdrawn`, also before an end it had announced) or when the person dies (`death`); it begins when its source first said
so in place of another (`changed`) or, after an export that did not have the row, at all (`appeared`).
What the source corrected, so that by its last word it never was, is no part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.claims import CLAIM_SPACE, SLOT_COLUMNS, claims_select
from transforms.past_identities import EVER
from transforms.spoken import SPOKEN_COLUMNS
from transforms.survive import Authority, authority_place

SLOT = "dataset, row_key, fact, part"
"""One place of a source row: what stands there in a later delivery takes the place of what stood there before."""


@dataclass(frozen=True, slots=True)
class History:
    """How the history of a pool table is told.

    table: the history, of: the pool table whose claims it tells. who: columns of those of whom one stay follows another. place: SQL of what
    changes when they move. stay: SQL of what makes two stays at the same place, whoever says so, one. exclusive: SQL, true where a new stay
    ends the one before whoever says so. dies: whether they are persons who may die. single: only one stay at a time, told by the best source.
    """

    table: str
    of: str
    who: tuple[str, ...]
    place: str
    stay: str
    exclusive: str
    dies: bool = False
    single: bool = False


AT = "coalesce(address_id, address_text)"
HISTORIES = (
    History("residence_history", "residence", ("person_id", "kind"), AT, AT, "kind = 'registered'", dies=True),
    History("premises_history", "premises", ("organisation_id", "kind"), AT, AT, "kind = 'registered'"),
    History("tenancy_history", "tenancy", ("person_id", "house_id"), "''", "coalesce(valid_from::VARCHAR, '')", "TRUE", dies=True),
    History(
        "organisation_history",
        "organisation",
        ("organisation_id",),
        "concat_ws(chr(31), name, coalesce(status_code, ''), coalesce(legal_representative, ''))",
        "''",
        "FALSE",
        single=True,
    ),
)
TABLES = tuple(history.of for history in HISTORIES)


def create_history(
    connection: DuckDBPyConnection,
    history: History,
    contracts: Sequence[Contract],
    spoken: Mapping[str, str],
    table: Contract,
    told: Contract,
    authority: Authority,
) -> bool:
    """Create `<history.table>` with the columns of its contract `told` but the releases; returns whether any contract speaks of it.

    spoken: by contract id (see transforms.spoken), of those contracts that may have said more than one thing; of the others the claims of now
    tell the history. table: contract of the pool table. Needs its claims, the tables `identity_ever`, `address` and, for
    those who may die, `deceased` (see transforms.deceased).
    """
    if not any(fact.table == table.dataset for contract in contracts for fact in contract.facts):
        return False
    names = [column.name for column in table.columns]
    claims = claims_select([each for each in contracts if each.id in spoken], spoken, table, identities=EVER, more=SPOKEN_COLUMNS)
    once = [contract.id for contract in contracts if contract.id not in spoken]
    _create_stays(connection, history, names, claims, once)
    _create_followed(connection, history)
    _create_successions(connection, history)
    _create_ended(connection, history)
    rank = authority_place(history.of, _ranked_attribute(history), authority, [contract.id for contract in contracts])
    settled = _one_at_a_time(history, rank) if history.single else _one_row_a_stay(history, rank)
    columns = ", ".join(column.name for column in told.columns if column.name not in ("known_from", "known_to"))
    connection.execute(f"CREATE OR REPLACE TABLE {history.table} AS SELECT {columns} FROM ({settled})")
    connection.execute("DROP VIEW ended; DROP VIEW followed; DROP TABLE rival; DROP VIEW stay; DROP TABLE moved")
    return True


def _ranked_attribute(history: History) -> str:
    return "name" if history.single else "valid_from"


def _create_stays(connection: DuckDBPyConnection, history: History, names: Sequence[str], claims: str | None, once: Sequence[str]) -> None:
    """View `stay`: what stood at one slot from one delivery to another, with the last word on its dates and where that first stood.

    A source row that says something else of the same place corrects its dates, unless what it said before had ended when this begins.
    names: columns of the pool table. claims: SQL of what was said over several deliveries, they go into table `moved`; once: datasets with a single one.
    """
    dates = [f"NULL::DATE AS {name}" for name in ("valid_from", "valid_to") if name not in names]
    columns = ", ".join(
        (*names, "dataset", "period", "file_key", "sheet", "row", "subject", *SLOT_COLUMNS, *dates, f"{history.place} AS place")
    )
    listed = ", ".join(f"'{dataset}'" for dataset in once)
    single = f"""
        SELECT {CLAIM_SPACE} + claim AS number, {columns}, 0::BIGINT AS sequence, period::DATE AS seen_from, NULL::DATE AS seen_to, FALSE AS appeared,
               1::BIGINT AS runs, NULL::DATE AS follows
        FROM claim_{history.of} WHERE dataset IN ({listed or "''"})"""
    same_who = " AND ".join(f"lag({name}) OVER slot IS NOT DISTINCT FROM {name}" for name in history.who)
    same = " AND ".join(f"lag({name}) OVER slot IS NOT DISTINCT FROM {name}" for name in sorted({*names, "valid_from", "valid_to"}))
    several = f"""
        WITH said AS (
                SELECT {columns}, sequence, seen_from, seen_to, appeared, runs FROM ({claims}) WHERE seen_to IS NULL OR seen_to > seen_from),
             marked AS (
                SELECT *, NOT ({same_who} AND lag(place) OVER slot = place AND lag(seen_to) OVER slot = seen_from
                               AND (lag(valid_to) OVER slot <= valid_from) IS NOT TRUE) IS TRUE AS begins,
                       NOT ({same}) AS differs
                FROM said WHERE runs > 1
                WINDOW slot AS (PARTITION BY {SLOT} ORDER BY sequence)),
             numbered AS (
                SELECT *, sum(begins::INTEGER) OVER (PARTITION BY {SLOT} ORDER BY sequence) AS stay FROM marked),
             last_word AS (
                SELECT * REPLACE (
                    first_value(seen_from) OVER whole AS seen_from, last_value(seen_to) OVER whole AS seen_to)
                FROM numbered
                WINDOW whole AS (PARTITION BY {SLOT}, stay ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
                QUALIFY row_number() OVER (PARTITION BY {SLOT}, stay ORDER BY begins OR differs DESC, sequence DESC) = 1)
        SELECT row_number() OVER () AS number, * EXCLUDE (begins, differs, stay), {_follows(history)} AS follows FROM last_word
        WINDOW slot AS (PARTITION BY {SLOT} ORDER BY sequence)
        UNION ALL BY NAME
        SELECT -row_number() OVER () AS number, *, NULL::DATE AS follows FROM said WHERE runs = 1"""
    connection.execute(f"CREATE OR REPLACE TABLE moved AS {several if claims else f'{single} LIMIT 0'}")
    connection.execute(f"CREATE OR REPLACE VIEW stay AS FROM moved UNION ALL BY NAME {single}")


def _follows(history: History) -> str:
    """SQL of the day since when a source row says so in place of something else of the same ones."""
    same_who = " AND ".join(f"lag({name}) OVER slot IS NOT DISTINCT FROM {name}" for name in history.who)
    return f"CASE WHEN {same_who} THEN seen_from END"


def _create_followed(connection: DuckDBPyConnection, history: History) -> None:
    """View `followed`: stays with their beginning and its basis, and until when their source said so (said_until).

    next_from: when what took their place in the source row begins; silent: when the source said nothing more of it. was: false for what by
    the source's last word never was.
    """
    same_who = " AND ".join(f"lead({name}) OVER slot IS NOT DISTINCT FROM {name}" for name in history.who)
    connection.execute(f"""
        CREATE OR REPLACE VIEW followed AS
        WITH begun AS (
                SELECT *, coalesce(valid_from, follows, CASE WHEN appeared THEN seen_from END) AS effective_from,
                       CASE WHEN valid_from IS NOT NULL THEN 'stated' WHEN follows IS NOT NULL THEN 'changed'
                            WHEN appeared THEN 'appeared' END AS effective_from_basis
                FROM stay),
             placed AS (
                SELECT *, CASE WHEN {same_who} THEN lead(effective_from) OVER slot END AS next_from,
                       CASE WHEN NOT ({same_who} AND lead(seen_from) OVER slot = seen_to) IS TRUE THEN seen_to END AS silent
                FROM begun WHERE runs > 1
                WINDOW slot AS (PARTITION BY {SLOT} ORDER BY sequence)
                UNION ALL BY NAME
                SELECT *, NULL::DATE AS next_from, seen_to AS silent FROM begun WHERE runs = 1)
        SELECT *, least(next_from, silent) AS said_until,
               seen_to IS NULL OR valid_to IS NOT NULL OR (least(next_from, silent) <= effective_from) IS NOT TRUE AS was
        FROM placed""")


def _create_successions(connection: DuckDBPyConnection, history: History) -> None:
    """Table `rival(number, begins)`: stays without an end of their source, and when a later one of their kind begins elsewhere.

    One that begins on the same day does not end it, nor one at a place within the other (a room in the building), nor what is said no
    longer one that still is.
    """
    same_who = " AND ".join(f"earlier.{name} = later.{name}" for name in history.who)
    connection.execute(f"""
        CREATE OR REPLACE TABLE succession AS
        WITH dated AS (
            SELECT *, {history.stay} AS stay_key, coalesce(valid_from, follows) AS begins FROM followed WHERE was AND {history.exclusive})
        SELECT earlier.number, later.begins, {_address("earlier", history)} AS place, {_address("later", history)} AS other
        FROM dated AS earlier JOIN dated AS later ON {same_who} AND later.begins > earlier.begins AND later.stay_key <> earlier.stay_key
        WHERE earlier.valid_to IS NULL AND (earlier.seen_to IS NOT NULL OR later.seen_to IS NULL)""")
    connection.execute("""
        CREATE OR REPLACE TABLE rival AS
        WITH RECURSIVE climb(origin, above) AS (
            SELECT place, place FROM (SELECT place FROM succession UNION SELECT other FROM succession) WHERE place IS NOT NULL
            UNION
            SELECT climb.origin, address.parent_id FROM climb JOIN address ON climb.above = address.address_id
            WHERE address.parent_id IS NOT NULL)
        SELECT number, min(begins) AS begins
        FROM succession ANTI JOIN climb ON origin = place AND above = other ANTI JOIN climb AS back ON back.origin = other AND back.above = place
        GROUP BY number""")
    connection.execute("DROP TABLE succession")


def _address(source: str, history: History) -> str:
    return f"{source}.address_id" if "address_id" in history.place else "NULL::VARCHAR"


def _create_ended(connection: DuckDBPyConnection, history: History) -> None:
    """View `ended`: stays with the dates to reckon with and their bases; without those that by the source's last word never were."""
    death = "LEFT JOIN deceased USING (person_id)"
    died = "CASE WHEN (death_date <= effective_from) IS NOT TRUE THEN death_date END" if history.dies else "NULL::DATE"
    connection.execute(f"""
        CREATE OR REPLACE VIEW ended AS
        WITH candidates AS (
            SELECT followed.*, rival.begins AS rival_begins, {died} AS died
            FROM followed LEFT JOIN rival USING (number) {death if history.dies else ""} WHERE was)
        SELECT * EXCLUDE (number, follows, appeared, next_from, silent, rival_begins, died, said_until, was),
               CASE WHEN valid_to IS NOT NULL THEN least(valid_to, silent) ELSE least(said_until, rival_begins, died) END AS effective_to,
               CASE WHEN silent < valid_to THEN 'withdrawn' WHEN valid_to IS NOT NULL THEN 'stated'
                    WHEN least(next_from, rival_begins) <= coalesce(least(said_until, died), 'infinity') THEN 'succeeded'
                    WHEN said_until <= coalesce(died, 'infinity') THEN 'withdrawn'
                    WHEN died IS NOT NULL THEN 'death' END AS effective_to_basis
        FROM candidates
        WHERE seen_to IS NULL OR effective_to_basis = 'stated' OR (effective_to <= effective_from) IS NOT TRUE""")


def _one_row_a_stay(history: History, rank: str) -> str:
    """SQL: of stays that several rows tell of, overlapping in time, one row: the best one, with the beginning and end of them all.

    Best is who says so still, then who gives dates, then the authority, then the fresher delivery. A beginning that one row gives counts
    before silence, unless the stay was seen before it. Where several give the same day, a day that is stated counts before one inferred.
    """
    stay = ", ".join((*history.who, "stay_key"))
    told_again = " AND ".join(f"told.{name} IS NOT DISTINCT FROM several.{name}" for name in (*history.who, "stay_key"))
    begins = "coalesce(effective_from, '-infinity'::DATE)"
    ends = "greatest(coalesce(effective_to, 'infinity'::DATE), effective_from + 1)"
    return f"""
        WITH told AS NOT MATERIALIZED (SELECT *, {history.stay} AS stay_key FROM ended),
             several AS MATERIALIZED (SELECT {", ".join(history.who)}, {history.stay} AS stay_key FROM stay GROUP BY ALL HAVING count(*) > 1),
             marked AS (
                SELECT *, coalesce({begins} >= max({ends}) OVER before, TRUE) AS parts FROM told SEMI JOIN several ON {told_again}
                WINDOW before AS (
                    PARTITION BY {stay} ORDER BY {begins}, {ends}, {SLOT}, sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
             numbered AS (
                SELECT *, sum(parts::INTEGER) OVER (PARTITION BY {stay} ORDER BY {begins}, {ends}, {SLOT}, sequence) AS island FROM marked),
             measured AS (
                SELECT *, min(effective_from) OVER whole AS first_from, min(seen_from) FILTER (effective_from IS NULL) OVER whole AS undated_from,
                       arg_min(effective_from_basis, (effective_from, effective_from_basis <> 'stated', effective_from_basis))
                           FILTER (effective_from IS NOT NULL) OVER whole AS first_basis,
                       max(effective_to) OVER whole AS last_to,
                       arg_max(effective_to_basis, (effective_to, effective_to_basis = 'stated', effective_to_basis))
                           FILTER (effective_to IS NOT NULL) OVER whole AS last_basis,
                       bool_or(effective_to IS NULL) OVER whole AS is_open
                FROM numbered WINDOW whole AS (PARTITION BY {stay}, island))
        SELECT * REPLACE (
                   CASE WHEN (undated_from < first_from) IS NOT TRUE THEN first_from END AS effective_from,
                   CASE WHEN (undated_from < first_from) IS NOT TRUE THEN first_basis END AS effective_from_basis,
                   CASE WHEN NOT is_open THEN last_to END AS effective_to, CASE WHEN NOT is_open THEN last_basis END AS effective_to_basis)
        FROM measured
        QUALIFY row_number() OVER (
            PARTITION BY {stay}, island
            ORDER BY seen_to IS NULL DESC, valid_from IS NULL AND valid_to IS NULL, {rank}, seen_from DESC, {SLOT}, sequence) = 1
        UNION ALL BY NAME
        SELECT * FROM told ANTI JOIN several ON {told_again}"""


def _one_at_a_time(history: History, rank: str) -> str:
    """SQL: at any time the word of the best source row that speaks then; a lesser one is heard where no better one speaks.

    Best is the authority, then who spoke first. Where a better one falls silent or begins to speak, a lesser one's time begins (`withdrawn`)
    and ends (`succeeded`).
    """
    who = ", ".join(history.who)
    begins, ends = "coalesce(effective_from, '-infinity'::DATE)", "coalesce(effective_to, 'infinity'::DATE)"
    return f"""
        WITH told AS (
                SELECT *, {begins} AS begins, {ends} AS ends, count(*) OVER (PARTITION BY {who}) AS rows,
                       min(seen_from) OVER (PARTITION BY {who}, {SLOT}) AS first_seen
                FROM ended),
             bound AS (SELECT DISTINCT {who}, unnest([begins, ends]) AS day FROM told WHERE rows > 1),
             span AS (SELECT {who}, day AS since, lead(day) OVER (PARTITION BY {who} ORDER BY day) AS until FROM bound),
             heard AS (
                SELECT {who}, since, until, {SLOT}, sequence FROM span JOIN told USING ({who}) WHERE begins <= since AND ends >= until
                QUALIFY row_number() OVER (PARTITION BY {who}, since, until ORDER BY {rank}, first_seen, {SLOT}, sequence) = 1),
             marked AS (
                SELECT *, lag(until) OVER of_speaker IS DISTINCT FROM since AS parts FROM heard
                WINDOW of_speaker AS (PARTITION BY {who}, {SLOT}, sequence ORDER BY since)),
             turn AS (
                SELECT {who}, {SLOT}, sequence, min(since) AS since, max(until) AS until
                FROM (SELECT *, sum(parts::INTEGER) OVER (PARTITION BY {who}, {SLOT}, sequence ORDER BY since) AS number FROM marked)
                GROUP BY {who}, {SLOT}, sequence, number)
        SELECT told.* REPLACE (
                   nullif(since, '-infinity'::DATE) AS effective_from,
                   CASE WHEN since = begins THEN effective_from_basis ELSE 'withdrawn' END AS effective_from_basis,
                   nullif(until, 'infinity'::DATE) AS effective_to,
                   CASE WHEN until = ends THEN effective_to_basis ELSE 'succeeded' END AS effective_to_basis)
        FROM turn JOIN told USING ({who}, {SLOT}, sequence)
        UNION ALL BY NAME
        SELECT * FROM told WHERE rows = 1"""
