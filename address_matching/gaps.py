"""What to make of words that are no names of the library: misspelt names, unknown names, noise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from address_matching.model import COMMUNITY, COMPOUND, ROAD, TOWN, ZONE
from address_matching.tokens import GAP, MARK, NAME, SEVERAL, WORD_TOKEN, Name, Sense, Token, named
from address_matching.words import directions, landmarks, suffixes

if TYPE_CHECKING:
    from address_matching.reader import Reader

_OUTSIDE = re.compile(r"(?:[^省市县区]{2,3}省)?[^省市县区镇乡街路村0-9]{2,4}(?:市(?![场政区民心郊])|县(?![前城府中衙]))")
_COMMITTEE = frozenset(("委会", "民委员会", "委", "村"))
_NEAR = ("靠近", "临近", "毗邻", "靠")
_DETAIL = re.compile(
    r"(?:第?[0-9]+(?:层|楼)?)?(?:大厅|[东西南北正后前大]门|门口|店面|商铺|门面|店铺|门市部?|内|里|侧|首|边|面|头|段)*"
    r"|暂住|(?:出?租|自住)房?|住宅|[^0-9]{1,4}收|代收"
)
_TAIL = re.compile(r"(?<=..)(?:民房|住户|自建房|出租房|房屋)$")
_CONTACT = re.compile(r"(?:联系|收[件货])(?:人|电话|方式)|电话|手机号?码?")
_LIVING = frozenset(("现住", "现居", "居住", "居住在", "现住在", "住在", "暂住", "暂住在", "家住"))
_LABEL = re.compile(r"(?:地址|住址|住所|场所|地点|坐落)$")
_LABELS = frozenset(("地址", "住所", "经营场所"))
_BOLD = frozenset(("changed", "direction_missing", "truncated"))
_DIRECTIONS = directions()
_LANDMARKS = landmarks()
_ROAD_ENDS = suffixes("road")
_COMPOUND_ENDS = suffixes("compound")
_COMMUNITY_ENDS = tuple(suffix for suffix in suffixes("community") if len(suffix) > 1 or suffix == "村")
_TOWN_ENDS = suffixes("town")
_ZONE_ENDS = (*suffixes("zone"), *suffixes("other_zone"))
_ORGANISATIONS = suffixes("organisation")


def read_gap(reader: Reader, text: str) -> None:
    """Read words between known tokens: as part of a zone, noise, a misspelt name or an unknown one."""
    text = _TAIL.sub("", text)
    if not text.endswith(_ROAD_ENDS):
        text += _inner_names(reader)
    text += take_phase(reader)
    place, following = reader.place, reader.next_token()
    name = reader.vocabulary.tokens.get(text)
    if name is not None and name.kind == NAME and name.yields and following is not None and following.kind == NAME:
        reader.name(name)  # 瑞安街头村 is no 瑞安街
    elif text.endswith("旁") and len(text) > 2:
        read_gap(reader, text[:-1])
        reader.relative()
    elif _CONTACT.fullmatch(text) and not place.is_empty():
        reader.skip_rest("noise_ignored")
    elif _is_firm(reader, text, following):
        reader.forget_names()
    elif following is not None and following.kind == WORD_TOKEN and following.value in ("zone", "overlay"):
        _read_area(reader, text, following)
    elif text.endswith("片") and following is not None and following.kind == NAME:
        place.faults.append("overlay_ignored")
    elif reader.last_kind == "name" and ((text in _ROAD_ENDS and place.roads) or (text in _COMPOUND_ENDS and place.compound)):
        place.faults.append("suffix")
    elif text in _COMMITTEE and reader.last_kind == "name" and place.communities:
        place.faults.append("suffix")  # 下村委会 and 下村村 are 下村村委会
    elif text == "道" and reader.last_kind == "name" and place.towns and not place.has_place():
        place.faults.append("dropped")  # 云周道 is 云周街道
    elif reader.last_kind == "name" and reader.tokens[reader.at - 1].text.endswith(text):
        place.faults.append("extra")  # 东区区
    elif text.startswith(_NEAR) and not place.is_empty():
        reader.skip_rest("noise_ignored")
    elif (text in _LIVING and place.is_empty()) or _is_noise(reader, following):
        place.faults.append("noise_ignored")
    else:
        _read_unknown(reader, text, following)


def _inner_names(reader: Reader) -> str:
    """Take short names of villages out of the tokens behind unknown words, with what follows: 花园 of 碧海花园 is no village."""
    at, tokens = reader.at, reader.tokens
    end = at + 1
    while end < len(tokens) and (tokens[end].kind == GAP or _is_short_village(tokens[end])):
        end += 1
    if end < len(tokens) and tokens[end].kind == NAME and tokens[end].level <= COMMUNITY:
        return ""  # what stands before a division is no name in it
    reader.place.hints += [named(token.text, token.senses) for token in tokens[at + 1 : end] if token.kind == NAME]
    taken = "".join(token.text for token in tokens[at + 1 : end])
    del tokens[at + 1 : end]
    return taken


def _is_short_village(token: Token) -> bool:
    return token.kind == NAME and token.stem and token.level == COMMUNITY


def take_phase(reader: Reader) -> str:
    """Take the phase behind a name (3期, A区) out of the tokens that follow it, "" if there is none."""
    at, tokens = reader.at, reader.tokens
    if at + 2 >= len(tokens) or tokens[at + 1].value != "bare" or tokens[at + 2].kind != GAP:
        return ""
    word = next((word for word in ("期", "区", "组团") if tokens[at + 2].text.startswith(word)), "")
    if not word:
        return ""
    rest = tokens[at + 2].text.removeprefix(word)
    phase = tokens[at + 1].text + word
    tokens[at + 1 : at + 3] = [Token(GAP, rest)] if rest else []
    return phase


def _is_firm(reader: Reader, text: str, following: Token | None) -> bool:
    """Whether words end a firm's name before the address, as in 某某机械厂塘下镇 or 某某机械厂住址:."""
    place = reader.place
    if following is None or place.before or place.after:
        return False
    if following.kind == MARK and following.text == ":":
        return bool(_LABEL.search(text))
    named_before = place.is_complete() and not (following.kind == NAME and following.level <= TOWN)
    return text.endswith(_ORGANISATIONS) and not named_before


