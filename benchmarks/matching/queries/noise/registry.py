"""The table of noise classes."""

from collections.abc import Callable

from benchmarks.matching.queries.writing import Writing

Noise = Callable[[Writing], bool]
NOISE: dict[str, Noise] = {}


def noise(name: str) -> Callable[[Noise], Noise]:
    """Enter a function as a noise class: it changes a writing, or returns False where the class does not fit it."""

    def enter(function: Noise) -> Noise:
        NOISE[name] = function
        return function

    return enter
