"""Equality of normalised texts, joined by DuckDB; a text that two rows share is left alone."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from benchmarks.matching.peers.protocol import NOTHING, Found, run

FULL_WIDTH = "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ－＃"
HALF_WIDTH = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-#"
NORMALISED = f"""
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(upper(translate(text, '{FULL_WIDTH}', '{HALF_WIDTH}')),
        '[\\s　。;；:：()（）]+', '', 'g'), '[,，、]([^0-9])', '\\1', 'g'),
        '^(中国)?(浙江省?)?(温州市?)?(瑞安[市县]?)*', ''),
        '([0-9A-Z])(栋|座|号楼|#楼|#|号幢)', '\\1幢', 'g'),
        '([0-9])(房|户)$', '\\1室')
"""


def build(library: pa.Table) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    texts = pa.table({"number": pa.array(range(library.num_rows), pa.int32()), "text": library["full_text"]})
    connection.register("texts", texts)
    connection.execute(
        f"CREATE TABLE library AS SELECT {NORMALISED} AS key, min(number) AS number, count(*) AS rows FROM texts GROUP BY key"
    )
    return connection


def match(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], workers: int) -> list[Found]:
    connection.execute(f"SET threads = {workers}")
    connection.register("asked", pa.table({"place": pa.array(range(len(texts)), pa.int32()), "text": pa.array(texts, pa.string())}))
    rows = connection.execute(
        f"SELECT number FROM (SELECT place, {NORMALISED} AS key FROM asked) AS asked LEFT JOIN library ON library.key = asked.key AND rows = 1 ORDER BY place"
    ).fetchall()
    return [NOTHING if row is None else Found(row, 1.0, 0.0) for (row,) in rows]


if __name__ == "__main__":
    run(build, match)
