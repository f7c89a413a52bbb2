"""The rows of a query become a Parquet file of the inbox: all of them, or those that came since the last file that was received."""

import pyarrow.parquet as pq

from flow.pull_job import Job
from pool import InboxPart, PulledFile
from schemas.pull import SqlPull
from sources.pull.errors import PullError
from sources.pull.sql import SqlRows
from sources.pull.watermark import Tide, as_json, from_json, lowered

LEVEL, AGAIN = "level", "comes_again"


def pull_rows(job: Job[SqlPull]) -> None:
    """Query from the last watermark that was received on; nothing comes of it where there is nothing new.

    Raises PullError, also for a dataset delivered in full that has no row; Unready while an earlier file waits to be received.
    """
    source = job.source
    columns = {column.name: column.physical_name for column in job.contract.columns}
    rows = SqlRows(source, job.connection, [columns[name] for name in job.contract.key])
    last = job.last_taken()
    part = job.part(job.own_name("parquet", timed=source.watermark is not None))
    if job.dry_run:
        job.patience.keep_trying(rows.check)
        job.files.append(part.target.name)
        return
    try:
        count, tide = job.patience.keep_trying(lambda: _write(job, rows, part, last))
        if _is_news(job, count, tide, last):
            reached = {LEVEL: as_json(tide.level), AGAIN: tide.comes_again} if tide.level is not None else {}
            address = f"{source.driver.partition('+')[0]}://{source.host}:{source.port}/{source.database}"
            job.deliver(part, address, rows=count, reached=reached)
    finally:
        part.drop()


def _write(job: Job[SqlPull], rows: SqlRows, part: InboxPart, last: PulledFile | None) -> tuple[int, Tide]:
    """Write the answer of the query; its number of rows and how far it reaches."""
    mark = job.source.watermark
    since = from_json(last.reached[LEVEL]) if mark and last and LEVEL in last.reached else None
    overlap = mark.overlap if mark else 0
    count, tide = 0, Tide(overlap, since)
    part.restart(job.source.server)
    writer: pq.ParquetWriter | None = None
    try:
        for batch, levels in rows.batches(None if since is None else lowered(since, overlap)):
            writer = writer or pq.ParquetWriter(part.path, batch.schema, compression="zstd")
            writer.write_batch(batch)
            if mark:
                tide.follow(levels, list(zip(*(column.to_pylist() for column in batch.columns), strict=True)))
            count += batch.num_rows
            job.progress(f"拉取 {job.contract.name}（行）", count, count)
    finally:
        if writer:
            writer.close()
    part.measure()
    return count, tide


def _is_news(job: Job[SqlPull], count: int, tide: Tide, last: PulledFile | None) -> bool:
    """Whether the file says anything that the last one did not."""
    is_part = job.source.watermark is not None
    if not count and not is_part:
        cure = "全量的数据集没有行，等于全部撤下：请核对 query；确实全部撤下的，请对方送一份只有表头的文件"
        raise PullError(f"数据库对“{job.contract.name}”的查询没有返回任何行", cure)
    return bool(count) and not (last and is_part and last.reached.get(AGAIN) == tide.brought)
