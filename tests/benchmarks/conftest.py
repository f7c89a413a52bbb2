"""One small library with queries, made once."""

from typing import NamedTuple

import pyarrow as pa
import pytest

from benchmarks.matching.library import generate_library
from benchmarks.matching.library.generate import Made
from benchmarks.matching.library.table import alias_table, library_table
from benchmarks.matching.queries import make_queries
from benchmarks.matching.store import CITY

ROWS, QUERIES, SEED = 12_000, 800, 3


class Small(NamedTuple):
    made: Made
    library: pa.Table
    aliases: pa.Table
    queries: pa.Table


@pytest.fixture(scope="session")
def small() -> Small:
    made = generate_library(CITY, ROWS, SEED)
    return Small(made, library_table(made.library), alias_table(made.aliases), make_queries(made, QUERIES, SEED))
