"""Names: aliases known and unknown, typing errors, other generic parts."""

import re
from functools import cache
from random import Random

from opencc import OpenCC

from benchmarks.matching.chance import words
from benchmarks.matching.library.aliases import compound_stem, place_short
from benchmarks.matching.queries.characters import homophones, look_alikes, sound
from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.world import NAMED
from benchmarks.matching.queries.writing import Writing

DIRECTIONS = frozenset("东西南北中上下前后里外大小一二三四五六七八九十")
GENERIC = ("大道", "大街", "街道", "社区", "路", "街", "巷", "镇", "乡", "村")
_TRADITIONAL = OpenCC("s2t")


def _target(writing: Writing) -> str:
    """The level whose name is to be changed: mostly the one the place is found by."""
    written = [level for level in NAMED if writing.parts.get(level) and level not in writing.typos and not writing.forms.get(level)]
    if not written:
        return ""
    anchor = writing.anchor()
    if anchor in written and writing.rng.random() < 0.65:
        return anchor
    return writing.rng.choice(written)


def _stem_places(name: str, rng: Random) -> list[int]:
    """Places of the characters that carry a name: seldom those of its generic part, no numeral, no direction."""
    if re.match("[0-9]", name):
        return []
    stem = name
    generic = _all_generic() if rng.random() < 0.75 else GENERIC
    for ending in generic:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            stem = name[: -len(ending)]
            break
    return [place for place, character in enumerate(stem) if character not in DIRECTIONS and "\u4e00" <= character <= "\u9fff"]


@cache
def _all_generic() -> tuple[str, ...]:
    """Generic parts of all names, the longest first."""
    table = words("names")
    endings = [
        *GENERIC,
        *(
            ending
            for name in ("compound_suffixes", "tower_suffixes", "zone_suffixes", "place_kinds", "firm_forms")
            for ending in table[name]
        ),
    ]
    return tuple(sorted(endings, key=len, reverse=True))


def _put(writing: Writing, level: str, name: str, typo: str) -> bool:
    """Write a misspelt name; False where it spells another name of its level."""
    if not name or writing.world.names[level].get(name) or writing.world.alias_names[level].get(name):
        return False
    writing.parts[level] = name
    writing.typos[level] = typo
    return True


def _changed(writing: Writing, typo: str) -> bool:
    level = _target(writing)
    if not level:
        return False
    name = writing.parts[level]
    choices = []
    for place in _stem_places(name, writing.rng):
        character = name[place]
        others = homophones().get(sound(character), []) if typo == "homophone" else look_alikes().get(character, "")
        choices += [name[:place] + other + name[place + 1 :] for other in others if other != character]
    return bool(choices) and _put(writing, level, writing.rng.choice(choices), typo)


@noise("homophone")
def homophone(writing: Writing) -> bool:
    return _changed(writing, "homophone")


@noise("similar_shape")
def similar_shape(writing: Writing) -> bool:
    return _changed(writing, "similar_shape")


@noise("swapped")
def swapped(writing: Writing) -> bool:
    level = _target(writing)
    places = [place for place in _stem_places(writing.parts[level], writing.rng) if place + 1 < len(writing.parts[level])] if level else []
    if not places:
        return False
    name, place = writing.parts[level], writing.rng.choice(places)
    other = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return other != name and _put(writing, level, other, "swapped")


@noise("dropped")
def dropped(writing: Writing) -> bool:
    level = _target(writing)
    places = _stem_places(writing.parts[level], writing.rng) if level else []
    if not places or len(writing.parts[level]) < 4:
        return False
    name, place = writing.parts[level], writing.rng.choice(places)
    return _put(writing, level, name[:place] + name[place + 1 :], "dropped")


@noise("extra")
def extra(writing: Writing) -> bool:
    level = _target(writing)
    places = _stem_places(writing.parts[level], writing.rng) if level else []
    if not places:
        return False
    name, place = writing.parts[level], writing.rng.choice(places)
    return _put(writing, level, name[: place + 1] + name[place:], "extra")


