"""Generator of a standard address library of one county, with aliases."""

from benchmarks.matching.library.generate import generate_library
from benchmarks.matching.library.nodes import LEVEL, Library

__all__ = ["LEVEL", "Library", "generate_library"]
