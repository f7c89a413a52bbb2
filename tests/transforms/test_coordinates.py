"""Positions in the systems of web maps are brought back to where they are; a second implementation says where the maps put them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import duckdb
import pytest
from hypothesis import given, settings, strategies as st

from schemas.contract import source_contracts
from schemas.model import CoordinateSystem, CoordinateUse
from tests.transforms.algorithms import bd09, gcj02
from tests.transforms.reading import LOAD_DATE
from transforms.check import check_rows
from transforms.coordinates import in_cgcs2000

CENTIMETRE = 1e-7
"""In degrees."""
PUBLISHED = {
    (121.5272106, 31.1774276): (121.531541859215, 31.17530398364597),
    (113.912316, 22.543847): (113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954): (116.38404722455657, 39.91334545536069),
}
"""WGS-84 to GCJ-02: the vectors with which eviltransform tests its ports to all languages."""
PEERS = {
    (121.5272106, 31.1774276): (121.53801568643858, 31.181328606874466),
    (126.65, 45.75): (126.66264053858133, 45.757600700468515),
    (87.6, 43.8): (87.60921015182171, 43.80747250765041),
}
"""WGS-84 to BD-09 as PRCoords 1.0.2 and geocoordinates 0.14.2 both have it."""
SHOWN: Mapping[CoordinateSystem, Callable[[tuple[float, float]], tuple[float, float]]] = {"GCJ-02": gcj02, "BD-09": bd09}
HOUSES = source_contracts()["public_security.rental_house"]
PLACES = st.tuples(st.floats(73.5, 135), st.floats(18, 53.5))


def converted(system: CoordinateSystem, positions: list[tuple[float, float]]) -> list[tuple[float, float]]:
    rows = ", ".join(f"({place}, {lon!r}::DOUBLE, {lat!r}::DOUBLE)" for place, (lon, lat) in enumerate(positions))
    sql = in_cgcs2000(f"SELECT * FROM (VALUES {rows}) AS given(place, x, y)", CoordinateUse("x", "y", system))
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT x, y FROM ({sql}) ORDER BY place").fetchall()


def off(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


@pytest.mark.parametrize(("system", "vectors"), [("GCJ-02", PUBLISHED), ("BD-09", PEERS)])
def test_published_positions_are_found_to_the_centimetre(
    system: CoordinateSystem, vectors: dict[tuple[float, float], tuple[float, float]]
) -> None:
    for true, found in zip(vectors, converted(system, list(vectors.values())), strict=True):
        assert off(true, found) < CENTIMETRE
    for true, shown in vectors.items():
        assert off(SHOWN[system](true), shown) < 1e-12


@settings(max_examples=10, deadline=None)
@given(st.lists(PLACES, min_size=5, max_size=40))
def test_every_place_in_the_country_comes_back_from_both_maps(places: list[tuple[float, float]]) -> None:
    for system, shown in SHOWN.items():
        for true, found in zip(places, converted(system, [shown(place) for place in places]), strict=True):
            assert off(true, found) < CENTIMETRE


def test_a_contract_says_in_which_system_its_columns_are_and_the_check_converts_them() -> None:
    contract = replace(HOUSES, coordinates=(CoordinateUse("longitude", "latitude", "GCJ-02"),))
    lon, lat = next(iter(PUBLISHED.values()))
    cells = [(f"{lon}", f"{lat}"), (f"{lon}", ""), ("", f"{lat}"), (f"{lon}", "999"), ("", "")]
    rows = ", ".join(f"('', {place}, 'L{place}', 'H', '中心街1号', '{x}', '{y}')" for place, (x, y) in enumerate(cells))
    columns = "sheet, row, letting_source_id, house_source_id, address_text, longitude, latitude"
    with duckdb.connect() as connection:
        text = connection.sql(f"SELECT * FROM (VALUES {rows}) AS given({columns})")
        checked = check_rows(connection, text.to_arrow_table().to_reader(), contract, load_date=LOAD_DATE)
        found = checked.accepted.order("row").project("longitude, latitude, [each.rule for each in warnings]").fetchall()
    assert off(found[0][:2], next(iter(PUBLISHED))) < CENTIMETRE
    assert found[1:] == [
        (None, None, ["half_position"]),
        (None, None, ["half_position"]),
        (None, None, ["above_maximum"]),
        (None, None, None),
    ]