@noise("rare_character")
def rare_character(writing: Writing) -> bool:
    """A character the keyboard lacks, as ? or □."""
    level = next((level for level in NAMED if any(character in "塍垟埭岙篁屿渎汀麂浃" for character in writing.parts.get(level, ""))), "")
    if not level or writing.typos or writing.forms.get(level):
        return False
    name = "".join(writing.rng.choice("?□？") if character in "塍垟埭岙篁屿渎汀麂浃" else character for character in writing.parts[level])
    return _put(writing, level, name, "wildcard")


@noise("known_alias")
def known_alias(writing: Writing) -> bool:
    library, world = writing.world.library, writing.world
    found = [(level, alias) for level in ("compound", "road", "zone", "natural_village")
             if writing.has(level) and level not in writing.typos and not writing.forms.get(level)
             for alias in world.aliases_of.get(library.ancestor(writing.node, level), ())]  # fmt: skip
    if not found:
        return False
    level, alias = writing.rng.choice(found)
    writing.parts[level] = alias
    if level == "compound" and writing.has("road", "house") and writing.rng.random() < 0.7:
        writing.drop("road", "lane", "house")
    return True


@noise("unknown_alias")
def unknown_alias(writing: Writing) -> bool:
    """A colloquial short form that no table knows, standing without road and number."""
    world = writing.world
    node = world.library.ancestor(writing.node, "compound")
    if node < 0 or not writing.has("compound") or writing.typos or (writing.deepest() == "compound" and writing.rng.random() < 0.5):
        return False
    short = _short_form(writing, writing.parts["compound"])
    if not short or short in world.aliases_of.get(node, ()) or any(world.exact(level, short) for level in NAMED):
        return False
    stem = short[: max(2, len(short) - 2)]
    rivals = [name for level in NAMED for name in world.names[level] if stem in name and name != writing.parts["compound"]]
    if world.within([other for level in NAMED for name in rivals for other in world.names[level].get(name, ())], writing.towns):
        return False
    writing.drop("road", "lane", "house", "community")
    writing.forms["compound"] = short
    return True


def _short_form(writing: Writing, name: str) -> str:
    stem, place = compound_stem(name), place_short(name)
    if place:
        return place
    county = writing.world.library.value(writing.node, "county")
    if name.startswith(county) and len(name) > len(county) + 4:
        return name.removeprefix(county).removesuffix("有限公司").removesuffix("股份")
    if not stem:
        return ""
    forms = [stem, stem, stem[:2], stem[-2:] + name[len(stem) :]]
    return writing.rng.choice(forms if writing.has("room") and not writing.has("building") else [*forms, stem + "小区"])


@noise("suffix_mix")
def suffix_mix(writing: Writing) -> bool:
    """路 for 街, 大街 for 大道, 工业园 for 工业区; no other bears that name there."""
    table = {
        "road": (("大道", "大街", "路"), ("大街", "街", "大道"), ("路", "街", "大道"), ("街", "路", "大街"), ("巷", "弄", "路")),
        "zone": (
            ("工业园区", "工业区", "工业园"),
            ("工业区", "工业园区", "工业园"),
            ("产业园", "产业园区", "工业园"),
            ("工业园", "工业区", "工业园区"),
        ),
        "compound": (
            ("花园", "花苑", "小区"),
            ("花苑", "花园", "小区"),
            ("小区", "花园", "家园"),
            ("家园", "花园", "小区"),
            ("商务楼", "商务大厦", "大厦"),
        ),
    }
    levels = [level for level in table if writing.has(level) and level not in writing.typos and not writing.forms.get(level)]
    if not levels:
        return False
    level = writing.rng.choice(levels)
    name = writing.parts[level]
    for ending, *others in table[level]:
        if name.endswith(ending):
            return _put(writing, level, name[: -len(ending)] + writing.rng.choice(others), "suffix")
    return False


@noise("traditional")
def traditional(writing: Writing) -> bool:
    if writing.text is not None:
        return False
    before = writing.render()
    writing.text = _TRADITIONAL.convert(before)
    return writing.text != before


@noise("two_typos")
def two_typos(writing: Writing) -> bool:
    """Two names, one typo each."""
    return _changed(writing, "homophone") and _changed(writing, "similar_shape")
