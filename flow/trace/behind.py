"""Which rows stand behind a figure of the report, as SQL."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from duckdb import DuckDBPyConnection

from expectations.report.figures import NOWHERE
from flow.conflicts import conflict_rows
from flow.context import Context
from flow.delivered import create_delivered, deliveries_of, rejected_rows, warned_rows
from flow.match import STOPPED_HIGHER
from flow.publish import table_files
from flow.quality import BROKEN_FILE
from flow.quality_counts import kept_out
from flow.rematch import results_in
from flow.report_departments import department_ids
from flow.trace.found import NO_RESULTS
from flow.workspace import sql_path, table_source
from pool import PoolError, Receipt
from pool.release_build import QUALITY
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.claims import address_input_key
from transforms.identity import sql_literal
from transforms.survive import record_key

ROWS = "batch, sheet, row, NULL::VARCHAR AS table_name, NULL::VARCHAR AS key"


class Behind:
    """SQL of the rows behind each figure of a release: batch, sheet, row, table_name, key, note; rows of files or records of a table."""

    def __init__(self, connection: DuckDBPyConnection, context: Context, number: int) -> None:
        self.connection = connection
        self.context = context
        self.manifest = context.pool.releases.manifest(number)
        self.tables = context.pool.releases.folder(number) / "pool"
        self.receipts: Mapping[str, Receipt] = {batch: context.pool.receipts.read(batch) for batch in self.manifest["inputs"]["batches"]}
        self._tables_made: dict[Hashable, str] = {}

    def select(self, name: str) -> str:
        """SQL of a figure of any kind."""
        kind, *parts = name.split("/")
        of_kind: Mapping[str, Callable[..., str]] = {
            "total": self._of_total,
            "department": self._of_department,
            "dataset": self._of_dataset,
            "batch": self._of_batch,
            "addresses": self._of_town,
            "matching": self._of_reason,
            "stopped": self._of_stop,
            "rules": self._of_rule,
            "conflicts": self._of_conflict,
            "tables": self._of_table,
            "changes": self._of_change,
        }
        return of_kind[kind](*parts)

    def create_files(self) -> None:
        """Create table `files(batch, file)`, of the release and of the batches that were kept out."""
        receipts = {**self.receipts, **{each.batch: self.context.pool.receipts.read(each.batch) for each in kept_out(self.context)}}
        listed = ", ".join(f"({sql_literal(batch)}, {sql_literal(each.file_name)})" for batch, each in receipts.items())
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE files AS SELECT * FROM (VALUES {listed}) AS given(batch, file)")

    def made_once(self, of: Hashable, rows: Callable[[], str]) -> str:
        """The table of rows that several figures count."""
        if of not in self._tables_made:
            name = f"counted_{len(self._tables_made)}"
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows()}")
            self._tables_made[of] = name
        return self._tables_made[of]

    def _of_total(self, part: str, key: str = "") -> str:
        return self.addresses(self.asking(), _counted_under(key)) if part == "addresses" else self._outcomes(ACCOUNTS[part])

    def _of_department(self, department: str, part: str) -> str:
        ids = department_ids(self.context)
        own = [each.id for each in self.context.contracts.values() if ids[each.department] == department]
        return self._outcomes(f"{self._batches_of(*own)} AND {ACCOUNTS[part]}")

    def _of_batch(self, batch: str, _part: str) -> str:
        return self._outcomes(f"batch = {sql_literal(batch)}")

    def _of_town(self, town: str, status: str) -> str:
        return self.addresses(self.asking(), f"status = {sql_literal(status)} AND town = {sql_literal(_unnamed(town))}")

    def _of_reason(self, status: str, reason: str) -> str:
        return self.addresses(self.asking(), f"status = {sql_literal(status)} AND reason = {sql_literal(_unnamed(reason))}")

    def _of_stop(self, address_id: str) -> str:
        return self.addresses(
            self.asking(), f"address_id = {sql_literal(address_id)} AND status = 'matched' AND reason IN {STOPPED_HIGHER}"
        )

    def _of_rule(self, rule: str, dataset: str = "") -> str:
        """Records that break a quality rule, each with the rows that answer for it; of a delivery its batch."""
        broken = self.tables.parent / QUALITY / BROKEN_FILE
        condition = f"rule = {sql_literal(rule)}" + (f" AND dataset = {sql_literal(dataset)}" if dataset else "")
        rows = f"SELECT file_key, sheet, row, table_name, key, detail AS note FROM read_parquet({sql_path(broken)}) WHERE {condition}"
        return self.with_batches(rows)

    def _of_conflict(self, loser: str, winner: str, table: str, column: str) -> str:
        """Values of a column that lost, each with the row that says it."""
        rows = self.made_once("conflicts", lambda: conflict_rows(self.connection, self.tables, self.receipts))
        condition = (
            f"loser = {sql_literal(_unnamed(loser))} AND winner = {sql_literal(_unnamed(winner))} AND table_name = {sql_literal(table)}"
        )
        return self.with_batches(
            f"SELECT file_key, sheet, row, table_name, key, NULL::VARCHAR AS note FROM {rows} WHERE {condition} AND column_name = {sql_literal(column)}"
        )

    def with_batches(self, rows: str) -> str:
        """Rows of files that are named by what their bytes are, with the batch that stands for each file; of a delivery its batch."""
        batch = "coalesce(batch, if(table_name = 'delivery', key, NULL)) AS batch"
        return f"SELECT {batch}, * EXCLUDE (file_key, batch) FROM ({rows}) LEFT JOIN ({self._batches()}) USING (file_key)"

    def _batches_of(self, *datasets: str) -> str:
        batches = [batch for batch, each in self.receipts.items() if each.contract in datasets]
        return f"batch IN ({', '.join(map(sql_literal, batches))})"

    def _of_dataset(self, dataset: str, part: str, more: str = "") -> str:
        batches, mine = [batch for batch, each in self.receipts.items() if each.contract == dataset], self._batches_of(dataset)
        if part == "quarantined" and more:
            rejected = f"SELECT batch, sheet, row, unnest(reasons) AS reason FROM ({rejected_rows(self.context, batches)})"
            return self._told(self.made_once(("rejected", dataset), lambda: rejected), "reason", more)
        if part == "warned":
            warned = f"SELECT batch, sheet, row, unnest(warnings) AS warning FROM ({warned_rows(self.context, batches)})"
            return self._told(self.made_once(("warned", dataset), lambda: warned), "warning", more)
        if part == "outcome":
            return self._outcomes(f"{mine} AND outcome = {sql_literal(more)}")
        if part == "addresses":
            return self.addresses([self.context.contracts[dataset]], _counted_under(more))
        return self._outcomes(f"{mine} AND {ACCOUNTS[part]}")

    def _outcomes(self, condition: str) -> str:
        labels = " ".join(f"WHEN {sql_literal(code)} THEN {sql_literal(label)}" for code, label in code_list("row_outcome").items())
        return f"""
            SELECT batch, sheet, row, table_name, key, CASE outcome {labels} END AS note
            FROM read_parquet({sql_path(self.tables / "row_outcome.parquet")}) WHERE {condition}"""

    def _told(self, table: str, told: str, key: str) -> str:
        """Rows of which a check says something of this name; one of whom it is said twice stands twice, as it is counted."""
        name = f"""CASE WHEN {told}."column" = '' THEN {told}.rule ELSE concat({told}."column", '.', {told}.rule) END"""
        return f"SELECT {ROWS}, {told}.rule AS note FROM {table} WHERE {name} = {sql_literal(key)}"

    def asking(self) -> list[Contract]:
        asking = {each.contract for each in self.receipts.values()}
        return [contract for contract in self.context.contracts.values() if contract.id in asking and contract.addresses]

    def addresses(self, contracts: Sequence[Contract], condition: str) -> str:
        """Every address text of every row that counts, with its result; a row with two texts stands twice."""
        placed = self.made_once(("addresses", *(contract.id for contract in contracts)), lambda: self._placed(contracts))
        return f"""
            SELECT batch, sheet, row, NULL::VARCHAR AS table_name, address_id AS key, concat_ws('，', header, {_level_label()}) AS note
            FROM {placed} WHERE {condition}"""

    def _placed(self, contracts: Sequence[Contract]) -> str:
        selects = [select for contract in contracts for select in self._asked(contract)]
        inputs = self.manifest["inputs"]
        layers = self.context.pool.matches.layers(inputs["library"], inputs["rules"])
        return f"""
            SELECT asked.*, results.address_id, coalesce(results.status, 'unmatched') AS status, coalesce(results.level, '') AS level,
                   coalesce(results.reason, '') AS reason, coalesce(address.town, '') AS town
            FROM ({" UNION ALL ".join(selects)}) AS asked
            LEFT JOIN ({results_in(layers) if layers else NO_RESULTS}) AS results ON asked.input_key = results.input_key AND results.part = 1
            LEFT JOIN read_parquet({sql_path(self.tables / "address.parquet")}) AS address ON results.address_id = address.address_id"""

    def _asked(self, contract: Contract) -> list[str]:
        entries = [entry for entry in self.context.pool.ledger.batches(contract=contract.id) if entry.batch in self.receipts]
        delivered = create_delivered(
            self.connection, self.context, contract, deliveries_of(self.context, contract, entries), prefix="asking"
        )
        outcomes = f"read_parquet({sql_path(self.tables / 'row_outcome.parquet')})"
        return [
            f"""
            SELECT rows.batch, rows.sheet, rows.row, {sql_literal(contract.column(use.text).physical_name)} AS header, {address_input_key(use, "rows")} AS input_key
            FROM {delivered} AS rows SEMI JOIN (SELECT * FROM {outcomes} WHERE outcome IN ('published', 'merged')) AS counting USING (batch, sheet, row)
            WHERE rows.{use.text} IS NOT NULL"""
            for use in contract.addresses
        ]

    def _batches(self) -> str:
        """The batch that stands for each file: file_key, batch."""
        return f"SELECT file_key, max(batch) AS batch FROM read_parquet({sql_path(self.tables / 'row_outcome.parquet')}) GROUP BY file_key"

    def _of_table(self, table: str) -> str:
        """Records of a table, each with the first row that supplies a value of it."""
        contract = self.context.tables[table]
        records = f"SELECT {record_key(contract, 'records')} AS key FROM {table_source(table_files(self.tables)[table])} AS records"
        return f"""
            SELECT origin.batch, origin.sheet, origin.row, {sql_literal(table)} AS table_name, records.key,
                   CASE WHEN origin.rows > 1 THEN concat('来源行共 ', origin.rows, ' 行') END AS note
            FROM ({records}) AS records LEFT JOIN ({self._origins(table)}) AS origin ON records.key = origin.key"""

    def _origins(self, table: str) -> str:
        """Of each record its first row: key, batch, sheet, row; rows counts all."""
        return f"""
            SELECT key, first.batch, first.sheet, first.row, rows FROM (
                SELECT edges.key, min({{'last': role <> 'survivor', 'file_key': edges.file_key, 'sheet': edges.sheet, 'row': edges.row, 'batch': batches.batch}}) AS first,
                       count(DISTINCT (edges.file_key, edges.sheet, edges.row)) AS rows
                FROM read_parquet({sql_path(self.tables / "lineage.parquet")}) AS edges
                LEFT JOIN ({self._batches()}) AS batches USING (file_key)
                WHERE edges.table_name = {sql_literal(table)} GROUP BY edges.key)"""

    def _of_change(self, table: str, kind: str) -> str:
        """Records that came, went or changed since the release before, which must still be there."""
        previous = self.manifest["previous"]
        if previous not in self.context.pool.releases.numbers():
            raise PoolError(f"上一版发布 {previous} 已清退，列不出变化的记录。")
        before = self.context.pool.releases.folder(previous) / "pool"
        contract = self.context.tables[table]
        condition = {"added": "old.key IS NULL", "removed": "new.key IS NULL", "changed": "old.content <> new.content"}[kind]
        attributes = ", ".join(column.name for column in contract.columns)
        old, new = (
            f"(SELECT {contract.key[0]} AS key, md5(to_json(({attributes}))::VARCHAR) AS content FROM {table_source(table_files(folder)[table])})"
            for folder in (before, self.tables)
        )
        return f"""
            SELECT origin.batch, origin.sheet, origin.row, {sql_literal(table)} AS table_name, changed.key, NULL::VARCHAR AS note
            FROM (SELECT coalesce(old.key, new.key) AS key FROM {old} AS old FULL JOIN {new} AS new ON old.key = new.key WHERE {condition}) AS changed
            LEFT JOIN ({self._origins(table)}) AS origin ON changed.key = origin.key"""


def _counted_under(key: str) -> str:
    """Condition on address results: of a status, or matched to a level; of all where there is no key."""
    if not key:
        return "TRUE"
    return f"status = {sql_literal(key)}" if key in code_list("match_status") else f"status = 'matched' AND level = {sql_literal(key)}"


def _unnamed(part: str) -> str:
    return "" if part == NOWHERE else part


ACCOUNTS = {"received": "TRUE", "accepted": "outcome <> 'quarantined'", "quarantined": "outcome = 'quarantined'"}
"""How rows with an outcome are counted."""


def _level_label() -> str:
    levels = " ".join(f"WHEN {sql_literal(code)} THEN {sql_literal(label)}" for code, label in code_list("address_level").items())
    statuses = " ".join(f"WHEN {sql_literal(code)} THEN {sql_literal(label)}" for code, label in code_list("match_status").items())
    return f"CASE status {statuses} END, CASE level {levels} END"
