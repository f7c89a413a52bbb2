"""Word lists of the package, read once from address_matching/data."""

from functools import cache, lru_cache
from importlib.resources import files
from itertools import repeat
from typing import Any, NamedTuple

import yaml


class FaultKind(NamedTuple):
    points: float
    label: str


@cache
def _data(name: str) -> Any:
    return yaml.safe_load((files("address_matching") / "data" / f"{name}.yaml").read_text(encoding="utf-8"))


def same_characters() -> dict[str, str]:
    """Return the standard character of each group and the variants written for it."""
    return dict(_data("characters")["same"])


@cache
def simplified_characters() -> dict[str, str]:
    """Return the simplified form of each traditional character, from OpenCC's dictionary."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").split("\n")
    pairs = [(traditional, forms.split(" ")[0]) for traditional, _, forms in (line.partition("\t") for line in lines) if forms]
    return {traditional: form for traditional, form in pairs if traditional != form}


@cache
def similar_characters() -> frozenset[tuple[str, str]]:
    """Return pairs of characters, in both orders, that are confused by their shape: the groups by hand and the table of shapes."""
    pairs = {(a, b) for group in _data("characters")["similar"] for a in group for b in group if a != b}
    for line in (files("address_matching") / "data" / "similar_shapes.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            character, _, others = line.partition("\t")
            pairs.update(zip(repeat(character), others))
            pairs.update(zip(others, repeat(character)))
    return frozenset(pairs)


@cache
def suffixes(kind: str) -> tuple[str, ...]:
    """Return the generic parts of a kind of name, longest first."""
    return tuple(sorted(_data("suffixes")[kind], key=lambda suffix: (-len(suffix), suffix)))


@cache
def suffixes_by_end(kind: str) -> dict[str, tuple[str, ...]]:
    """Return `suffixes` by their last character."""
    return {end: tuple(suffix for suffix in suffixes(kind) if suffix[-1] == end) for end in {suffix[-1] for suffix in suffixes(kind)}}


@cache
def calibration() -> tuple[tuple[float, float], ...]:
    """Return the knots (points of faults, probability of being right) of the curve that `benchmarks/matching/tools/calibrate.py` fits."""
    lines = (files("address_matching") / "data" / "calibration.csv").read_text(encoding="utf-8").splitlines()[1:]
    return tuple((float(points), float(probability)) for points, probability in (line.split(",") for line in lines))


def directions() -> str:
    return str(_data("suffixes")["directions"])


@cache
@cache
def word_roles() -> dict[str, str]:
    """Return the role of each word of words.yaml."""
    return {word: role for role, words in _data("words").items() for word in words}


@cache
def provinces() -> tuple[str, ...]:
    return tuple(_data("places")["provinces"])


@cache
def special_texts(kind: str) -> tuple[str, ...]:
    """Return the texts of a kind in placeholders.yaml: placeholder, reference or virtual."""
    return tuple(_data("placeholders")[kind])


def landmarks() -> tuple[str, ...]:
    """Return beginnings after which a town's stem is part of a longer name (飞云江, 塘下中学)."""
    return tuple(_data("suffixes")["landmarks"])


@cache
def latin_words(kind: str) -> dict[str, str]:
    return dict(_data("latin")[kind])


@cache
def fault_kinds() -> dict[str, FaultKind]:
    return {code: FaultKind(float(entry["points"]), entry["label"]) for code, entry in _data("faults").items()}


@lru_cache(maxsize=100_000)
def fault_codes(faults: tuple[str, ...]) -> str:
    """Return faults as compact text, `code:points` joined by spaces, each once in the order found."""
    kinds = fault_kinds()
    return " ".join([f"{fault}:{kinds[fault].points:g}" for fault in dict.fromkeys(faults)])
