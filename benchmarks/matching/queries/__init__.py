"""Generator of queries with known truth in the style of four source systems."""

from benchmarks.matching.queries.generate import make_queries
from benchmarks.matching.queries.table import QUERY_SCHEMA

__all__ = ["QUERY_SCHEMA", "make_queries"]
