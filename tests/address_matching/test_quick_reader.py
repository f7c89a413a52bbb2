"""The quick reader answers as the careful one does, or leaves the text to it."""

import subprocess
import sys
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings, strategies as st

from address_matching import AddressIndex, build_index, match
from address_matching.compiled.codes import FAULTS
from address_matching.compiled.deciding import CAREFUL, MATCHED, REASON_NAMES, REVIEW, unpacked
from address_matching.compiled.layout import MOST_CANDIDATES
from address_matching.match import Request, match_one
from address_matching.quick import FEW, quick_answers
from benchmarks.matching.library import generate_library
from benchmarks.matching.library.table import alias_table, library_table
from benchmarks.matching.matchers.ours import scope
from benchmarks.matching.queries import make_queries
from benchmarks.matching.store import CITY
from tests.address_matching.cases import cases

ROWS, QUERIES, SEED = 12_000, 2_500, 11


class World(NamedTuple):
    index: AddressIndex
    records: pa.Table


@pytest.fixture(scope="module")
def world() -> World:
    made = generate_library(CITY, ROWS, SEED)
    queries = make_queries(made, QUERIES, SEED)
    index = build_index(library_table(made.library), alias_table(made.aliases), scope=scope())
    return World(index, pa.table({"record_id": queries["query_id"], "text": queries["text"], "as_of": queries["as_of"]}).combine_chunks())


def quick(index: AddressIndex, text: str, day: date | None = None) -> tuple[object, ...] | None:
    """The quick reader's answer to one text, None where it gives none."""
    records = pa.table({"record_id": ["1"], "text": [text], "as_of": pa.array([day], pa.date32())})
    answers = quick_answers(index, records, 1)
    if answers.answer[0] == CAREFUL:
        return None
    status = {MATCHED: "matched", REVIEW: "review"}.get(int(answers.answer[0]), "unmatched")
    faults = tuple(FAULTS[code] for code in unpacked(int(answers.faults[0])))
    candidates = tuple(answers.candidates[: min(int(answers.counts[0]), MOST_CANDIDATES)].tolist())
    return status, int(answers.node[0]), REASON_NAMES[answers.reason[0]], faults, candidates


def careful(index: AddressIndex, text: str, day: date | None = None) -> list[tuple[object, ...]]:
    outcomes = [part.outcome for part in match_one(index, Request(text, day))]
    return [(each.status, each.node, each.reason, tuple(dict.fromkeys(each.faults)), each.candidates) for each in outcomes]


def test_generated_queries_are_answered_alike_by_both_readers(world: World) -> None:
    rows = zip(world.records["text"].to_pylist(), world.records["as_of"].to_pylist(), strict=True)
    answered = {(text, day): answer for text, day in rows if (answer := quick(world.index, text, day)) is not None}
    assert len(answered) > 0.7 * QUERIES
    assert [text for (text, day), answer in answered.items() if careful(world.index, text, day) != [answer]] == []


def test_every_variation_is_answered_alike_by_both_readers() -> None:
    answered = {}
    for case in cases():
        if case.text is not None and (answer := quick(case.built().index, case.text, case.as_of)) is not None:
            answered[case.text, case.library] = careful(case.built().index, case.text, case.as_of), [answer]
    assert len(answered) > len(cases()) // 4
    assert [text for (text, _), (slow, fast) in answered.items() if slow != fast] == []


def test_results_do_not_depend_on_order_batches_workers_or_the_reader(world: World) -> None:
    whole = match(world.index, world.records, workers=2)
    rows = np.random.default_rng(5).permutation(world.records.num_rows)
    shuffled = match(world.index, world.records.take(pa.array(rows)), workers=1)
    order = [("record_id", "ascending"), ("part", "ascending")]
    small = [match(world.index, world.records.slice(at, FEW - 1)) for at in range(0, world.records.num_rows, FEW - 1)]
    assert shuffled.sort_by(order).equals(whole.sort_by(order))
    assert pa.concat_tables(small).combine_chunks().equals(whole)


def test_address_ids_given_by_the_source_are_weighed_alike_by_both_readers(world: World) -> None:
    """Right ones, those of what lies above, below or elsewhere, unknown ones and none."""
    first = match(world.index, world.records).filter(pc.equal(match(world.index, world.records)["part"], 1))
    found = world.index.nodes_of_ids(pc.fill_null(first["address_id"], "").combine_chunks())
    chance = np.random.default_rng(3)
    others = chance.integers(0, len(world.index.parent), len(found))
    parents = np.asarray(world.index.parent)
    above = parents[np.maximum(found, 0)]
    child_of = np.full(len(parents), -1)
    child_of[parents[1:]] = np.arange(1, len(parents))
    below = child_of[np.maximum(found, 0)]
    nodes = np.choose(chance.integers(0, 6, len(found)), [found, above, below, below, others, np.full(len(found), -1)])
    given = world.index.address_ids(nodes.astype(np.int64), nodes < 0).to_pylist()
    unknown = chance.random(len(found)) < 0.05
    given = ["nowhere" if is_unknown else each for is_unknown, each in zip(unknown, given, strict=True)]
    records = world.records.append_column("source_address_id", pa.array(given, pa.string())).combine_chunks()
    whole = match(world.index, records)
    small = [match(world.index, records.slice(at, FEW - 1)) for at in range(0, records.num_rows, FEW - 1)]
    assert pa.concat_tables(small).combine_chunks().equals(whole)
    answers = quick_answers(world.index, records, 1)
    taken = np.array([FAULTS.index("hint") in unpacked(int(packed)) for packed in answers.faults])
    assert taken.sum() > 50
    assert (answers.answer != CAREFUL).mean() > 0.5


def test_an_index_from_disk_answers_as_the_one_it_was_saved_from(world: World, tmp_path) -> None:
    world.index.save(tmp_path / "index")
    assert match(AddressIndex.open(tmp_path / "index"), world.records).equals(match(world.index, world.records))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=130) | st.text("瑞安市莘塍街道东路村号幢单元室弄0123456789-附一二十（）()、, ABO之第层", max_size=60))
def test_any_text_at_all_is_answered_alike_by_both_readers(world: World, text: str) -> None:
    answer = quick(world.index, text)
    assert answer is None or careful(world.index, text) == [answer]


def test_threads_that_start_together_share_one_engine() -> None:
    """An engine that one of them drops would take away the machine code that another is running."""
    script = """
from threading import Barrier, Thread
from address_matching.compiled import answering
from address_matching.compiled.kernel import KERNEL
from machine_code import kernel
made, make = [], kernel.llvm.create_mcjit_compiler
kernel.llvm.create_mcjit_compiler = lambda *arguments: made.append(1) or make(*arguments)
barrier = Barrier(4)
def start() -> None:
    barrier.wait()
    KERNEL.address_of("address_matching.compiled.hashing._hash_all")
threads = [Thread(target=start) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(made))
"""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "1"
