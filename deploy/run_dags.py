"""The whole path once, without a server: sample exports into the inbox, then the very DAGs of Airflow one after another in this process.

Exit code: 0 a release stands, 1 a batch or a release was kept back, 2 it could not run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.airflow_settings import DAGS, PROJECT, airflow_environment, airflow_home, data_home, prepare_database
from schemas.city import DEFAULT_CITY

if TYPE_CHECKING:
    from airflow.sdk import DAG

UNFINISHED = "exports.part"
REFERENCE = "reference"
AFTERWARDS = ("build_pool", "report_release")
UNANSWERED = "^(approve|conclude)$"
"""Tasks that wait for a person, and those that go by the answer."""
Say = Callable[[str], None]


@contextmanager
def quiet(log: Path) -> Iterator[Say]:
    """Send everything this process prints to a log file; what is said by the function given reaches the screen."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    screen, errors = os.dup(1), os.dup(2)
    with log.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)

    def say(text: str) -> None:
        os.write(screen, text.encode())

    try:
        yield say
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(screen, 1)
        os.dup2(errors, 2)


def begin_samples(home: Path) -> subprocess.Popen[bytes] | None:
    """Start making sample exports unless there are some; they take the other core while Airflow loads."""
    if (home / "exports").is_dir():
        return None
    city = PROJECT / "cities" / os.environ.get("DATAPOOL_CITY", DEFAULT_CITY)
    places = ["--city", str(city), "--out", str(home / UNFINISHED), "--truth", str(home / "truth")]
    return subprocess.Popen([sys.executable, "-m", "samples", *places], cwd=PROJECT)


def deliver(home: Path) -> int:
    """Put exports that were not received yet into the inbox with their names and dates, each whole or not at all; how many are new there."""
    from pool import Pool
    from pool.files import file_sha256

    raw, exports = Pool.open(home).raw, home / "exports"
    new = 0
    for file in sorted(path for path in exports.rglob("*") if path.is_file()):
        place = home / "inbox" / file.relative_to(exports)
        if not place.exists() and not raw.holds(file_sha256(file)):
            place.parent.mkdir(parents=True, exist_ok=True)
            hidden = place.with_name(f".{place.name}.part")
            shutil.copy2(file, hidden)
            hidden.rename(place)
            new += 1
    return new


def run_dag(dag: DAG, say: Say) -> bool:
    """Run one DAG to its end and tell how it went."""
    say(f"    {dag.dag_display_name}（{dag.dag_id}）… ")
    started = time.monotonic()
    # Nobody answers a question in here: what needs approval waits for `datapool release approve`.
    run = dag.test(mark_success_pattern=UNANSWERED)
    failed = sorted({instance.task_display_name for instance in run.get_task_instances() if instance.state == "failed"})
    outcome = f"没有完成：{'、'.join(failed)}" if run.state != "success" else "完成"
    say(f"{outcome}，{time.monotonic() - started:.1f} 秒\n")
    return bool(run.state == "success")


def with_work(home: Path) -> list[str]:
    """The datasets that may have something to take in, the reference data first: to pull, in the inbox, or received and not checked yet."""
    from flow.context import open_context
    from sources.archive import is_archive
    from sources.folder import discover

    context = open_context(home)
    found = discover(context.pool.paths.inbox, context.contracts.values())
    waiting = {each.contract_id for each in found} | {".".join(each.path.parent.parts[-2:]) for each in found}
    waiting |= {entry.contract for entry in context.pool.ledger.batches(status="received")}
    may_hold_any = any(is_archive(each.path) for each in found)
    names = [name for name, contract in context.contracts.items() if may_hold_any or contract.pulls or name in waiting]
    return sorted(names, key=lambda name: (not name.startswith(f"{REFERENCE}."), name))


def run_all(home: Path, say: Say) -> bool:
    """Run the DAG of every dataset with work, then those that build and report."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    if bag.import_errors:
        raise RuntimeError("\n".join(bag.import_errors.values()))
    datasets = with_work(home)
    idle = sum("." in name for name in bag.dags) - len(datasets)
    say(f"[3/4] 各数据集：接收、检查、匹配{f'（{idle} 个没有文件，略过）' if idle else ''}\n")
    good = [run_dag(bag.dags[name], say) for name in datasets]
    say("[4/4] 汇总：归并、发布、提供、报告\n")
    good += [run_dag(bag.dags[name], say) for name in AFTERWARDS]
    return all(good)


def current_release(home: Path) -> int | None:
    """The release that counts before the run."""
    from flow.context import open_context

    return open_context(home).pool.releases.current()


def tell(before: int | None) -> int:
    """Print the summary for a newcomer; the exit code that fits it."""
    from cli.summary import print_summary
    from flow.context import open_context
    from flow.summary import summarise

    summary = summarise(open_context())
    print_summary(summary, new_release=summary.release if summary.release != before else None)
    if summary.release is None:
        return 0 if summary.waiting else 2
    return 1 if any(source.kept_out for source in summary.sources) else 0


def main() -> int:
    """Run and report."""
    home = data_home()
    log = airflow_home(home) / "logs" / "run.log"
    os.environ.update(airflow_environment(home), AIRFLOW__CORE__DEFAULT_TASK_RETRIES="0")
    with quiet(log) as say:
        say("[1/4] 样例数据和 Airflow 环境\n")
        making = begin_samples(home)
        prepare_database()
        if making and making.wait():
            say(f"生成样例数据失败，日志：{log}\n")
            return 2
        if making:
            (home / UNFINISHED).rename(home / "exports")
        new = deliver(home)
        say(f"[2/4] 送入收件箱：{new} 个新文件\n")
        before = current_release(home)
        good = run_all(home, say)
    print()
    code = tell(before)
    if not good:
        print(f"有任务没有完成，详细日志：{log}")
    return code or (0 if good else 1)


if __name__ == "__main__":
    sys.exit(main())
