"""The search that keeps the truth honest: what a text could mean as well is found."""

from random import Random

import pytest

from benchmarks.matching.queries.noise import NOISE
from benchmarks.matching.queries.world import World
from benchmarks.matching.queries.writing import Writing, readings, right, write
from tests.benchmarks.conftest import Small


@pytest.fixture(scope="module")
def world(small: Small) -> World:
    return World(small.made)


def doors_of_shared_roads(world: World) -> list[int]:
    """Doors whose road and number stand in several towns."""
    library = world.library
    found = []
    for nodes in world.names["road"].values():
        if len(nodes) > 1:
            numbers = [{library.own(door): door for door in library.children(road, "house")} for road in nodes]
            found += [numbers[0][number] for number in numbers[0] if number in numbers[1]]
    return found


def written(world: World, node: int) -> Writing:
    return write(world, Random(1), node, "public_security")


def test_a_standard_text_means_its_own_address(world: World) -> None:
    library = world.library
    for level in ("room", "house", "building", "compound", "road", "community"):
        nodes = library.at(level)
        for node in nodes[:: max(1, len(nodes) // 40)].tolist():
            assert right(written(world, node)), library.own(node)


def test_without_the_town_a_road_of_several_towns_means_all_of_them(world: World) -> None:
    doors = doors_of_shared_roads(world)
    assert doors
    writing = written(world, doors[0])
    assert right(writing)
    writing.drop("town")
    assert len(readings(writing)) > 1
    assert not right(writing)


def test_a_typing_error_that_spells_another_road_with_that_number_is_found(world: World) -> None:
    library = world.library
    for door in doors_of_shared_roads(world):
        road = library.ancestor(door, "road")
        others = [
            node for node in library.children(int(library.parent[road]), "road") if library.child(node, int(library.label[door])) >= 0
        ]
        other = next((node for node in others if node != road), None)
        if other is not None:
            writing = written(world, door)
            writing.parts["road"], writing.typos["road"] = library.own(other), "similar_shape"
            assert library.child(other, int(library.label[door])) in readings(writing)
            assert not right(writing)
            return
    pytest.fail("no road has a neighbour with the same number")


def test_no_kind_of_typing_error_makes_a_known_name(world: World) -> None:
    library, rng = world.library, Random(5)
    doors = library.at("house")
    for name in ("homophone", "similar_shape", "swapped", "dropped", "extra"):
        made = 0
        while made < 20:
            writing = write(world, rng, int(doors[rng.randrange(len(doors))]), "public_security")
            if NOISE[name](writing):
                made += 1
                (level,) = writing.typos
                assert writing.parts[level] not in world.names[level]
