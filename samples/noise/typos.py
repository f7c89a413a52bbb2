"""Wrong, missing and strange characters."""

from collections import defaultdict
from functools import cache
from random import Random

from opencc import OpenCC
from pypinyin import lazy_pinyin

from samples.noise.place import Place, Written
from samples.noise.registry import NUMBERED, VILLAGE, variation
from samples.words import words
from samples.world.library import Kind

ON_ROAD = (*NUMBERED,)
SUFFIX = ("东路", "西路", "南路", "北路", "中路", "东街", "西街", "南街", "北街", "中街", "大道", "大街", "路", "街", "巷", "里", "坊")
CONFUSED = {"0": "O", "1": "l"}


@cache
def _homophones() -> dict[str, list[str]]:
    """Characters of names by sound."""
    table = words("names")
    places = words("places")
    letters = [*table["surnames"], *table["male"], *table["female"], *table["shared"], *places["stem_heads"], *places["stem_tails"]]
    letters += [character for stem in places["road_stems"] for character in stem]
    found: dict[str, list[str]] = defaultdict(list)
    for character in sorted({letter for letter in letters if len(letter) == 1}):
        found[lazy_pinyin(character)[0]].append(character)
    return found


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def _stem(place: Place) -> tuple[str, str]:
    ending = next((ending for ending in SUFFIX if place.road.endswith(ending)), "")
    return place.road.removesuffix(ending), ending


def _with_road(place: Place, road: str) -> Written | None:
    """The address with another spelling of the road, if no road has that name."""
    taken = road == place.road or road in place.gazetteer.roads or place.road in words("places")["numeral_roads"]
    if taken or not place.number or not place.road_is_unique:
        return None
    return Written(place.opening + road + place.lane + place.number + place.inside, place.node, "typo")


@variation("同音错字", ON_ROAD)
def homophone(place: Place, rng: Random) -> Written | None:
    stem, ending = _stem(place)
    for at in rng.sample(range(len(stem)), len(stem)):
        others = [other for other in _homophones()[lazy_pinyin(stem[at])[0]] if other != stem[at]]
        if others:
            return _with_road(place, stem[:at] + rng.choice(others) + stem[at + 1 :] + ending)
    return None


@variation("形近错字", ON_ROAD)
def look_alike(place: Place, rng: Random) -> Written | None:
    similar = words("characters")["similar"]
    stem, ending = _stem(place)
    at = [i for i, character in enumerate(stem) if character in similar]
    if not at:
        return None
    i = rng.choice(at)
    return _with_road(place, stem[:i] + similar[stem[i]] + stem[i + 1 :] + ending)


@variation("生僻字替代")
def rare_character(place: Place, rng: Random) -> Written | None:
    rare = words("characters")["rare"]
    found = [character for character in place.town if character in rare]
    if not found:
        return None
    town = place.town.replace(found[0], rng.choice([rare[found[0]], "?", "□", lazy_pinyin(found[0])[0]]))
    return Written(place.county + town + place.tail, place.node, "typo")


@variation("缺字漏字", ON_ROAD)
def dropped_character(place: Place, rng: Random) -> Written | None:
    stem, ending = _stem(place)
    if len(stem) < 2:
        return None
    at = rng.randrange(len(stem))
    road = stem[:at] + stem[at + 1 :] + ending
    return _with_road(place, road) if len(road) > 2 else None


@variation("叠字多字", ON_ROAD)
def doubled_character(place: Place, rng: Random) -> Written | None:
    stem, ending = _stem(place)
    if not stem:
        return None
    at = rng.randrange(len(stem))
    return _with_road(place, stem[: at + 1] + stem[at:] + ending)


@variation("繁体")
def traditional(place: Place, rng: Random) -> Written | None:
    text = place.head + place.town + place.tail
    written = _traditional().convert(text)
    return Written(written, place.node, "suffix_or_spelling") if written != text else None


@variation("异体标点与空格")
def spaces_and_signs(place: Place, rng: Random) -> Written | None:
    if not place.street:
        return None
    gaps = [" ", "　", "，", "\u200b", "\t"]
    parts = [place.county, place.town, place.street, place.number.replace("号", " 号"), place.inside]
    text = "".join(part + rng.choice(gaps) for part in parts if part)
    forms = words("characters")["forms"]
    return Written("".join(forms.get(c, c) if rng.random() < 0.3 else c for c in text).rstrip(), place.node, "suffix_or_spelling")


@variation("O/0 l/1 混淆", [Kind.FLAT, Kind.TOWER_ROOM, Kind.DORMITORY_ROOM])
def letters_for_digits(place: Place, rng: Random) -> Written | None:
    room = "".join(CONFUSED.get(digit, digit) if i else digit for i, digit in enumerate(place.room))
    if room == place.room:
        return None
    return Written(place.behind(place.compound + place.building + place.unit + room), place.node, "typo")


@variation("拼音/英文地址", [Kind.ROAD_DOOR, Kind.GATE])
def in_english(place: Place, rng: Random) -> Written | None:
    if not place.digits or not place.road_is_unique:
        return None
    stem, ending = _stem(place)
    kinds = {"路": "Rd", "街": "St", "大道": "Avenue", "大街": "Street", "巷": "Lane"}
    sides = {"东": "East ", "西": "West ", "南": "South ", "北": "North ", "中": "Middle "}
    side = sides.get(ending[0], "") if len(ending) == 2 and ending not in kinds else ""
    kind = kinds.get(ending if not side else ending[1:], "Rd")
    county = "".join(lazy_pinyin(place.gazetteer.city.short)).capitalize()
    text = f"No.{place.digits} {''.join(lazy_pinyin(stem)).capitalize()} {side}{kind}, {county}"
    return Written(text, place.node, "suffix_or_spelling")


@variation("村名异写", VILLAGE)
def rare_in_village(place: Place, rng: Random) -> Written | None:
    """The rare character of a village or natural village replaced."""
    name = place.village + place.natural_village
    for character, usual in words("characters")["rare"].items():
        if character in name:
            other = name.replace(character, usual)
            if (
                place.village.replace(character, usual) != place.village
                and place.village.replace(character, usual) in place.gazetteer.communities
            ):
                return None
            return Written(place.opening + other + place.number, place.node, "typo")
    return None
