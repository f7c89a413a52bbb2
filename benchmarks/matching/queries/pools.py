"""Nodes of the library by what they are to a writer of addresses."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.chance import Ints
from benchmarks.matching.library.generate import Made
from benchmarks.matching.library.nodes import LEVEL


def pools(made: Made) -> dict[str, Ints]:
    """Nodes by kind; a kind may have none in a small library."""
    library = made.library
    level, parent = library.level, library.parent
    above = np.where(parent >= 0, level[parent], -1)
    road, zone = library.codes[LEVEL["road"]] >= 0, library.codes[LEVEL["zone"]] >= 0
    compound = library.codes[LEVEL["compound"]] >= 0
    room, house, building = level == LEVEL["room"], level == LEVEL["house"], level == LEVEL["building"]
    own = library.words[LEVEL["room"]]
    kinds = np.array([1 if value.startswith("店面") else 2 if value.startswith("车库") else 0 for value in own] or [0])
    room_kind = np.where(room, kinds[library.codes[LEVEL["room"]]], -1)
    dormitory = np.isin(library.codes[LEVEL["building"]], [n for n, v in enumerate(library.words[LEVEL["building"]]) if "宿舍" in v])
    compounds = level == LEVEL["compound"]
    firm = np.zeros(len(library), dtype=bool)
    firm[list(made.firms)] = True
    ends = {name: _ending(made, *endings) for name, endings in _ENDINGS.items()}
    masks = {
        "flat": (room_kind == 0) & compound & np.isin(above, [LEVEL["building"], LEVEL["unit"]]) & ~dormitory,
        "tower_room": (room_kind == 0) & compound & (above == LEVEL["compound"]),
        "shop": room_kind == 1,
        "garage": room_kind == 2,
        "dormitory": room & dormitory,
        "house_room": room & (above == LEVEL["house"]),
        "zone_room": room & zone,
        "road_door": house & (above == LEVEL["road"]),
        "lane_door": house & (above == LEVEL["lane"]),
        "village_door": house & np.isin(above, [LEVEL["community"], LEVEL["natural_village"]]),
        "zone_door": house & zone & ~road,
        "building": building & compound,
        "zone_building": building & zone,
        "unit": level == LEVEL["unit"],
        "floor": level == LEVEL["floor"],
        "firm": compounds & firm,
        "tower": compounds & ends["tower"] & ~firm,
        "compound": compounds & ends["home"] & ~firm,
        "place": compounds & ~ends["home"] & ~ends["tower"] & ~firm,
        **{name: level == LEVEL[name] for name in ("community", "zone", "road", "town")},
        "hamlet": level == LEVEL["natural_village"],
    }
    return {name: np.flatnonzero(mask) for name, mask in masks.items()}


_ENDINGS = {
    "home": ("苑", "园", "小区", "公寓", "名邸", "新村", "公馆", "华庭", "期", "区"),
    "tower": ("大厦", "商务楼", "商务中心", "国际广场", "商厦", "写字楼"),
}


def _ending(made: Made, *endings: str) -> NDArray[np.bool_]:
    """Whether the compound a node is or lies in has one of the endings."""
    codes = made.library.codes[LEVEL["compound"]]
    fits: NDArray[np.bool_] = np.array([value.endswith(endings) for value in made.library.words[LEVEL["compound"]]] + [False])
    found: NDArray[np.bool_] = fits[codes]
    return found
