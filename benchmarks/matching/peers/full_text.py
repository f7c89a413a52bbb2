"""A full-text engine (tantivy: BM25 over 1- and 2-grams) for twenty candidates, ranked again by rapidfuzz `ratio`."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import pyarrow as pa
import tantivy
from rapidfuzz import fuzz

from benchmarks.matching.peers.protocol import NOTHING, Found, normalise, run

CANDIDATES = 20
STEP = 200


class Index(NamedTuple):
    """Folder of the engine's index; the texts are stored in it."""

    folder: str


def _open(folder: str) -> tantivy.Index:
    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("row", stored=True)
    schema.add_text_field("text", stored=True, tokenizer_name="grams", index_option="freq")
    index = tantivy.Index(schema.build(), path=folder)
    index.register_tokenizer("grams", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(1, 2, False)).build())
    return index


def build(library: pa.Table) -> Index:
    folder = tempfile.mkdtemp(prefix="full-text-")
    index = _open(folder)
    writer = index.writer(heap_size=400_000_000, num_threads=2)
    for row, text in enumerate(library["full_text"].to_pylist()):
        writer.add_document(tantivy.Document(row=row, text=normalise(text)))
    writer.commit()
    writer.wait_merging_threads()
    return Index(folder)


def match(index: Index, texts: Sequence[str], workers: int) -> list[Found]:
    parts = [(index.folder, list(texts[start : start + STEP])) for start in range(0, len(texts), STEP)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return [one for found in pool.map(_search, parts) for one in found]


_opened: dict[str, tantivy.Index] = {}


def _search(part: tuple[str, list[str]]) -> list[Found]:
    folder, texts = part
    index = _opened.get(folder)
    if index is None:
        index = _opened[folder] = _open(folder)
        index.reload()
    searcher = index.searcher()
    return [_best(index, searcher, normalise(text)) for text in texts]


def _best(index: tantivy.Index, searcher: tantivy.Searcher, text: str) -> Found:
    grams = dict.fromkeys(text[place : place + 2] for place in range(len(text) - 1)) or {text: None}
    clauses = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "text", gram, "freq")) for gram in grams if gram]
    if not clauses:
        return NOTHING
    hits = searcher.search(tantivy.Query.boolean_query(clauses), CANDIDATES).hits
    ranked = []
    for _, address in hits:
        document = searcher.doc(address)
        ranked.append((fuzz.ratio(text, document["text"][0]), -document["row"][0]))
    ranked.sort(reverse=True)
    return Found(-ranked[0][1], ranked[0][0], ranked[1][0] if len(ranked) > 1 else 0.0) if ranked else NOTHING


if __name__ == "__main__":
    run(build, match)
