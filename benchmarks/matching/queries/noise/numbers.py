"""Numbered parts: how they are put on paper, wrong ones, ranges, sub-numbers."""

import re

from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.numerals import FULL_WIDTH, chinese, digit_by_digit
from benchmarks.matching.queries.writing import NUMBERED, Writing

_PLAIN_BUILDING = re.compile(r"([0-9A-Z]+)(?:幢|栋|座|号楼)")
_PLAIN_ROOM = re.compile(r"([0-9]{3,4})室")


def _digits(writing: Writing, level: str, pattern: str) -> str:
    match = re.fullmatch(pattern, writing.parts.get(level, "")) if level not in writing.forms else None
    return match[1] if match else ""


@noise("building_word")
def building_word(writing: Writing) -> bool:
    digits = _digits(writing, "building", r"([0-9]+)(?:幢|栋|号楼)")
    if not digits:
        return False
    writing.forms["building"] = digits + writing.rng.choice(["#", "栋", "号楼", "幢", "#楼", "号幢"])
    return writing.forms["building"] != writing.parts["building"]


@noise("number_word_missing")
def number_word_missing(writing: Writing) -> bool:
    """安阳路553新世纪花园."""
    digits = _digits(writing, "house", r"([0-9]+)号")
    if not digits or not writing.has("road") or (not writing.has("compound") and writing.deepest() != "house"):
        return False
    writing.forms["house"] = digits
    return True


@noise("room_word_missing")
def room_word_missing(writing: Writing) -> bool:
    digits = _digits(writing, "room", r"([0-9]{3,4})室")
    if not digits or (not writing.has("building") and not writing.has("compound")):
        return False
    writing.forms["room"] = digits
    return True


@noise("room_word")
def room_word(writing: Writing) -> bool:
    digits = _digits(writing, "room", r"([0-9]{3,4})室")
    if not digits:
        return False
    writing.forms["room"] = digits + writing.rng.choice(["房", "户", "号", "房间", "套"][:4])
    return writing.has("building") or writing.has("compound")


@noise("unit_word")
def unit_word(writing: Writing) -> bool:
    digits = _digits(writing, "unit", r"([0-9]+)单元")
    if not digits:
        return False
    writing.forms["unit"] = writing.rng.choice([f"{digits}梯", f"{chinese(int(digits))}单元", f"第{digits}单元", f"{digits}门"])
    return True


@noise("floor_and_room")
def floor_and_room(writing: Writing) -> bool:
    digits = _digits(writing, "room", r"([0-9]{3,4})室")
    if not digits or not (writing.has("compound") or writing.has("building")):
        return False
    floor, door = int(digits[:-2]), digits[-2:]
    writing.forms["room"] = writing.rng.choice([f"{floor}层{digits}室", f"{floor}楼{digits}室", f"{floor}楼{digits}", f"{floor}层{door}室"])
    return True


@noise("floor_in_chinese")
def floor_in_chinese(writing: Writing) -> bool:
    digits = _digits(writing, "room", r"([0-9]{3,4})室")
    if not digits or not (writing.has("compound") or writing.has("building")):
        return False
    writing.forms["room"] = f"{chinese(int(digits[:-2]))}{writing.rng.choice('层楼')}{digits[-2:]}室"
    return True


@noise("dashes")
def dashes(writing: Writing) -> bool:
    """3-2-502 for 3幢2单元502室, 3-502 for 3幢502室."""
    building = _digits(writing, "building", r"([0-9]+)(?:幢|栋|号楼)")
    room = _digits(writing, "room", r"([0-9]{3,4})室")
    if not building or not room or not writing.has("compound") or writing.forms.get("unit"):
        return False
    unit = writing.parts.get("unit", "").removesuffix("单元")
    joint = writing.rng.choice(["-", "-", "-", "#"]) if not unit else "-"
    writing.forms["building"] = joint.join(part for part in (building, unit, room) if part)
    writing.forms["room"] = writing.forms["unit"] = ""
    return True


@noise("chinese_numerals")
def chinese_numerals(writing: Writing) -> bool:
    changed = False
    for level in ("house", "building", "unit"):
        match = re.fullmatch(r"([0-9]+)(号|幢|栋|号楼|单元)", writing.parts.get(level, ""))
        if match and level not in writing.forms:
            number = int(match[1])
            written = digit_by_digit(match[1]) if number > 100 and writing.rng.random() < 0.4 else chinese(number)
            writing.forms[level] = written + match[2]
            changed = True
    return changed


@noise("full_width")
def full_width(writing: Writing) -> bool:
    if writing.text is not None:
        return False
    before = writing.render()
    writing.text = before.translate(FULL_WIDTH)
    return writing.text != before


