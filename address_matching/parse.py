"""From a normalised text to the places it names: brackets, tokens, then one place for each address in the text."""

import re
from dataclasses import replace
from typing import NamedTuple

from address_matching.fuzzy import FuzzyNames, is_syllable
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, TOWN, ZONE
from address_matching.numbers import Number
from address_matching.place import Place
from address_matching.scan import scan
from address_matching.tokens import (
    GAP,
    MARK,
    NAME,
    NUMBER,
    OUTSIDE,
    SEPARATOR,
    SEVERAL,
    STEMS,
    WORD_TOKEN,
    Name,
    Sense,
    Token,
    named,
    prefer_valid,
)
from address_matching.vocabulary import Vocabulary
from address_matching.words import directions, landmarks, suffixes

_BRACKET = re.compile(r"\(([^()]*)\)")
_KEPT_IN_BRACKETS = re.compile(r"(?:[0-9]+|[东西南北A-Z])(?:期|区|组团)|[0-9A-Z-]+(?:室|幢|号楼|单元|层)+")
_BOUNDS = re.compile(r"东[至到临].+南[至到临]|南[至到临].+西[至到临]")
_LANDMARKS = landmarks()
_PAST = ("原", "旧", "曾", "老", "现")
_SPELLED_OUT = re.compile(r"(?:(?<=[\u4e00-\u9fff])|^)[A-Z]{2,6}(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[A-Z]{2,6}(?=[街镇乡村])")
_BOUND_WORDS = re.compile(r"[东南西北][至到临]")
_OUTSIDE = re.compile(r"(?:[^省市县区]{2,3}省)?[^省市县区镇乡街路村0-9]{2,4}(?:市(?![场政区民心郊])|县(?![前城府中衙]))")
_DETAIL = re.compile(r"(?:第?[0-9]+(?:层|楼)?)?(?:大厅|[东西南北正后前大]门|门口|内|里|侧|首|边|面|头|段|代收)*")
_DIRECTIONS = directions()
_ROAD_ENDS = suffixes("road")
_COMPOUND_ENDS = suffixes("compound")
_COMMUNITY_ENDS = tuple(suffix for suffix in suffixes("community") if len(suffix) > 1 or suffix == "村")
_ORGANISATIONS = suffixes("organisation")
_PLACE_NUMBERS = frozenset(("lane", "house", "building", "unit", "floor", "room", "dash", "bare"))


class Parsed(NamedTuple):
    """The places of a text in their order, and whether the text describes bounds (四至) instead of a place."""

    places: list[Place]
    bounds: bool


def parse(text: str, vocabulary: Vocabulary, fuzzy: FuzzyNames, day: int | None) -> Parsed:
    """Parse a normalised text; `day` (days since 1970) is the date it is from, None if unknown."""
    plain, notes = _open_brackets(_SPELLED_OUT.sub(_wildcard, text))
    bounds = bool(_BOUNDS.search(plain))
    if bounds:
        plain = _BOUND_WORDS.sub(";", plain)
    reader = _Reader(scan(plain, vocabulary), vocabulary, fuzzy, day)
    reader.read()
    places = [place for place in reader.places if not place.is_empty() or place.before or place.after]
    if places and notes:
        places[0].faults.append("bracket_ignored")
        _use_notes(places[0], notes, vocabulary, day)
    return Parsed(places, bounds)


def _wildcard(match: re.Match[str]) -> str:
    """A character written as its sound (马yu镇) is one that cannot be read; FLOOR, KTV and the like are no sounds."""
    return "?" if is_syllable(match.group().lower()) else match.group()


def _open_brackets(text: str) -> tuple[str, list[str]]:
    """Take notes in brackets out of a text; what belongs to a name or number (二期, 502室) stays."""
    if "(" not in text and ")" not in text:
        return text, []
    notes: list[str] = []

    def take(match: re.Match[str]) -> str:
        inner = match[1]
        if _KEPT_IN_BRACKETS.fullmatch(inner):
            return inner
        notes.append(inner)
        return ""

    plain = _BRACKET.sub(take, text)
    rest = plain.replace("(", "").replace(")", "")
    return (rest, notes) if rest else (text.replace("(", "").replace(")", ""), [])


def _use_notes(place: Place, notes: list[str], vocabulary: Vocabulary, day: int | None) -> None:
    """A note that names a town or community says where the place is, unless it tells of the past or of something near."""
    for note in notes:
        tokens = scan(note, vocabulary)
        if note.startswith(_PAST) or any(token.value == "relative" for token in tokens):
            continue
        for token in tokens:
            if token.kind == NAME and not token.stem:
                _use_note(place, token, day)