def _is_noise(reader: Reader, following: Token | None) -> bool:
    """Whether a gap stands before the first division of a place or apart from it, as a person's name would."""
    place = reader.place
    if following is None or place.has_place() or place.towns:
        return False
    if following.kind == MARK or following.text in _LABELS:
        return place.is_empty()
    return following.kind == NAME and not following.stem and all(sense.kind <= TOWN for sense in following.senses)


def is_whole_name(reader: Reader, name: Token, gap: Token) -> bool:
    """Whether a short name and the gap behind it are one misspelt name (宝塔塔路 for 宝塔路); if so, it is read.

    A whole village's name may begin that of a zone or compound (下村功业区), but of nothing else.
    """
    if _read_after_division(reader, name.text + gap.text):
        reader.at += 1
        return True
    whole = reader.gap_before + name.text + gap.text
    found = reader.recognise(whole)
    if found is None or (found.start, found.end) != (0, len(whole)):
        return False
    if not (name.yields or name.stem) and not all(sense.kind in (ZONE, COMPOUND) for sense in found.senses):
        return False
    if found.fault in _BOLD and not whole.endswith((*_ROAD_ENDS, *_COMMUNITY_ENDS)):
        return False
    reader.at += 1
    reader.gap_before = ""
    reader.name(_misspelt(whole, found.senses, found.fault))
    return True


def is_no_compound(reader: Reader, name: Name, following: Token | None) -> bool:
    """Whether a compound's name is but that of an overlay or zone (滨海新区), or of the firm whose address follows; if so, it is read as such."""
    if following is None:
        return False
    if following.kind == WORD_TOKEN and following.value in ("zone", "overlay") and not name.text.endswith(_COMPOUND_ENDS):
        _read_area(reader, name.text, following)
        return True
    if following.kind == NAME and 0 <= following.level <= TOWN and _is_firm(reader, name.text, following):
        reader.forget_names()
        return True
    return False


