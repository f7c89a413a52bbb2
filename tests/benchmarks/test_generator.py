"""The generated library and queries: the same for a seed, complete, and true."""

import pyarrow.compute as pc

from address_matching import LEVELS
from address_matching.model import ALIAS_SCHEMA, LIBRARY_SCHEMA
from benchmarks.matching.library import generate_library
from benchmarks.matching.library.table import alias_table, library_table
from benchmarks.matching.queries import QUERY_SCHEMA, make_queries
from benchmarks.matching.store import CITY
from tests.benchmarks.conftest import QUERIES, ROWS, SEED, Small


def test_the_same_seed_makes_the_same_library_and_queries_and_another_seed_others(small: Small) -> None:
    again, other = generate_library(CITY, ROWS, SEED), generate_library(CITY, ROWS, SEED + 1)
    assert library_table(again.library).equals(small.library)
    assert alias_table(again.aliases).equals(small.aliases)
    assert make_queries(again, QUERIES, SEED).equals(small.queries)
    assert not library_table(other.library).equals(small.library)
    assert not make_queries(small.made, QUERIES, SEED + 1).equals(small.queries)


def test_the_library_has_the_wished_size_all_levels_and_full_components(small: Small) -> None:
    library = small.library
    assert library.schema == LIBRARY_SCHEMA
    assert small.aliases.schema == ALIAS_SCHEMA
    assert abs(library.num_rows - ROWS) < 0.1 * ROWS
    assert set(library["level"].to_pylist()) == set(LEVELS)
    assert pc.count_distinct(library["address_id"]).as_py() == pc.count_distinct(library["full_text"]).as_py() == library.num_rows
    for row in library.slice(0, 5_000).to_pylist():
        component = "house_number" if row["level"] == "house" else row["level"]
        assert row[component]
        assert row["full_text"].endswith(row[component])


def test_every_row_lies_under_a_coarser_one_whose_text_its_own_begins_with(small: Small) -> None:
    texts = dict(zip(small.library["address_id"].to_pylist(), small.library["full_text"].to_pylist(), strict=True))
    levels = dict(zip(small.library["address_id"].to_pylist(), small.library["level"].to_pylist(), strict=True))
    for row in small.library.select(["parent_id", "level", "full_text"]).to_pylist():
        if row["parent_id"] is None:
            assert row["level"] == "province"
            continue
        assert LEVELS.index(levels[row["parent_id"]]) <= LEVELS.index(row["level"])
        assert row["full_text"].startswith(texts[row["parent_id"]])


def test_queries_are_distinct_and_come_in_the_wished_shares(small: Small) -> None:
    queries = small.queries
    assert queries.schema == QUERY_SCHEMA
    assert pc.count_distinct(queries["text"]).as_py() == queries.num_rows == QUERIES
    kinds = {entry["values"]: entry["counts"] for entry in pc.value_counts(queries["kind"]).to_pylist()}
    assert kinds["no_answer"] == round(0.085 * QUERIES)
    assert kinds["ambiguous"] == round(0.015 * QUERIES)
    answered = queries.filter(pc.equal(queries["kind"], "answer"))
    clean = pc.sum(pc.equal(answered["hardness"], "nearly_clean")).as_py()
    assert 0.55 < clean / answered.num_rows < 0.65


def test_every_truth_stands_in_the_library_at_its_level(small: Small) -> None:
    levels = dict(zip(small.library["address_id"].to_pylist(), small.library["level"].to_pylist(), strict=True))
    for query in small.queries.to_pylist():
        if query["kind"] == "answer":
            assert levels[query["truth"]] == query["level"]
        else:
            assert query["truth"] is None
        assert len(set(query["candidates"])) == len(query["candidates"])
        assert all(candidate in levels for candidate in query["candidates"])
        assert (len(query["candidates"]) > 1) == (query["kind"] == "ambiguous")


def test_no_text_spells_another_address_of_the_library(small: Small) -> None:
    ids = dict(zip(small.library["full_text"].to_pylist(), small.library["address_id"].to_pylist(), strict=True))
    spelled = 0
    for query in small.queries.to_pylist():
        for opening in ("", "瑞安市", "浙江省温州市瑞安市"):
            address = ids.get("浙江省温州市瑞安市" + query["text"].removeprefix(opening))
            if address is not None:
                spelled += 1
                assert address == query["truth"], query
    assert spelled > 0.2 * QUERIES


def test_a_number_said_to_be_unknown_is_not_in_the_library(small: Small) -> None:
    texts = dict(zip(small.library["address_id"].to_pylist(), small.library["full_text"].to_pylist(), strict=True))
    known = set(texts.values())
    unknown = [query for query in small.queries.to_pylist() if query["noise"] in (["wrong_digit"], ["room_unknown"])]
    assert unknown
    for query in unknown:
        written = texts[query["truth"]]
        tail = query["text"][query["text"].find(written[-2:]) + 2 :]
        assert written + tail not in known
