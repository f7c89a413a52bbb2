"""Groups from pairs: level by level, never across a contradiction, whatever the order."""

import random
from collections.abc import Mapping

from hypothesis import given, settings, strategies as st

from transforms.resolving.clusters import Edge, Facts, join

STRONG, MIDDLE, WEAK, ASKED = "number_typo", "name_phone", "rare_name_address", "name_address"


def facts(**numbers: str) -> Mapping[str, Facts]:
    """Parts a, b, c, ... and x, y, z; those named have a number."""
    return {part: (frozenset({numbers[part]}) if part in numbers else frozenset(),) for part in "abcdefxyz"}


def edge(parts: str, rule: str = MIDDLE) -> Edge:
    return Edge.between(parts[0], parts[1], rule)


def groups(*edges: Edge, apart: str = "", **numbers: str) -> set[str]:
    found = join(facts(**numbers), edges, [(apart[0], apart[1])] if apart else [])
    named: dict[str, str] = {}
    for part, root in sorted(found.group.items()):
        named[root] = named.get(root, "") + part
    return set(named.values())


def test_parts_without_a_contradiction_become_one_group() -> None:
    assert groups(edge("xy"), edge("yz"), edge("ax"), a="1") == {"axyz"}


def test_part_that_two_contradicting_ones_claim_joins_neither() -> None:
    assert groups(edge("ax"), edge("bx"), a="1", b="2") == set()
    found = join(facts(a="1", b="2"), [edge("ax"), edge("bx")])
    assert found.open == [edge("ax"), edge("bx")], "a person is asked about both"


def test_others_keep_what_a_torn_part_does_not_touch() -> None:
    assert groups(edge("ax"), edge("bx"), edge("ay"), a="1", b="2") == {"ay"}


def test_stronger_evidence_decides_and_is_not_given_up_for_weaker() -> None:
    assert groups(edge("ax", STRONG), edge("bx", MIDDLE), a="1", b="2") == {"ax"}
    assert join(facts(a="1", b="2"), [edge("ax", STRONG), edge("bx", MIDDLE)]).open == []


def test_torn_part_is_not_given_away_by_weaker_evidence() -> None:
    assert groups(edge("ax"), edge("bx"), edge("cx", WEAK), a="1", b="2", c="3") == set()


def test_chain_between_two_that_contradict_each_other_is_cut() -> None:
    found = join(facts(a="1", b="2"), [edge("ax"), edge("xy"), edge("yz"), edge("bz")])
    assert found.group == {}
    assert len(found.open) == 4


def test_chain_is_cut_at_its_weakest_edge() -> None:
    assert groups(edge("ax", STRONG), edge("xy", WEAK), edge("by", STRONG), a="1", b="2") == {"ax", "by"}


def test_pair_told_apart_by_a_person_is_not_joined_by_any_way_round() -> None:
    assert groups(edge("ax"), apart="ax") == set()
    assert groups(edge("ay", STRONG), edge("xy", MIDDLE), apart="ax") == {"ay"}


def test_decision_of_a_person_joins_what_the_facts_would_not() -> None:
    assert groups(edge("ab", "decision"), a="1", b="2") == {"ab"}
    assert groups(edge("ab", "decision"), edge("bx"), a="1", b="2") == {"abx"}


def test_evidence_that_only_asks_joins_nothing() -> None:
    found = join(facts(a="1"), [edge("ax", ASKED)])
    assert (found.group, found.open) == ({}, [edge("ax", ASKED)])


PARTS = st.sampled_from("abcdefxyz")
EDGES = st.lists(st.tuples(PARTS, PARTS, st.sampled_from([STRONG, MIDDLE, WEAK])).filter(lambda drawn: drawn[0] != drawn[1]), max_size=14)


@settings(max_examples=150, deadline=None)
@given(EDGES, st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("12"), max_size=5), st.randoms(use_true_random=False))
def test_no_group_holds_two_numbers_and_the_order_of_edges_does_not_matter(
    drawn: list[tuple[str, str, str]], numbers: dict[str, str], chance: random.Random
) -> None:
    edges = [Edge.between(*each) for each in drawn]
    found = join(facts(**numbers), edges)
    for root in set(found.group.values()):
        assert len({numbers[part] for part, other in found.group.items() if other == root and part in numbers}) <= 1
    assert join(facts(**numbers), chance.sample(edges, len(edges))) == found