def _use_note(place: Place, token: Token, day: int | None) -> None:
    for level in (TOWN, COMMUNITY):
        senses = [sense for sense in token.senses if sense.kind == level]
        if senses and level == TOWN and place.towns is None:
            place.towns = named(token.text, prefer_valid(senses, day))
        elif senses and level == COMMUNITY and place.communities is None:
            place.communities = named(token.text, prefer_valid(senses, day))


def _misspelt(text: str, senses: tuple[Sense, ...], fault: str) -> Token:
    levels = {sense.kind for sense in senses}
    return Token(NAME, text, fault, senses=senses, level=levels.pop() if len(levels) == 1 else SEVERAL)


class _Reader:
    """Walks over the tokens once and fills places."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, fuzzy: FuzzyNames, day: int | None) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.fuzzy = fuzzy
        self.day = day
        self.place = Place(dated=day is not None)
        self.places = [self.place]
        self.at = 0
        self.joined = False
        self.gap_before = ""
        self.last_kind = ""

    def read(self) -> None:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == NAME:
                self._name(token)
            elif token.kind == NUMBER:
                self._number(token)
            elif token.kind == GAP:
                self._gap(token.text)
            elif token.kind == WORD_TOKEN:
                self._word(token)
            elif token.kind == SEPARATOR:
                self._new_place()
            else:
                self.joined = self.joined or token.text in ",、/"
            self.at += 1
        if self.tokens and self.tokens[-1].value == "bare":
            self.place.open_end = True

    def _next(self) -> Token | None:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None

    def _new_place(self) -> None:
        """Begin another address; it keeps the town of the one before until it names its own."""
        if self.place.is_empty() and not self.place.before:
            return
        self.place = Place(towns=self.place.towns, division=self.place.division, inherited=True, dated=self.place.dated)
        self.places.append(self.place)
        self.joined = False
        self.gap_before = ""

    # -- names

    def _name(self, token: Token) -> None:
        """A word of the vocabulary; what it means here depends on what was read before."""
        if token.name is not None:
            kind, name = token.level, token.name
        else:
            kind, name = self._choose(token)
        late = kind == COMMUNITY and self.place.is_complete() and not self.joined
        if (token.stem or late) and self._begins_longer_name(kind, name):
            return
        self._take(kind, name, token.stem)

    def _begins_longer_name(self, kind: int, name: Name) -> bool:
        """A stem may be the beginning of a name the library lacks; then give it to the gap or word behind it."""
        place, following = self.place, self._next()
        if following is None:
            if place.is_complete():
                self._classify(name.text, None)
            return place.is_complete()
        inside_town = place.towns is not None and kind != TOWN
        contradicts = kind == TOWN and place.towns is not None and not name.nodes.keys() & place.towns.nodes.keys()
        if following.kind == WORD_TOKEN and following.value in ("zone", "overlay") and (inside_town or contradicts):
            self._area_word(name.text, following)
            return True
        if following.kind != GAP:
            return False
        beginning = kind == COMMUNITY and (
            len(following.text) < 3 or following.text[0] in _DIRECTIONS or not following.text.endswith(_ROAD_ENDS)
        )
        landmark = following.text.startswith(_LANDMARKS)
        if place.is_complete() or contradicts or beginning or landmark:
            self.tokens[self.at + 1] = following._replace(text=name.text + following.text)
            return True
        return False

    def _area_word(self, text: str, word: Token) -> None:
        """A zone or overlay the library lacks, its name before the generic word."""
        if word.value == "zone":
            self.place.unknown_zone = text + word.text
        else:
            self.place.faults.append("overlay_ignored")
        self.at += 1
        self.last_kind = "word"

    def _take(self, kind: int, name: Name, stem: bool) -> None:
        if 0 <= kind < TOWN:
            self.place.division = True
            self.gap_before = ""
            self.last_kind = "name"
            return
        if kind >= TOWN and self._begins_another(kind, stem):
            self._new_place()
        if kind == OUTSIDE:
            self._outside(name.text)
        elif kind == TOWN:
            self._town(name)
        elif kind == COMMUNITY:
            self._community(name, stem)
        elif kind == NATURAL_VILLAGE:
            self.place.naturals = self.place.naturals or name
        elif kind == ZONE:
            self.place.zones = self.place.zones or name
        elif kind == ROAD:
            self._road(name)
        else:
            self._compound(name)
        if kind > TOWN:
            self.place.plain.append(name.text)
        self.joined = False
        self.gap_before = ""
        self.last_kind = "name"

    def _choose(self, token: Token) -> tuple[int, Name]:
        """Pick the kind a word has here, and its senses of that kind that are in force."""
        kind = token.level
        if kind == SEVERAL:
            place = self.place
            preference = [COMPOUND, ROAD] if place.before else [ROAD, COMPOUND]
            if place.towns is None:
                preference = [TOWN, *preference]
            order = [OUTSIDE, *range(TOWN), *preference, COMMUNITY, NATURAL_VILLAGE, ZONE, TOWN, ROAD, COMPOUND]
            # Before a town is named, the short name of a division above it is that division: 瑞安安阳街道, also where a firm is called 瑞安.
            heads = place.towns is None and not place.before
            plain = {sense.kind for sense in token.senses if sense.how not in STEMS or (heads and 0 <= sense.kind < TOWN)}
            kinds = plain or {sense.kind for sense in token.senses}
            kind = next(kind for kind in order if kind in kinds)
        senses = [sense for sense in token.senses if sense.kind == kind]
        return kind, named(token.text, prefer_valid(senses, self.day), token.value)

    def _begins_another(self, kind: int, stem: bool) -> bool:
        place = self.place
        if not place.is_complete() or stem:
            return False
        if kind == ROAD and place.roads and place.before and not place.junction:
            following = self._next()
            return self.joined or (following is not None and following.value == "house")
        return self.joined and kind in (TOWN, COMMUNITY, ROAD, COMPOUND, ZONE) and not (kind == ROAD and not place.roads)

    def _outside(self, text: str) -> None:
        if not (self.place.towns or self.place.has_place()) and not self.place.outside:
            self.place.outside = text

    def _town(self, name: Name) -> None:
        place = self.place
        if place.towns is None or place.inherited:
            place.towns = name
            place.inherited = False
            return
        common = {node: fault for node, fault in name.nodes.items() if node in place.towns.nodes}
        if common:
            place.towns = Name(place.towns.text, common)
        elif not place.is_complete():
            place.towns = Name(name.text, place.towns.nodes | name.nodes)
            place.faults.append("town_disagree")

    def _community(self, name: Name, stem: bool) -> None:
        place = self.place
        if stem and (place.is_complete() or place.roads):
            return
        if place.communities is None or not stem:
            place.communities = name

    def _road(self, name: Name) -> None:
        place = self.place
        if self.gap_before:
            self._unread(self.gap_before + name.text, ROAD)
            return
        if place.roads and (place.before or place.compound):
            place.faults.append("noise_ignored")
            return
        if not place.roads and place.before and not place.has_place():
            place.faults.append("reversed")
        place.roads.append(name)

    def _compound(self, name: Name) -> None:
        place = self.place
        if self.gap_before and not place.before:
            self._unread(self.gap_before + name.text, COMPOUND)
            return
        if place.compound is None or not place.after:
            place.compound = name
        else:
            place.faults.append("noise_ignored")

    def _unread(self, text: str, kind: int) -> None:
        """A known name with something unknown before it is another name, unless the whole is a misspelt one."""
        found = self.fuzzy.recognise(text)
        self.gap_before = ""
        senses = [sense for sense in found.senses if sense.kind == kind] if found else []
        if found and senses and (found.start, found.end) == (0, len(text)):
            self._take(kind, named(text, senses, found.fault), False)
            return
        self.place.faults.append("unread_prefix")
        if kind == ROAD:
            self.place.unknown_road = text
        else:
            self.place.unknown_compound = text

    # -- numbers

    def _number(self, token: Token) -> None:
        place = self.place
        kind = token.value
        if kind in _PLACE_NUMBERS:
            self._place_number(Number(kind, token.number, 0))
        elif kind == "group":
            place.group = token.number
        elif kind == "bay":
            place.faults.append("bay_ignored")
        elif kind in ("parcel", "milestone"):
            place.parcel = True
        elif kind == "no_number":
            place.no_number = True
        elif kind == "old_number":
            place.old_number = token.number
        elif kind == "highway":
            place.unknown_road = place.unknown_road or token.text
        else:
            place.relative = place.relative or not (place.before or place.after)
        self.last_kind = "number"
        self.gap_before = ""
        self.place.plain.append(token.text)

    def _place_number(self, number: Number) -> None:
        place = self.place
        target = place.after if place.compound or place.unknown_compound else place.before
        if number.kind == "house" and not place.roads and not place.before and self._road_follows():
            place.before.append(number)
            return
        if len(place.roads) > 1 and not place.before and not place.junction:
            place.roads.insert(0, place.roads.pop())
        if self.joined and target and self.last_kind == "number":
            previous = target[-1]
            if previous.kind == "bare" and number.kind != "bare":
                target[-1] = previous = Number(number.kind, previous.value, 0)
            if previous.kind == number.kind:
                place.others.append(number)
                self.joined = False
                return
            if any(number.kind == other.kind for other in target):
                place.faults.append("accessory_ignored")
                self.joined = False
                return
        self.joined = False
        if number.kind == "dash" and place.after and place.after[-1].kind == "room":
            place.faults.append("bay_ignored")
            return
        target.append(number)

    def _road_follows(self) -> bool:
        """Whether the text is written from small to large: 66号翠微坊塘下镇."""
        following = self._next()
        return following is not None and following.kind == NAME and following.level == ROAD

    # -- words and gaps

    def _word(self, token: Token) -> None:
        role, place = token.value, self.place
        self.gap_before = ""
        if role == "joint":
            self.joined = True
            return
        if role == "relative":
            self._relative()
        elif role == "junction":
            if place.roads:
                place.junction = True
                place.relative = len(place.roads) < 2 and not place.before
        elif role == "no_number":
            place.no_number = True
        elif role == "overlay":
            place.faults.append("overlay_ignored")
        elif role == "zone":
            place.unknown_zone = token.text
        elif role == "below_ground":
            self._place_number(Number("floor", "-1", 0))
        elif role == "accessory":
            self._skip_rest()
        elif role == "separator":
            self._new_place()
        elif role == "construction":
            place.relative = True
        self.last_kind = "word"

    def _relative(self) -> None:
        """Something near the last name; where a plate stands before that name, the plate is the place."""
        place = self.place
        if place.roads and place.before and (place.compound or place.unknown_compound) and not place.after:
            place.compound = None
            place.unknown_compound = ""
            place.faults.append("noise_ignored")
        else:
            place.relative = True

    def _skip_rest(self) -> None:
        self.place.faults.append("accessory_ignored")
        while self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind != SEPARATOR:
            self.at += 1

    def _gap(self, text: str) -> None:
        place, following = self.place, self._next()
        if text.endswith(_ORGANISATIONS) and not place.is_complete() and following is not None:
            self._forget_names()
            return
        if following is not None and following.kind == WORD_TOKEN and following.value in ("zone", "overlay"):
            self._area_word(text, following)
            return
        if text.endswith("片") and following is not None and following.kind == NAME:
            place.faults.append("overlay_ignored")
            return
        if self.last_kind == "name" and ((text in _ROAD_ENDS and place.roads) or (text in _COMPOUND_ENDS and place.compound)):
            place.faults.append("suffix")
            return
        if following is not None and following.kind == MARK and place.is_empty():
            place.faults.append("noise_ignored")
            return
        if self._before_division(following):
            place.faults.append("noise_ignored")
            return
        self._unknown(text, following)

    def _before_division(self, following: Token | None) -> bool:
        """Whether a gap stands before the first division of a place, as a person's name would."""
        if self.place.has_place() or self.place.towns or following is None or following.kind != NAME:
            return False
        return not following.stem and all(sense.kind <= TOWN for sense in following.senses)

    def _unknown(self, text: str, following: Token | None) -> None:
        place = self.place
        found = self.fuzzy.recognise(text)
        if found is not None:
            head, tail = text[: found.start], text[found.end :]
            if head:
                self._classify(head, None)
            if not self.gap_before:
                self._name(_misspelt(text[found.start : found.end], found.senses, found.fault))
                if tail:
                    self._classify(tail, following)
                return
        if not place.is_empty() or place.before or not _OUTSIDE.match(text):
            self._classify(text, following)
        elif not place.division:
            place.outside = text

    def _classify(self, text: str, following: Token | None) -> None:
        """Keep an unknown name as what its generic part makes it."""
        place = self.place
        self.last_kind = "gap"
        place.plain.append(text)
        if text.endswith(_ROAD_ENDS) and not place.roads:
            place.unknown_road = text
        elif text.endswith(_COMMUNITY_ENDS) and not text.endswith("新村") and not (place.roads or place.before):
            place.unknown_community = text
        elif text.endswith(suffixes("town")) and not (place.has_place() or place.before):
            place.unknown_town = text
        elif _DETAIL.fullmatch(text):
            place.faults.append("noise_ignored")
        elif following is not None and following.kind == NAME and not place.is_complete():
            self.gap_before = text
        elif text.endswith(suffixes("zone")) and not place.before:
            place.unknown_zone = text
        elif place.compound and not place.after and self.tokens[self.at].kind == GAP:
            place.unknown_compound = place.compound.text + text
        elif place.after or (place.compound and place.before):
            place.faults.append("noise_ignored")
        else:
            place.unknown_compound = text

    def _forget_names(self) -> None:
        """The words so far were the name of a firm; what they named says nothing about the place."""
        fresh = Place(division=self.place.division, dated=self.place.dated)
        self.places[-1] = self.place = replace(fresh, faults=["noise_ignored"])
        self.last_kind = "gap"
