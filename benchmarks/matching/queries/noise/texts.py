"""Noise of the finished text: spaces, truncation, romanisation."""

from pypinyin import lazy_pinyin

from benchmarks.matching.library.draft import core
from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.writing import Writing

_DIRECTIONS = {"东": "East", "西": "West", "南": "South", "北": "North", "中": "Middle"}
_ROADS = (("大道", "Avenue"), ("大街", "Street"), ("路", "Road"), ("街", "Street"), ("巷", "Lane"))
_SPACES = (" ", " ", "　", ",", "，", "  ", "\t")


@noise("spaces")
def spaces(writing: Writing) -> bool:
    """Spaces and commas between the parts."""
    if writing.text is not None:
        return False
    rng = writing.rng
    for level in ("town", "community", "road", "compound"):
        if writing.has(level) and rng.random() < 0.5:
            writing.forms[level] = (writing.forms.get(level) or writing.parts[level]) + rng.choice(_SPACES)
    if writing.opening and rng.random() < 0.6:
        writing.opening += rng.choice(_SPACES[:3])
    return any(space in writing.render() for space in _SPACES)


@noise("truncated")
def truncated(writing: Writing) -> bool:
    """Cut off in the word after the last number, or in the name of the compound behind the door."""
    if writing.text is not None or writing.after or writing.forms or writing.typos:
        return False
    rng = writing.rng
    library = writing.world.library
    if writing.has("house", "compound", "road") and rng.random() < 0.7:
        name = writing.parts["compound"]
        known = next((len(word) for word in ("瑞安市", "瑞安", "浙江", "温州") if name.startswith(word)), 0)
        kept = known + rng.randint(2, max(2, len(name) - known - 1))
        if kept >= len(name):
            return False
        house, compound = library.ancestor(writing.node, "house"), library.ancestor(writing.node, "compound")
        rivals = [node for node in library.children(house, "compound") if library.own(node).startswith(name[:kept])]
        if rivals != [compound]:
            return False
        writing.drop("building", "unit", "floor", "room")
        writing.truth = compound
        writing.forms["compound"] = name[:kept]
        return True
    deepest = writing.deepest()
    value = writing.parts.get(deepest, "")
    if deepest not in ("room", "unit") or not value.endswith(("室", "单元")) or not writing.has("building"):
        return False
    if deepest == "unit":
        writing.forms["unit"] = value[:-1]
        return True
    writing.forms["room"] = value[:-1]
    return True


@noise("truncated_number")
def truncated_number(writing: Writing) -> bool:
    """Cut off inside the number of the building or room: what it lies in is right."""
    deepest = writing.deepest()
    value = writing.parts.get(deepest, "")
    if deepest != "room" or not value[:-1].isdigit() or len(value) < 4 or writing.text is not None or writing.after or writing.forms:
        return False
    library = writing.world.library
    parent = int(library.parent[writing.node])
    kept = value[:2]
    if (
        library.child(parent, library.label_of("room", kept + "室")) >= 0
        or library.own(parent) == ""
        or not (writing.has("building") or writing.has("compound"))
    ):
        return False
    writing.forms["room"] = kept
    writing.unread.add("room")
    writing.truth = parent
    return True


@noise("pinyin")
def pinyin(writing: Writing) -> bool:
    """No.558 Longshan East Rd, Ruian; nothing else there sounds like it."""
    if writing.deepest() != "house" or not writing.has("road") or writing.has("lane") or writing.typos or writing.forms:
        return False
    road, number = writing.parts["road"], writing.parts["house"].removesuffix("号")
    ending = next((pair for pair in _ROADS if road.endswith(pair[0])), None)
    if ending is None or not number.replace("-", "").isdigit():
        return False
    writing.typos["road"] = "homophone"
    rng = writing.rng
    text = rng.choice(["No.", "No. ", ""]) + f"{number} {_romanised(road, ending)}"
    if writing.has("town") and rng.random() < 0.5:
        text += f", {''.join(lazy_pinyin(core(writing.parts['town']))).capitalize()} {'Street' if writing.parts['town'].endswith('街道') else 'Town'}"
    else:
        writing.drop("town")
    writing.text = text + rng.choice([", Ruian", ", Ruian City", ", Ruian, Zhejiang", ", Ruian, Wenzhou, Zhejiang, China"])
    return True


def _romanised(road: str, ending: tuple[str, str]) -> str:
    stem = road.removesuffix(ending[0])
    direction = _DIRECTIONS.get(stem[-1], "") if len(stem) > 2 else ""
    if direction:
        stem = stem[:-1]
    return " ".join(part for part in ("".join(lazy_pinyin(stem)).capitalize(), direction, ending[1]) if part)
