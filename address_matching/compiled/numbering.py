"""Numbered parts in compiled code: the usual forms of numbers.py; the unusual ones are left to the careful reader."""

import numpy as np

from address_matching.compiled.codes import BARE, BAY, DASH, GROUP
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import WRITTEN, Characters, Memory
from address_matching.model import BUILDING, FLOOR, HOUSE, LANE, ROOM, UNIT

NO_NUMBER, UNUSUAL_NUMBER = -1, -2

_NOT_HOUSE = np.array([ord(character) for character in "楼幢宿厂车仓教工位摊铺柜档地之附间"], np.uint16)
_UNUSUAL_AFTER = np.array([ord(character) for character in "间公千米国省县附"], np.uint16)
_HAO, _DAN, _YUAN, _TI, _MEN, _NONG, _XIANG, _ZHI, _FU, _ZHI_OF, _TAO, _CHAN, _WU = (
    ord(character) for character in "号单元梯门弄巷支附之套产屋"
)
_CENG, _LOU, _FANG, _SHI, _HU, _CUN, _SHENG, _XIAO, _ZU, _DUI = (ord(character) for character in "层楼房室户村生小组队")
_HASH, _HYPHEN, _F, _G, _K, _S, _DOT = (ord(character) for character in "#-FGKS.")
_BUILDING_WORDS = np.array([ord(character) for character in "幢栋座"], np.uint16)
_ROOM_WORDS = np.array([ord(character) for character in "室房户套"], np.uint16)
_HOUSE_KINDS = np.array([ord(character) for character in "宿厂车仓教"], np.uint16)
_PREFIXES_OF_NUMBERS = np.array([ord(character) for character in "第负临暂旧原老甲乙丙丁底-"], np.uint16)
_STEMS = np.array([ord(character) for character in "甲乙丙丁"], np.uint16)
_PREFIX_WORDS = np.array([ord(character) for character in "下时编门"], np.uint16)
_SPECIAL = np.array([[ord(character) for character in pair] for pair in ("宿舍", "厂房", "车间", "仓库")], np.uint16)
_SHOP_WORDS = np.array(
    [[ord(character) for character in pair] for pair in ("店面", "车库", "商铺", "门面", "店铺", "门市", "储藏")], np.uint16
)
_ROOM_KINDS = np.array([[ord(character) for character in pair] for pair in ("店面", "车库")], np.uint16)
_STORE = np.array([[ord(character) for character in "储藏"]], np.uint16)
_PLACES_TO_SIT = np.array([[ord(character) for character in pair] for pair in ("工位", "卡座", "号位", "摊位", "铺位", "柜台")], np.uint16)
_GROUNDS = np.array([[ord(character) for character in pair] for pair in ("地块", "宗地")], np.uint16)
_STALL, _STAND = ord("摊"), ord("档")
_NOT_ROOM_SUFFIX = np.array([ord(character) for character in "幢栋座区"], np.uint16)


@compiled
def is_digit(character: int) -> bool:
    return 48 <= character <= 57


@compiled
def is_letter(character: int) -> bool:
    return 65 <= character <= 90