def begins_longer_name(reader: Reader, kind: int, name: Name, following: Token | None) -> bool:
    """A stem may be the beginning of a name the library lacks; if so, it is given to the words behind it and remains as a hint."""
    if _begins_longer_name(reader, kind, name, following):
        reader.place.hints.append(name)
        return True
    return False


def _begins_longer_name(reader: Reader, kind: int, name: Name, following: Token | None) -> bool:
    place = reader.place
    if following is None:
        if place.is_complete():
            classify(reader, name.text, None)
        return place.is_complete()
    repeated = kind == TOWN and place.towns is not None and not place.inherited
    inside_town = place.towns is not None and kind != TOWN
    overlay = following.value == "overlay" and kind >= TOWN  # 飞云新区 lies in several towns
    if following.kind == WORD_TOKEN and (overlay or (following.value == "zone" and (inside_town or repeated))):
        _read_area(reader, name.text, following)
        return True
    if following.kind == NAME and following.stem and repeated and not _lies_in(reader, following, name):
        _join_to_following(reader, name.text)
        return True
    if following.kind != GAP:
        goes_on = bool(place.before and reader.last_kind == "gap" and place.unknown_compound)
        place.unknown_compound += name.text if goes_on else ""
        return goes_on
    rest = following.text
    beginning = kind == COMMUNITY and (len(rest) < 3 or rest[0] in _DIRECTIONS or not rest.endswith(_ROAD_ENDS))
    if place.is_complete() or repeated or beginning or (rest.startswith(_LANDMARKS) and not rest.endswith(_TOWN_ENDS)):
        _join_to_following(reader, name.text)
        return True
    return False


def _join_to_following(reader: Reader, text: str) -> None:
    """Give the text of a token to the words behind it."""
    reader.tokens[reader.at + 1] = Token(GAP, text + reader.tokens[reader.at + 1].text)
    reader.joined_at = reader.at


def town_goes_on(reader: Reader, token: Token) -> bool:
    """Whether a word that may be an old town is one because a place in it follows: 林溪 before 溪坦村."""
    following = reader.next_token()
    towns = [sense for sense in token.senses if sense.kind == TOWN]
    if not towns or following is None or following.kind != NAME or following.level in (TOWN, SEVERAL):
        return False
    return _lies_in(reader, following, named(token.text, towns))


def _lies_in(reader: Reader, token: Token, town: Name) -> bool:
    """Whether a name can mean a place in a town."""
    town_of = reader.vocabulary.town_of
    return any(town_of[node] in town.nodes for sense in token.senses for node in sense.nodes)


def read_with_prefix(reader: Reader, text: str, kind: int) -> None:
    """A known name with something unknown before it is another name, unless the whole is a misspelt one."""
    place = reader.place
    found = reader.recognise(text)
    reader.gap_before = ""
    if found and (found.start, found.end) == (0, len(text)):
        reader.name(_misspelt(text, found.senses, found.fault))
    elif kind == COMMUNITY:
        place.unknown_community = text
    else:
        place.faults.append("unread_prefix")
        if kind == ROAD:
            place.unknown_road = text
        else:
            place.unknown_compound = text


def _read_area(reader: Reader, text: str, word: Token) -> None:
    """A zone misspelt, or a zone or overlay that the library lacks, its name before the generic word."""
    end = text.find("村", 2) + 1
    if 0 < end < len(text) and not reader.place.has_place():
        reader.place.unknown_community = text[:end]
        text = text[end:]
    whole = text + word.text
    found = reader.recognise(whole) if word.value == "zone" else None
    reader.at += 1
    reader.last_kind = "word"
    if found is not None and found.fault not in _BOLD and (found.start, found.end) == (0, len(whole)):
        reader.name(_misspelt(whole, found.senses, found.fault))
    elif word.value == "zone":
        reader.place.unknown_zone = whole
    else:
        reader.place.faults.append("overlay_ignored")


