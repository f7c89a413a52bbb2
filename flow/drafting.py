"""Draft a contract from an example export: find its layout, read it once, write the contract that its rows suggest."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from flow.progress import Progress, silent
from flow.workspace import DEFAULT_MEMORY, sql_path
from pool import PoolError
from schemas.city import City
from schemas.contract import FOLDER, load_contract
from schemas.model import POOL_SYSTEMS
from sources.layout import FoundLayout, find_layout
from sources.readers import ReadError, TextRows, open_rows
from transforms.draft.draft import Draft, make_draft
from transforms.draft.keys import KEY_SHARE
from transforms.draft.sample import Sample
from transforms.draft.write import About, contract_text

SOURCES = FOLDER / "sources"
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
DATE_IN_NAME = re.compile(r"[_\-（(]*(19|20)\d{2}[-年.]?\d{0,2}[-月.]?\d{0,2}日?[)）]*|[_\-]?\d+of\d+|[_\-]+$")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was written: where, its text, what it says, and what the reader made of the file."""

    path: Path
    text: str
    draft: Draft
    found: FoundLayout
    faulty_rows: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engineer says of a draft; what is None is told from the file."""

    system: str | None = None
    dataset: str | None = None
    name: str | None = None
    output: Path | None = None
    sheet: str | None = None
    encoding: str | None = None
    overwrites: bool = False


def draft_contract(file: Path, wanted: Wanted, city: City, today: date, progress: Progress = silent) -> Drafted:
    """Draft the contract of an export and write it.

    Raises ReadError for a file that cannot be read, PoolError where the dataset is not named or the contract exists already.
    """
    system, dataset = _identity(file, wanted, city)
    output = wanted.output or SOURCES / system / f"{dataset}.yaml"
    if output.exists() and not wanted.overwrites:
        raise PoolError(f"已有 {output}，不覆盖。请用 -o 写到别处；确实要覆盖，加 --force。")
    found = find_layout(file, wanted.encoding, wanted.sheet)
    rows = open_rows(file, found.layout)
    sample = read_sample(rows, progress)
    if not sample.rows:
        raise ReadError(file, "只有表头，没有数据行", "起草要看取值，请换一份有数据的导出")
    name = wanted.name or _name(file, found.titles)
    with _connection() as connection:
        draft = make_draft(connection, sample, f"{name}{''.join(found.titles)}", today)
        notes = [*found.notes, *_doubtful_key(connection, rows, sample, draft, progress), *_faults(rows)]
    about = About(
        system=system,
        dataset=dataset,
        name=name,
        department=city.departments.get(system, "提供数据的部门"),
        file_name=file.name,
        suffix=file.suffix.lower() or f".{found.layout.format}",
        format=found.layout.format,
        encoding=found.layout.encoding,
        title_rows=found.layout.title_rows,
        header_rows=found.layout.header_rows,
        sheet=found.layout.sheet,
        notes=(*notes, *_new_system(system, city)),
    )
    text = contract_text(draft, about)
    _write(output, text)
    return Drafted(output, text, draft, found, len(rows.faults))


def read_sample(rows: TextRows, progress: Progress = silent) -> Sample:
    """Read an export once, with little memory, for a closer look."""
    sample = Sample(rows.header)
    size, done = rows.path.stat().st_size, 0
    for batch in rows.batches():
        sample.add(batch)
        done += batch.nbytes
        progress("读取文件", min(done, size), size)
    progress("读取文件", size, size)
    return sample


def _identity(file: Path, wanted: Wanted, city: City) -> tuple[str, str]:
    """System and dataset: as said, else the two folders that the file lies in where inboxes are laid out so."""
    folders = file.resolve().parent.parts[-2:]
    in_inbox = len(folders) == 2 and folders[0] in city.departments
    system = wanted.system or (folders[0] if in_inbox else None)
    dataset = wanted.dataset or (folders[1] if in_inbox else None)
    if system is None or dataset is None:
        known = "、".join(city.departments)
        raise PoolError(f"请用 --system 和 --dataset 写明数据集，如 --system civil_affairs --dataset care_home。已有的系统：{known}。")
    for option, value in (("--system", system), ("--dataset", dataset)):
        if not IDENTIFIER.fullmatch(value) or value in POOL_SYSTEMS:
            raise PoolError(f"{option} 不能是“{value}”：请用小写英文字母开头的英文名，只含字母、数字和下划线。")
    return system, dataset


def _name(file: Path, titles: Sequence[str]) -> str:
    stem = DATE_IN_NAME.sub("", file.stem).strip("_- ")
    return next((text for text in (stem, *titles) if text and not text.isascii()), stem or file.stem)


@contextmanager
def _connection() -> Iterator[DuckDBPyConnection]:
    """An engine of its own, for drafting needs no pool."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as connection:
        connection.execute(f"SET memory_limit = {sql_path(os.environ.get('DATAPOOL_MEMORY', DEFAULT_MEMORY))}")
        connection.execute(f"SET temp_directory = {sql_path(folder)}")
        connection.execute("SET autoinstall_known_extensions = FALSE")
        connection.execute("SET enable_progress_bar = FALSE")
        yield connection


def _doubtful_key(connection: DuckDBPyConnection, rows: TextRows, sample: Sample, draft: Draft, progress: Progress) -> list[str]:
    """What must be said of the key: that of a sample is tried on all rows."""
    share = draft.key_share
    if not sample.is_whole and share >= KEY_SHARE:
        connection.execute("CREATE TEMP TABLE draft_keys (key UBIGINT)")
        places = ", ".join(f"c{column.place}" for column in draft.key)
        done = 0
        for batch in rows.batches():
            part = batch.select([column.place + 2 for column in draft.key]).rename_columns([f"c{column.place}" for column in draft.key])
            connection.register("draft_part", part)
            connection.execute(f"INSERT INTO draft_keys SELECT hash({places}) FROM draft_part")
            done += batch.num_rows
            progress("核对主键", done, sample.rows)
        [(different,)] = connection.execute("SELECT count(DISTINCT key) FROM draft_keys").fetchall()
        share = different / sample.rows
    names = "、".join(f"“{column.header}”" for column in draft.key)
    return [] if share >= KEY_SHARE else [f"没有找到唯一的主键：{names} 只能分清 {share:.1%} 的行，请另选主键"]


def _faults(rows: TextRows) -> list[str]:
    if not rows.faults:
        return []
    first = rows.faults[0]
    return [f"有 {len(rows.faults):,} 行读不了，第一处在第 {first.row} 行（{first.cause}），入池时会进隔离区"]


def _new_system(system: str, city: City) -> list[str]:
    if system in city.departments:
        return []
    return [f"“{system}”是新的系统，请在 cities/{city.code}/city.yaml 的 departments 加上它，并改好 team 的部门名"]


def _write(output: Path, text: str) -> None:
    """Put the contract in its place, unless it would be faulty: there it would stop every other one."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / output.name
        trial.write_text(text, encoding="utf-8")
        load_contract(trial, anywhere=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