@compiled
def _any(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False


@compiled
def _at(text: Characters, at: int, length: int) -> int:
    return text[at] if at < length else 0


@compiled
def _pair_at(pairs: Characters, text: Characters, at: int, length: int) -> bool:
    if at + 1 >= length:
        return False
    for pair in range(len(pairs)):
        if pairs[pair, 0] == text[at] and pairs[pair, 1] == text[at + 1]:
            return True
    return False


@compiled
def _digits_end(text: Characters, at: int, length: int) -> int:
    while at < length and is_digit(text[at]):
        at += 1
    return at


@compiled
def _value_end(text: Characters, at: int, length: int) -> int:
    """End of a value, [A-Z]?[0-9]+[A-Z]?; `at` itself if there is none."""
    start = at
    if at < length and is_letter(text[at]):
        at += 1
    digits = _digits_end(text, at, length)
    if digits == at:
        return start
    return digits + 1 if digits < length and is_letter(text[digits]) else digits


@compiled
def _dashes_end(text: Characters, at: int, length: int) -> int:
    """End of (-[0-9]+)* from `at`."""
    while at + 1 < length and text[at] == _HYPHEN and is_digit(text[at + 1]):
        at = _digits_end(text, at + 1, length)
    return at


@compiled
def read_number(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    """Read the numbered part at memory.text[start:]: kind (a level, DASH, BARE, GROUP, BAY, or a negative word), end, and the compared value."""
    first = memory.text[start]
    if is_digit(first):
        return _from_digit(memory, start, length)
    if is_letter(first):
        return _from_letter(memory, start, length)
    following = _at(memory.text, start + 1, length)
    if is_digit(following) and _any(_STEMS, first):
        return _with_stem(memory, start, length)
    if is_digit(following) and first == ord("第"):
        return _counted(memory, start + 1, length)
    if _any(_PREFIXES_OF_NUMBERS, first) and (is_digit(following) or is_letter(following) or _any(_PREFIX_WORDS, following)):
        return UNUSUAL_NUMBER, start, 0, 0
    if first == ord("底") and following == _CENG:
        return UNUSUAL_NUMBER, start, 0, 0
    if first == ord("地") and following == ord("下"):
        return UNUSUAL_NUMBER, start, 0, 0
    shop = _shop_end(memory.text, start, length)
    if shop:
        return ROOM, shop + (1 if _at(memory.text, shop, length) == _HAO else 0), start, shop
    if _pair_at(_SHOP_WORDS, memory.text, start, length):
        at = start + 2
        while at < length and (memory.text[at] == ord("第") or memory.text[at] == _HYPHEN or memory.text[at] == ord("室")):
            at += 1
        if at < length and (is_digit(memory.text[at]) or is_letter(memory.text[at])):
            return UNUSUAL_NUMBER, start, 0, 0
    return NO_NUMBER, start, 0, 0


@compiled
def _with_stem(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    """甲3号, 乙12-1号."""
    end = _dashes_end(memory.text, _digits_end(memory.text, start + 1, length), length)
    if _at(memory.text, end, length) != _HAO:
        return UNUSUAL_NUMBER, start, 0, 0
    return _plate(memory, start, end, length)


@compiled
def _counted(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    """第2单元, 第3间, 第4-6间; others counted so are left to the careful reader."""
    digits = _digits_end(memory.text, start, length)
    last = digits
    while _at(memory.text, last, length) == _HYPHEN and is_digit(_at(memory.text, last + 1, length)):
        last = _digits_end(memory.text, last + 1, length)
    if _at(memory.text, last, length) == ord("间"):
        digits = last
    word, following = _at(memory.text, digits, length), _at(memory.text, digits + 1, length)
    if word == _DAN and following == _YUAN and digits - start <= 2:
        return UNIT, digits + 2, start, digits
    if word == ord("间"):
        shop = following == ord("店") or following == ord("门")
        return BAY, digits + (3 if shop and _at(memory.text, digits + 2, length) == ord("面") else 1), start, digits
    group = _group_end(memory.text, digits, length)
    if group:
        return GROUP, group, start, digits
    return UNUSUAL_NUMBER, start, 0, 0


@compiled
def _shop_end(text: Characters, start: int, length: int) -> int:
    """End of 店面8, 车库8 or 储藏室8, whose value is as written; 0 for none."""
    at = start + 2 if _pair_at(_ROOM_KINDS, text, start, length) else 0
    if _pair_at(_STORE, text, start, length) and _at(text, start + 2, length) == _SHI:
        at = start + 3
    digits = _digits_end(text, at, length) if at else 0
    following = _at(text, digits, length)
    plain = digits > at and following != _HYPHEN and not is_letter(following) and not _any(_ROOM_WORDS, following)
    return digits if at and plain else 0


@compiled
def _from_digit(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    digits = _digits_end(memory.text, start, length)
    size = digits - start
    word = _at(memory.text, digits, length)
    following = _at(memory.text, digits + 1, length)
    if word == _HAO and _pair_at(_SHOP_WORDS, memory.text, digits + 1, length):
        return UNUSUAL_NUMBER, start, 0, 0
    if word == _HAO and size <= 5 and (following == 0 or (0x4E00 <= following <= 0x9FFF and not _any(_NOT_HOUSE, following))):
        return HOUSE, digits + 1, start, digits
    if (word == _BUILDING_WORDS[0] or word == _BUILDING_WORDS[1]) and size <= 3:
        return BUILDING, digits + 1, start, digits
    if word == _DAN and following == _YUAN:
        return (UNIT, digits + 2, start, digits) if size <= 2 else (UNUSUAL_NUMBER, start, 0, 0)
    if word == _TI:
        return (UNIT, digits + 1, start, digits) if size <= 2 else (UNUSUAL_NUMBER, start, 0, 0)
    seat = _seat_end(memory.text, start, length)
    if seat:
        return BAY, seat, start, digits
    if word == _SHI and 3 <= size <= 4 and (following == 0 or 0x4E00 <= following <= 0x9FFF):
        return ROOM, digits + 1, start, digits
    if word == _MEN and size == 1 and (following == 0 or is_digit(following)):
        return UNIT, digits + 1, start, digits
    if _any(_UNUSUAL_AFTER, word) or word in (_DOT, _K) or (word == _MEN and size == 1):
        return UNUSUAL_NUMBER, start, 0, 0
    group = _group_end(memory.text, digits, length)
    if group:
        return GROUP, group, start, digits
    if word in (_NONG, _XIANG):
        return _lane(memory.text, start, digits + 1, length)
    if word in (_CENG, _LOU) or (word == _F and not is_digit(following) and not is_letter(following)):
        return FLOOR, digits + 1, start, digits
    return _from_value(memory, start, length)


@compiled
def _from_letter(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    following = _at(memory.text, start + 1, length)
    if _any(_BUILDING_WORDS, following) or following in (_LOU, _HASH):
        return BUILDING, start + 2, start, start + 1
    if following == _HAO and (_at(memory.text, start + 2, length) == _LOU):
        return BUILDING, start + 3, start, start + 1
    seat = _seat_end(memory.text, start + (2 if following == ord("区") else 1), length)
    if seat:
        return BAY, seat, start, start + 1
    if not is_digit(following):
        return UNUSUAL_NUMBER, start, 0, 0
    digits = _digits_end(memory.text, start + 1, length)
    word = _at(memory.text, digits, length)
    if word in (_CENG, _LOU, _F, _DOT) or _any(_UNUSUAL_AFTER, word):
        return UNUSUAL_NUMBER, start, 0, 0
    return _from_value(memory, start, length)


@compiled
def _seat_end(text: Characters, at: int, length: int) -> int:
    """End of a seat or stall (8号工位, 15卡座) whose digits stand at text[at:], 0 for none."""
    end = _dashes_end(text, _digits_end(text, at, length), length)
    if end == at:
        return 0
    if _pair_at(_PLACES_TO_SIT, text, end, length):
        return end + 2
    if _at(text, end, length) == _HAO:
        end += 1
    if _pair_at(_PLACES_TO_SIT, text, end, length):
        return end + 2
    return end + 1 if _at(text, end, length) in (_STALL, _STAND) else 0


@compiled
def _group_end(text: Characters, at: int, length: int) -> int:
    """End of 村民小组, 生产队, 小组, 组 or 队 at text[at:], 0 for none."""
    word = _at(text, at, length)
    if word in (_ZU, _DUI):
        return at + 1
    if word == _XIAO and _at(text, at + 1, length) == _ZU:
        return at + 2
    if word == _CUN and _at(text, at + 2, length) == _XIAO and _at(text, at + 3, length) == _ZU:
        return at + 4
    if word == _SHENG and _at(text, at + 2, length) == _DUI:
        return at + 3
    return 0


@compiled
def _lane(text: Characters, start: int, end: int, length: int) -> tuple[int, int, int, int]:
    """12弄, or 12弄3支弄; 巷 after a number is left to the careful reader, for it is spelt 弄."""
    if text[end - 1] == _XIANG:
        return UNUSUAL_NUMBER, start, 0, 0
    digits = _digits_end(text, end, length)
    if digits > end and _at(text, digits, length) == _ZHI:
        following = _at(text, digits + 1, length)
        if following == _XIANG:
            return UNUSUAL_NUMBER, start, 0, 0
        if following == _NONG:
            return LANE, digits + 2, start, digits + 2
    return LANE, end, start, end


@compiled
def _from_value(memory: Memory, start: int, length: int) -> tuple[int, int, int, int]:
    """Forms that begin with [A-Z]?[0-9]+[A-Z]?: buildings, plates with sub-numbers, rooms, dashes, bare values."""
    end = _value_end(memory.text, start, length)
    dashed = _dashes_end(memory.text, end, length)
    seat = dashed + 1 if _at(memory.text, dashed, length) == _HAO else dashed
    if _pair_at(_GROUNDS, memory.text, dashed, length) or _pair_at(_GROUNDS, memory.text, seat, length):
        return UNUSUAL_NUMBER, start, 0, 0
    if _pair_at(_PLACES_TO_SIT, memory.text, dashed, length) or _pair_at(_PLACES_TO_SIT, memory.text, seat, length):
        return UNUSUAL_NUMBER, start, 0, 0
    if _at(memory.text, seat, length) in (_STALL, _STAND):
        return UNUSUAL_NUMBER, start, 0, 0
    kind, stop, value_start, value_end = _building(memory, start, end, dashed, length)
    if kind != NO_NUMBER:
        return kind, stop, value_start, value_end
    word = _at(memory.text, dashed, length)
    if word in (_CENG, _LOU, _NONG, _XIANG, _DAN, _TI) or _any(_UNUSUAL_AFTER, word):
        return UNUSUAL_NUMBER, start, 0, 0
    if word == _HAO and not is_letter(memory.text[start]):
        return _plate(memory, start, dashed, length)
    return _room_or_dash(memory.text, start, end, length)


@compiled
def _building(memory: Memory, start: int, end: int, dashed: int, length: int) -> tuple[int, int, int, int]:
    for value_end in (dashed, end):
        word, following = _at(memory.text, value_end, length), _at(memory.text, value_end + 1, length)
        if value_end == dashed and dashed > end and _digits_end(memory.text, end + 1, length) != dashed:
            continue
        if word == _HAO and _any(_HOUSE_KINDS, following):
            return _special_building(memory, start, value_end, length)
        if _any(_BUILDING_WORDS, word):
            return BUILDING, value_end + 1, start, value_end
        if word == _HAO and (following == _LOU or following == _BUILDING_WORDS[0]):
            return BUILDING, value_end + 2, start, value_end
        if word == _HASH:
            return BUILDING, value_end + (2 if following == _LOU else 1), start, value_end
    return NO_NUMBER, start, start, start


@compiled
def _special_building(memory: Memory, start: int, value_end: int, length: int) -> tuple[int, int, int, int]:
    """3号宿舍楼, 2号厂房: the value (3宿舍楼) is written behind the text."""
    at = value_end + 1
    end = at
    if _pair_at(_SPECIAL, memory.text, at, length):
        end = at + 2
        if end < length and memory.text[end] == _LOU and memory.text[at] == ord("宿"):
            end += 1
    elif memory.text[at] == ord("教") and _at(memory.text, at + 1, length) == ord("学") and _at(memory.text, at + 2, length) == _LOU:
        end = at + 3
    if end == at:
        return UNUSUAL_NUMBER, start, 0, 0
    first = memory.work[WRITTEN]
    written = first
    for position in range(start, value_end):
        memory.text[written] = memory.text[position]
        written += 1
    for position in range(at, end):
        memory.text[written] = memory.text[position]
        written += 1
    memory.work[WRITTEN] = written
    return BUILDING, end, first, written


@compiled
def _sub_plate(memory: Memory, start: int, end: int, last: int) -> tuple[int, int]:
    """Write 36-1 for 36号附1 behind the text."""
    first = memory.work[WRITTEN]
    written = first
    for position in range(start, last):
        if position < end or position > end + 1:
            memory.text[written] = memory.text[position]
            written += 1
        elif position == end:
            memory.text[written] = _HYPHEN
            written += 1
    memory.work[WRITTEN] = written
    return first, written


@compiled
def _plate(memory: Memory, start: int, end: int, length: int) -> tuple[int, int, int, int]:
    """A plate such as 36-1号, 36号附1 or 36号之1; those with a dash or letter behind 号 are left to the careful reader."""
    following = _at(memory.text, end + 1, length)
    if following in (_ZHI_OF, _FU):
        digits = _digits_end(memory.text, end + 2, length)
        if digits == end + 2:
            return HOUSE, end + 1, start, end
        if digits - end > 6:
            return UNUSUAL_NUMBER, start, 0, 0
        first, written = _sub_plate(memory, start, end, digits)
        return HOUSE, digits + (1 if _at(memory.text, digits, length) == _HAO else 0), first, written
    if following == _HYPHEN or is_letter(following) or _pair_at(_SHOP_WORDS, memory.text, end + 1, length):
        return UNUSUAL_NUMBER, start, 0, 0
    return HOUSE, end + 1, start, end


@compiled
def _room_or_dash(text: Characters, start: int, end: int, length: int) -> tuple[int, int, int, int]:
    stop = end
    parts = 1
    while stop + 1 < length and text[stop] == _HYPHEN:
        part = _value_end(text, stop + 1, length)
        if part == stop + 1:
            break
        stop = part
        parts += 1
    word, following = _at(text, stop, length), _at(text, stop + 1, length)
    if word == _HASH:
        return UNUSUAL_NUMBER, start, 0, 0
    if _any(_ROOM_WORDS, word) and not (word == _FANG and (following in (_CHAN, _WU))):
        if following in (_HYPHEN, _HAO):
            return UNUSUAL_NUMBER, start, 0, 0
        return ROOM, stop + 1, start, stop
    if word == _HYPHEN:
        return UNUSUAL_NUMBER, start, 0, 0
    if parts > 1:
        return DASH, stop, start, stop
    if is_letter(word):
        return UNUSUAL_NUMBER, start, 0, 0
    return BARE, stop, start, stop
