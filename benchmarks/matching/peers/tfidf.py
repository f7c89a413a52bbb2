"""TF-IDF over character 2- and 3-grams (scikit-learn), the two nearest by sparse top-n multiplication (sparse_dot_topn)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sparse_dot_topn import sp_matmul_topn

from benchmarks.matching.peers.protocol import NOTHING, Found, normalise, run

LEAST = 0.4
STEP = 1_000


def build(library: pa.Table) -> tuple[Any, Any]:
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), dtype=np.float32)
    matrix = vectoriser.fit_transform([normalise(text) for text in library["full_text"].to_pylist()])
    return vectoriser, matrix.T.tocsr()


def match(index: tuple[Any, Any], texts: Sequence[str], workers: int) -> list[Found]:
    vectoriser, matrix = index
    found = []
    for start in range(0, len(texts), STEP):
        asked = vectoriser.transform([normalise(text) for text in texts[start : start + STEP]])
        nearest = sp_matmul_topn(asked, matrix, top_n=2, threshold=LEAST, sort=True, n_threads=workers)
        for number in range(asked.shape[0]):
            first, last = nearest.indptr[number], nearest.indptr[number + 1]
            scores = nearest.data[first:last].tolist()
            found.append(Found(int(nearest.indices[first]), scores[0], scores[1] if len(scores) > 1 else 0.0) if scores else NOTHING)
    return found


if __name__ == "__main__":
    run(build, match)
