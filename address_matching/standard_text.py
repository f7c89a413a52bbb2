"""Components of a well-formed standard address, read by the generic parts of its names alone."""

import re

from address_matching.model import COMMUNITY, COMPOUND, FLOOR, HOUSE, LANE, LEVELS, NATURAL_VILLAGE, ROAD, ROOM, TOWN, ZONE
from address_matching.normalise import normalise
from address_matching.words import suffixes

_NOT_NAME = r"0-9A-Z()"


def _name(kind: str, longest: int, stop: str = "") -> str:
    return rf"[^{_NOT_NAME}{stop}]{{1,{longest}}}?(?:{'|'.join(suffixes(kind))})"


_DIVISIONS = re.compile(
    r"(?P<province>[^省市县区]{2,3}省|[^省市县区]{2,8}自治区|(?:北京|天津|上海|重庆)市)?"
    r"(?P<city>[^省市县区街镇乡路]{2,6}(?:市|地区|自治州)(?=[^0-9]{1,8}[市县区]))?"
    r"(?P<county>[^市县区街镇乡路村]{1,7}(?:市(?!场)|县|区))?"
    rf"(?P<town>[^{_NOT_NAME}路巷弄村街镇乡]{{1,7}}(?:街道|镇|乡))?"
)
_VILLAGE = re.compile(
    rf"(?P<community>{_name('community', 10, '路街巷弄园')})?"
    rf"(?P<natural_village>{_name('natural_village', 8, '路街巷弄')})?"
)
_GROUP = re.compile(r"第?[0-9]+(?:村民小组|生产队|小组|组|队)(?=[0-9])")
_ZONE = re.compile(f"{_name('zone', 14, '路街巷弄')}|{_name('other_zone', 14, '路街巷弄')}")
_ROAD = re.compile(rf"(?:[0-9]+国道|[0-9]+省道|[^{_NOT_NAME}]{{1,12}}?(?:大道|大街|路|街|巷|弄|里|坊|线|胡同)(?:[0-9]路)?)(?=[0-9]|$|无号)")
_LANE = re.compile(r"[0-9]+弄(?:[0-9]+支弄)?")
_HOUSE = re.compile(r"[甲乙丙丁]?[0-9]+(?:-[0-9]+)*[A-Z]?号(?:[之附][0-9]+号?)?(?!楼|幢|宿舍|厂房|车间|教学)")
_BUILDING = re.compile(
    r"[A-Z]?[0-9]*[A-Z]?(?:幢|栋|座|号楼|号宿舍楼|号宿舍|号厂房|号车间|号教学楼)$|[A-Z]?[0-9]*[A-Z]?(?:幢|栋|座|号楼|号宿舍楼|号宿舍|号厂房|号车间|号教学楼)"
)
_UNIT = re.compile(r"[0-9A-Z]+单元")
_FLOOR = re.compile(r"(?:-|负|地下)?[0-9]+层")
_ROOM = re.compile(r"(?:店面|车库|储藏室)?[0-9A-Z][0-9A-Z-]*(?:室|号|户)?$")


def read_standard_text(text: str, level: str) -> list[str | None]:
    """Return the components of a standard address, one for each level; what cannot be told apart goes to `level` itself."""
    parts: list[str | None] = [None] * len(LEVELS)
    own = LEVELS.index(level)
    spelled = re.sub(r"[()]", "", normalise(text))
    rest = _read_divisions(spelled, parts, own)
    if own >= COMMUNITY:
        rest = _read_places(rest, parts, own)
    if own >= LANE:
        rest = _read_numbers(rest, parts, own)
    if rest and parts[own] is None:
        parts[own] = rest
    return parts


def _read_divisions(text: str, parts: list[str | None], own: int) -> str:
    match = _DIVISIONS.match(text)
    end = 0
    if match:
        for level in range(min(own, TOWN) + 1):
            value = match[LEVELS[level]]
            if value:
                parts[level] = value
                end = match.end(LEVELS[level])
    return text[end:]


def _read_places(text: str, parts: list[str | None], own: int) -> str:
    road = _ROAD.match(text)
    village = _VILLAGE.match(text)
    if village and village.end() and not (road and own >= ROAD and road.end() <= village.end()):
        for level in (COMMUNITY, NATURAL_VILLAGE):
            if level <= own and village[LEVELS[level]]:
                parts[level] = village[LEVELS[level]]
                text = text[len(parts[level] or "") :]
    group = _GROUP.match(text) if parts[COMMUNITY] and not parts[NATURAL_VILLAGE] else None
    if group and own > NATURAL_VILLAGE:
        parts[NATURAL_VILLAGE] = group.group()
        text = text[group.end() :]
    if own >= ZONE:
        zone = _ZONE.match(text)
        if zone:
            parts[ZONE] = zone.group()
            text = text[zone.end() :]
    if own >= ROAD:
        road = _ROAD.match(text)
        if road:
            parts[ROAD] = road.group()
            return text[road.end() :]
    if own >= HOUSE and (parts[COMMUNITY] or parts[NATURAL_VILLAGE]):
        hamlet = re.match(rf"[^{_NOT_NAME}]{{1,6}}(?=[0-9]+(?:-[0-9]+)?号)", text)
        if hamlet:
            parts[NATURAL_VILLAGE] = hamlet.group()
            return text[hamlet.end() :]
    return text


def _read_numbers(text: str, parts: list[str | None], own: int) -> str:
    for level, pattern in ((LANE, _LANE), (HOUSE, _HOUSE)):
        match = pattern.match(text)
        if match and level <= own:
            parts[level] = match.group()
            text = text[match.end() :]
    if own >= COMPOUND:
        text = _read_compound(text, parts, own)
    for level, pattern in zip(range(COMPOUND + 1, FLOOR + 1), (_BUILDING, _UNIT, _FLOOR), strict=True):
        match = pattern.match(text)
        if match and match.group() and level <= own:
            parts[level] = match.group()
            text = text[match.end() :]
    if own == ROOM and text and _ROOM.match(text):
        parts[ROOM] = text
        return ""
    return text


def _read_compound(text: str, parts: list[str | None], own: int) -> str:
    """A name up to the first building, unit, floor or room; phases such as 2期 belong to the name."""
    if own == COMPOUND:
        end = len(text)
    else:
        tail = re.search(
            r"[A-Z]?[0-9]*[A-Z]?(?:幢|栋|座|号楼|号宿舍楼|号宿舍|号厂房|号车间|号教学楼)|[0-9A-Z]+单元|-?[0-9]+层|(?:店面|车库|储藏室)?[0-9A-Z][0-9A-Z-]*(?:室|号|户)$",
            text,
        )
        end = tail.start() if tail else len(text)
    if end:
        parts[COMPOUND] = text[:end]
    return text[end:]