@noise("letters_for_digits")
def letters_for_digits(writing: Writing) -> bool:
    """5O2室, l203室."""
    digits = _digits(writing, "room", r"([0-9]{3,4})室")
    if "0" not in digits and "1" not in digits:
        return False
    writing.forms["room"] = (digits.replace("0", "O") if "0" in digits and writing.rng.random() < 0.7 else digits.replace("1", "l")) + "室"
    return True


@noise("sub_number")
def sub_number(writing: Writing) -> bool:
    """36-1号 as 36号之1, 36号附1, 36之一号."""
    match = re.fullmatch(r"([0-9]+)-([0-9]+)号", writing.parts.get("house", ""))
    if not match or "house" in writing.forms:
        return False
    main, sub = match[1], match[2]
    forms = [f"{main}号之{chinese(int(sub))}", f"{main}号附{sub}号"]
    if writing.deepest() == "house":
        forms += [f"{main}号之{sub}", f"{main}号-{sub}", f"{main}号附{sub}"]
    writing.forms["house"] = writing.rng.choice(forms)
    return True


@noise("range")
def number_range(writing: Writing) -> bool:
    """文昌路12-16号; the first number is the main one."""
    digits = _digits(writing, "house", r"([0-9]+)号")
    library = writing.world.library
    if not digits or writing.deepest() != "house" or not writing.has("road"):
        return False
    way, number = int(library.parent[writing.node]), int(digits)
    rng = writing.rng
    if rng.random() < 0.6:
        last = number + 2 * rng.randint(1, 3)
        written = f"{number}-{last}号"
        if library.child(way, library.label_of("house", written)) >= 0:
            return False
    else:
        last = number + 2
        written = f"{number}{rng.choice('、,，')}{last}号"
    if library.child(way, library.label_of("house", f"{last}号")) < 0:
        return False
    writing.forms["house"] = written
    return True


@noise("wrong_digit")
def wrong_digit(writing: Writing) -> bool:
    """A digit changed or two exchanged, so that no such number is in the library: what it lay in remains right."""
    level = next((level for level in reversed(NUMBERED) if writing.parts.get(level)), "")
    if (
        not level
        or writing.deepest() != level
        or level in writing.forms
        or level in ("lane", "unit", "floor")
        or "-" in writing.parts[level]
    ):
        return False
    value = writing.parts[level]
    digits = re.search(r"[0-9]+", value)
    if not digits or (level != "house" and writing.rng.random() < 0.5):
        return False
    number, rng = digits.group(), writing.rng
    place = rng.randrange(len(number))
    wrong = number[:place] + rng.choice([digit for digit in "123456789" if digit != number[place]]) + number[place + 1 :]
    if len(number) > 1 and rng.random() < 0.4:
        wrong = number[:-2] + number[-1] + number[-2]
    if wrong == number or wrong.startswith("0"):
        return False
    writing.parts[level] = value[: digits.start()] + wrong + value[digits.end() :]
    return _to_parent(writing, level)


@noise("room_unknown")
def room_unknown(writing: Writing) -> bool:
    """A flat the library does not have: its building is right."""
    match = re.fullmatch(r"([0-9]{1,2})([0-9]{2})室", writing.parts.get("room", ""))
    if not match or "room" in writing.forms or not (writing.has("building") or writing.has("compound")):
        return False
    writing.parts["room"] = (
        f"{match[1]}{writing.rng.randint(20, 39)}室" if writing.rng.random() < 0.5 else f"{int(match[1]) + 30}{match[2]}室"
    )
    return _to_parent(writing, "room")


def _to_parent(writing: Writing, level: str) -> bool:
    """Set the truth to the node above the one whose number is not in the library."""
    library = writing.world.library
    parent = int(library.parent[writing.node])
    if level in ("building", "room") and library.child(parent, library.label_of(level, writing.parts[level])) >= 0:
        return False
    writing.truth = parent
    return True


@noise("unit_missing")
def unit_missing(writing: Writing) -> bool:
    """The unit is left out: with one unit that has the room it is meant, with several the building is right."""
    if not writing.has("unit", "room", "building") or "unit" in writing.forms:
        return False
    library = writing.world.library
    building = library.ancestor(writing.node, "building")
    rooms = [library.child(unit, int(library.label[writing.node])) for unit in library.children(building, "unit")]
    rooms = [room for room in rooms if room >= 0]
    writing.drop("unit")
    if len(rooms) > 1:
        writing.truth = building
        writing.unread.add("room")
    return True
