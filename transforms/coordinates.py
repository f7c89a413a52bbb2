"""Positions of web maps in the national system, as DuckDB SQL over whole columns.

GCJ-02 was never published. Its formula is what all libraries use (eviltransform, PRCoords and the others descend from one disclosure of 2013);
BD-09 shifts GCJ-02 once more. Neither has an inverse in closed form: a position is moved until its image is the one that was given.
CGCS2000 and WGS-84 differ by centimetres, and the formula knows no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.model import CoordinateSystem, CoordinateUse
from transforms.elements_sql import identifier

AXIS = 6378245
ECCENTRICITY = "0.00669342162296594323::DOUBLE"
"""Semi-major axis in metres and squared eccentricity of the Krasovsky ellipsoid, which the formula mixes with WGS-84."""

STEPS = 3
"""Each divides the error by some hundreds: after three it is below a centimetre everywhere in the country."""

Position = tuple[str, str]
"""SQL of longitude and latitude in degrees."""


def in_cgcs2000(sql: str, use: CoordinateUse) -> str:
    """SELECT of `sql` with the two columns of a use in CGCS2000; a position with one half only is none."""
    given = identifier(use.lon), identifier(use.lat)
    here, helpers = given, list[str]()
    for step in range(STEPS):
        shown = FORWARD[use.system](here)
        nearer = identifier(f"{use.lon}:lon{step}"), identifier(f"{use.lat}:lat{step}")
        moved = (f"{half} - ({image} - {goal}) AS {name}" for half, image, goal, name in zip(here, shown, given, nearer, strict=True))
        sql = f"SELECT *, {', '.join(moved)} FROM ({sql})"
        here, helpers = nearer, [*helpers, *nearer]
    whole = " AND ".join(f"{half} IS NOT NULL" for half in given)
    values = ", ".join(f"CASE WHEN {whole} THEN {found} END AS {half}" for found, half in zip(here, given, strict=True))
    return f"SELECT * EXCLUDE ({', '.join(helpers)}) REPLACE ({values}) FROM ({sql})"


def to_gcj02(position: Position) -> Position:
    """SQL of where GCJ-02 has a position of WGS-84."""
    lon, lat = position
    x, y = f"({lon} - 105)", f"({lat} - 35)"
    common = f"20 * sin(6 * pi() * {x}) + 20 * sin(2 * pi() * {x})"
    north = f"""(-100 + 2 * {x} + 3 * {y} + 0.2 * {y} * {y} + 0.1 * {x} * {y} + 0.2 * sqrt(abs({x})) + ({common}
        + 20 * sin(pi() * {y}) + 40 * sin(pi() / 3 * {y}) + 160 * sin(pi() / 12 * {y}) + 320 * sin(pi() / 30 * {y})) * 2 / 3)"""
    east = f"""(300 + {x} + 2 * {y} + 0.1 * {x} * {x} + 0.1 * {x} * {y} + 0.1 * sqrt(abs({x})) + ({common}
        + 20 * sin(pi() * {x}) + 40 * sin(pi() / 3 * {x}) + 150 * sin(pi() / 12 * {x}) + 300 * sin(pi() / 30 * {x})) * 2 / 3)"""
    curve = f"(1 - {ECCENTRICITY} * sin(radians({lat})) * sin(radians({lat})))"
    return (
        f"({lon} + {east} / radians({AXIS} * cos(radians({lat})) / sqrt({curve})))",
        f"({lat} + {north} / radians({AXIS} * (1 - {ECCENTRICITY}) / ({curve} * sqrt({curve}))))",
    )


def to_bd09(position: Position) -> Position:
    """SQL of where BD-09 has a position of WGS-84."""
    lon, lat = to_gcj02(position)
    radius = f"(sqrt({lon} * {lon} + {lat} * {lat}) + 0.00002 * sin(radians(3000 * {lat})))"
    angle = f"(atan2({lat}, {lon}) + 0.000003 * cos(radians(3000 * {lon})))"
    return f"({radius} * cos({angle}) + 0.0065)", f"({radius} * sin({angle}) + 0.006)"


FORWARD: Mapping[CoordinateSystem, Callable[[Position], Position]] = {"GCJ-02": to_gcj02, "BD-09": to_bd09}
"""How the systems of web maps are made from WGS-84."""