def _read_unknown(reader: Reader, text: str, following: Token | None) -> None:
    place = reader.place
    if _read_after_division(reader, text):
        return
    found = reader.recognise(text)
    if found is not None and found.start and (place.before or all(sense.kind == COMPOUND for sense in found.senses)):
        found = None  # the whole name is looked for where the place is, not a part of it elsewhere
    if found is None and _read_village(reader, text):
        return
    if found is not None:
        head, tail = text[: found.start], text[found.end :]
        if len(head) == 1 and found.fault == "dropped" and all(sense.kind == TOWN for sense in found.senses):
            head, found = "", found._replace(start=0, fault="changed")  # 播岱街道 is not 播 and 岱街道
        if head and not (place.towns and place.towns.text.startswith(head)):
            classify(reader, head, None)
        if not reader.gap_before:
            reader.name(_misspelt(text[found.start : found.end], found.senses, found.fault))
            if tail:
                classify(reader, tail, following)
            return
    if not place.is_empty() or place.before or not _OUTSIDE.match(text):
        classify(reader, text, following)
    elif not place.division:
        place.outside = text


def _read_after_division(reader: Reader, text: str) -> bool:
    """Read a misspelt name that begins with a division, as 瑞安东山缔二中学 behind 东山街道, if there is one."""
    at = reader.at - (2 if reader.joined_at == reader.at - 1 else 1)
    before = reader.tokens[at] if at >= 0 else None
    if before is None or before.kind != NAME or not 0 <= before.level < TOWN or reader.place.towns is None:
        return False
    whole = before.text + text
    found = reader.recognise(whole)
    if found is None or (found.start, found.end) != (0, len(whole)):
        return False
    reader.name(_misspelt(whole, found.senses, found.fault))
    return True


def _read_village(reader: Reader, text: str) -> bool:
    """Read a misspelt village with a hamlet behind it, as 修源村前头 for 秀源村前头, if there is one."""
    end = text.find("村", 2) + 1
    if not 0 < end < len(text) or reader.place.has_place():
        return False
    found = reader.recognise(text[:end])
    if found is None or found.start or found.end < end or not all(sense.kind == COMMUNITY for sense in found.senses):
        return False
    reader.name(_misspelt(text[:end], found.senses, found.fault))
    classify(reader, text[end:], reader.next_token())
    return True


def _misspelt(text: str, senses: tuple[Sense, ...], fault: str) -> Token:
    levels = {sense.kind for sense in senses}
    return Token(NAME, text, fault, senses=senses, level=levels.pop() if len(levels) == 1 else SEVERAL)


def classify(reader: Reader, text: str, following: Token | None) -> None:
    """Keep an unknown name as what its generic part makes it."""
    place = reader.place
    reader.last_kind = "gap"
    place.plain.append(text)
    if text.endswith(_ROAD_ENDS) and not place.roads:
        place.unknown_road = text
    elif text.endswith(_COMMUNITY_ENDS) and not text.endswith("新村") and not (place.roads or place.before):
        place.unknown_community = text
    elif text.endswith(_TOWN_ENDS) and not (place.has_place() or place.before):
        place.unknown_town = text
    elif _DETAIL.fullmatch(text):
        place.faults.append("noise_ignored")
    elif following is not None and following.kind == NAME and not place.is_complete():
        reader.gap_before = text
    elif text.endswith(_ZONE_ENDS) and not place.before:
        place.unknown_zone = text
    elif place.compound and not place.after and reader.tokens[reader.at].kind == GAP:
        goes_on = place.unknown_compound.endswith(place.compound.text)
        place.unknown_compound = (place.unknown_compound if goes_on else place.compound.text) + text
    elif place.after or (place.compound and place.before):
        place.faults.append("noise_ignored")
    else:
        place.unknown_compound = text
