"""Where generated data and results lie: made once for each size, seed and generator, then read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching.library import generate_library
from benchmarks.matching.library.table import alias_table, library_table
from benchmarks.matching.queries import make_queries

HERE = Path(__file__).parent
CITY = HERE.parents[1] / "cities" / "330381"
GENERATORS = ("chance.py", "data", "library", "queries")


def generator_version() -> str:
    """Hash of the generator's code, its data and the city's divisions."""
    digest = blake2b(digest_size=6)
    files = [path for name in GENERATORS for path in ([HERE / name] if (HERE / name).is_file() else sorted((HERE / name).rglob("*")))]
    for path in [*files, CITY / "divisions.csv", CITY / "aliases.csv"]:
        if path.suffix in (".py", ".yaml", ".csv"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Data:
    """A library of `rows` rows and `count` queries, both from `seed`, below `root`."""

    root: Path
    rows: int
    count: int
    seed: int

    @cached_property
    def folder(self) -> Path:
        return self.root / f"{self.rows}-{self.count}-{self.seed}-{generator_version()}"

    def prepare(self, say: Callable[[str], None]) -> None:
        """Generate library, aliases and queries unless they are there."""
        if (self.folder / "queries.parquet").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        say(f"生成地址库(约 {self.rows:,} 行)")
        made = generate_library(CITY, self.rows, self.seed)
        pq.write_table(library_table(made.library), self.folder / "library.parquet", compression="zstd")
        pq.write_table(alias_table(made.aliases), self.folder / "aliases.parquet")
        say(f"生成查询({self.count:,} 条)")
        queries = make_queries(
            made, self.count, self.seed, lambda done: say(f"生成查询 {done:,}/{self.count:,}") if done % 10_000 == 0 else None
        )
        part = self.folder / "queries.part"
        pq.write_table(queries, part)
        part.rename(self.folder / "queries.parquet")

    @property
    def library(self) -> pa.Table:
        return pq.read_table(self.folder / "library.parquet")

    @property
    def aliases(self) -> pa.Table:
        return pq.read_table(self.folder / "aliases.parquet")

    @property
    def queries(self) -> pa.Table:
        return pq.read_table(self.folder / "queries.parquet")
