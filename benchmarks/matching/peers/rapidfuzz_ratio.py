"""rapidfuzz `ratio` against all addresses of the town a text begins with, by `process.cdist` on all workers; without a town, against all."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from benchmarks.matching.peers.protocol import NOTHING, Found, normalise, run, town_of

CUTOFF = 60
CELLS = 40_000_000
Index = dict[str, tuple[Any, list[str]]]


def build(library: pa.Table) -> Index:
    texts = [normalise(text) for text in library["full_text"].to_pylist()]
    blocks = defaultdict(list)
    for row, town in enumerate(library["town"].to_pylist()):
        blocks[town or ""].append(row)
    index: Index = {town: (np.array(rows), [texts[row] for row in rows]) for town, rows in blocks.items() if town}
    index[""] = (np.arange(len(texts)), texts)
    return index


def match(index: Index, texts: Sequence[str], workers: int) -> list[Found]:
    asked = [normalise(text) for text in texts]
    by_town = defaultdict(list)
    for place, text in enumerate(asked):
        town = town_of(text)
        by_town[town if town in index else ""].append(place)
    found = [NOTHING] * len(asked)
    for town, places in by_town.items():
        rows, choices = index[town]
        step = max(1, CELLS // len(choices))
        for start in range(0, len(places), step):
            part = places[start : start + step]
            scores = process.cdist(
                [asked[place] for place in part], choices, scorer=fuzz.ratio, score_cutoff=CUTOFF, workers=workers, dtype=np.float32
            )
            best = scores.argmax(axis=1)
            for number, place in enumerate(part):
                score = float(scores[number, best[number]])
                scores[number, best[number]] = 0
                if score:
                    found[place] = Found(int(rows[best[number]]), score, float(scores[number].max()))
    return found


if __name__ == "__main__":
    run(build, match)
