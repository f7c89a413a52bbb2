"""The records of an HTTP interface become a file of JSON lines of the inbox."""

from dataclasses import asdict

from flow.pull_job import Job
from schemas.pull import ApiPull
from sources.pull.errors import PullError, Unready


def pull_records(job: Job[ApiPull]) -> None:
    """Ask for page after page, from where an earlier attempt of the same day broke off.

    Raises PullError, also where there is no record at all; Unready while an earlier file waits to be received, or when records came or went meanwhile.
    """
    from sources.pull.http_api import ApiRecords, Place

    source = job.source
    job.last_taken()
    with ApiRecords(source, job.connection, job.patience) as records:
        part = job.part(job.own_name("jsonl", timed=False))
        if job.dry_run:
            job.patience.keep_trying(records.check)
            job.files.append(part.target.name)
            return
        part.resume(f"{source.server}\n{source}")
        place = Place(**part.position) if part.position else records.start()
        count = place.records
        try:
            for page in records.pages(place):
                part.append(page.lines)
                count += page.records
                if page.next:
                    part.flush(asdict(page.next))
                job.progress(f"拉取 {job.contract.name}（条）", count, max(page.total, count))
        except Unready as changed:
            part.drop()
            raise Unready(f"{changed}，下次从头取") from changed
    if not count:
        part.drop()
        raise PullError(f"接口对“{job.contract.name}”没有返回任何记录", "全量的数据集没有记录，等于全部撤下：请核对参数和账号的权限")
    job.deliver(part, source.location.partition("?")[0], rows=count)
