"""Ways of departing from the standard text, one function for each class."""

from benchmarks.matching.queries.noise import divisions, extras, names, numbers, structure, texts
from benchmarks.matching.queries.noise.registry import NOISE

__all__ = ["NOISE", "divisions", "extras", "names", "numbers", "structure", "texts"]
