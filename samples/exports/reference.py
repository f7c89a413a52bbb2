"""Reference data of civil affairs: divisions, standard addresses, aliases; clean, for they become the library."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from samples.exports.desk import Desk
from samples.exports.table import Table
from samples.world.library import COMPONENTS, IN_USE, LEVEL, LEVELS, RETIRED

ADDRESS_CHUNK = 50_000
RETIRED_ON = "2019-01-01"


def division(desk: Desk) -> Iterator[Table]:
    """The divisions of the city's folder, by the headers of its file."""
    rows = desk.world.city.divisions
    columns: dict[str, list[Any]] = {header: [row[header] for row in rows] for header in rows[0]}
    yield Table(key=next(iter(columns)), columns=columns, about={})


def standard_address(desk: Desk) -> Iterator[Table]:
    """The library with its components."""
    library = desk.library
    since = {row["名称"]: row["生效日期"] for row in desk.world.city.divisions if row["级别"] == "county"}
    for start in range(0, len(library), ADDRESS_CHUNK):
        nodes = np.arange(start, min(start + ADDRESS_CHUNK, len(library)))
        parents = library.parent[nodes].tolist()
        gone = library.retired[nodes].tolist()
        overlays = [*library.overlay_names, ""]
        addresses = [library.address_id(node) for node in nodes.tolist()]
        yield Table(
            key="address_id",
            columns={
                "address_id": addresses,
                "parent_id": [library.address_id(parent) if parent >= 0 else "" for parent in parents],
                "level": [LEVELS[level] for level in library.level[nodes].tolist()],
                **{component: library.values(component, nodes).tolist() for component in COMPONENTS},
                "full_text": library.full_text[start : start + ADDRESS_CHUNK],
                "overlay": [overlays[number] for number in library.overlay[nodes].tolist()],
                "lon": [f"{value:.6f}" for value in library.lon[nodes].tolist()],
                "lat": [f"{value:.6f}" for value in library.lat[nodes].tolist()],
                "status": [RETIRED if flag else IN_USE for flag in gone],
                "valid_from": [
                    since.get(text, "") if level == LEVEL["county"] else ""
                    for text, level in zip(library.values("county", nodes), library.level[nodes], strict=True)
                ],
                "valid_to": [RETIRED_ON if flag else "" for flag in gone],
            },
            about={"house": addresses},
        )


def address_alias(desk: Desk) -> Iterator[Table]:
    """The city's aliases and those of the invented places, but for names that the register of place names alone has."""
    others = {(each.name, alias) for each in desk.world.place_names if each.is_only_here for alias in (each.former, each.other)}
    aliases = [alias for alias in desk.world.aliases if (alias.name, alias.alias) not in others]
    fields = ("kind", "within", "name", "alias", "valid_from", "valid_to")
    yield Table(key="name", columns={name: [getattr(alias, name) for alias in aliases] for name in fields}, about={})
