"""From tokens to places: one walk over the tokens that fills a place for each address."""

from address_matching import gaps
from address_matching.fuzzy import PROTECTED
from address_matching.misspelt import MisspeltNames, Recognised
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, TOWN, ZONE
from address_matching.numbers import Number
from address_matching.place import Place
from address_matching.tokens import GAP, NAME, NUMBER, OUTSIDE, SEPARATOR, SEVERAL, STEMS, WORD_TOKEN, Name, Token, named
from address_matching.vocabulary import Vocabulary

_PLACE_NUMBERS = frozenset(("lane", "house", "building", "unit", "floor", "room", "shop", "dash", "bare"))
_JOINTS = frozenset("及和与暨")
_SHORTEST_FIELD = 20
"""Characters of the shortest field that cuts addresses off."""


class Reader:
    """State of the walk: the place being filled, the token read, what joined it to the one before, an unread name before it,
    the last token whose text was given to the words behind it."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, misspelt: MisspeltNames, day: int | None) -> None:
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.misspelt = misspelt
        self.day = day
        self.place = Place(dated=day is not None)
        self.places = [self.place]
        self.at = 0
        self.joined = ""
        self.gap_before = ""
        self.last_kind = ""
        self.joined_at = -1

    def read(self) -> list[Place]:
        """Read all tokens and return the places."""
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind == NAME:
                self.name(token)
            elif token.kind == NUMBER:
                self._number(token)
            elif token.kind == GAP:
                gaps.read_gap(self, token.text)
            elif token.kind == WORD_TOKEN:
                self._word(token)
            elif token.kind == SEPARATOR:
                self._new_place()
            elif token.text in ",、/":
                self.joined = token.text
            self.at += 1
        if self.tokens and self.tokens[-1].value == "bare":
            self.place.open_end = sum(len(token.text) for token in self.tokens) >= _SHORTEST_FIELD
        if self.joined in _JOINTS and not self.place.has_place():
            self.place.unknown_compound = self.joined  # 安阳街道和 is no more than the beginning of a name
        return self.places

    def recognise(self, text: str) -> Recognised | None:
        """Look for a misspelt name, in the towns of the place first."""
        towns = self.place.towns
        found = self.misspelt.recognise(text, frozenset(towns.nodes) if towns else None)
        return found if found is not None and found.senses else None  # the nearest word may be no name at all

    def next_token(self) -> Token | None:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None

    def _new_place(self) -> None:
        """Begin another address; it keeps the town of the one before until it names its own."""
        if self.place.is_empty() and not self.place.before:
            return
        self.place = Place(towns=self.place.towns, division=self.place.division, inherited=True, dated=self.place.dated)
        self.places.append(self.place)
        self.joined = ""
        self.gap_before = ""

    # -- names

    def name(self, token: Token) -> None:
        """A word of the vocabulary; what it means here depends on what was read before."""
        if token.name is not None:
            kind, name = token.level, token.name
        else:
            kind, name = self._choose(token)
        following = self.next_token()
        open_name = token.yields or token.stem or kind == COMMUNITY
        if open_name and following is not None and following.kind == GAP and gaps.is_whole_name(self, token, following):
            return
        late = kind in (COMMUNITY, NATURAL_VILLAGE) and self.place.is_complete() and not self.joined
        if (token.stem or late) and gaps.begins_longer_name(self, kind, name, following):
            return
        if kind == COMPOUND and gaps.is_no_compound(self, name, following):
            return
        phase = gaps.take_phase(self) if kind == COMPOUND else ""
        if phase and "qualifier_missing" in name.nodes.values():
            self.place.unknown_compound = name.text + phase
            return
        self.take(kind, name, token.stem)
        if phase:
            self.place.faults.append("qualifier_unknown")

    def take(self, kind: int, name: Name, stem: bool) -> None:
        """Enter a name into the place."""
        if kind >= TOWN:
            if self._begins_another(kind, stem):
                self._new_place()
            self._enter(kind, name, stem)
            if kind > TOWN:
                self.place.plain.append(name.text)
            self.joined = ""
        elif kind == OUTSIDE:
            self._outside(name.text)
        else:
            self.place.division = True
        self.gap_before = ""
        self.last_kind = "name"

    def _enter(self, kind: int, name: Name, stem: bool) -> None:
        if kind == TOWN:
            self._town(name)
        elif kind == COMMUNITY:
            self._community(name, stem)
        elif kind == NATURAL_VILLAGE:
            self._natural_village(name)
        elif kind == ZONE:
            self.place.zones = self.place.zones or name
        elif kind == ROAD:
            self._road(name)
        else:
            self._compound(name)

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
            if place.communities is not None:
                order.insert(0, NATURAL_VILLAGE)
            heads = place.towns is None and not place.before
            plain = {sense.kind for sense in token.senses if sense.how not in STEMS or (heads and 0 <= sense.kind < TOWN)}
            kinds = plain or {sense.kind for sense in token.senses}
            if gaps.town_goes_on(self, token):
                kinds = {TOWN}
            kind = next(kind for kind in order if kind in kinds)
        senses = [sense for sense in token.senses if sense.kind == kind]
        return kind, named(token.text, senses, token.value, self.day)

    def _begins_another(self, kind: int, stem: bool) -> bool:
        place = self.place
        if not place.is_complete() or stem or (kind == TOWN and "reversed" in place.faults and place.towns is None):
            return False
        in_area = place.communities or place.naturals or place.zones
        if kind == ROAD and place.before and not place.junction and (place.roads or in_area):
            following = self.next_token()
            return bool(self.joined) or (following is not None and following.value == "house")
        if kind == COMPOUND and self.joined == "," and place.compound is None:
            return False
        return bool(self.joined) and not (kind == ROAD and not place.roads)

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
        if self.gap_before and not place.has_place():
            gaps.read_with_prefix(self, self.gap_before + name.text, COMMUNITY)
        elif place.communities is None:
            place.communities = name
            place.short_village = stem
        elif not stem:
            self._another_village(name)

    def _another_village(self, name: Name) -> None:
        """A second village: a closer word for the first (X社区Y村), else a name within it that the library lacks."""
        place = self.place
        known = place.communities.nodes if place.communities else {}
        common = {node: fault for node, fault in name.nodes.items() if node in known}
        towns = place.towns.nodes if place.towns else {}
        in_town = [any(self.vocabulary.town_of[node] in towns for node in nodes) for nodes in (known, name.nodes)]
        if common or (in_town == [False, True]):
            place.communities = Name(name.text, common or name.nodes)
        elif not place.before and place.compound is None:
            place.unknown_compound = name.text

    def _natural_village(self, name: Name) -> None:
        place = self.place
        if set(self.gap_before) & PROTECTED and not (place.naturals or place.before):
            gaps.read_with_prefix(self, self.gap_before + name.text, NATURAL_VILLAGE)  # 二岳二 is not 岳二
        else:
            place.naturals = place.naturals or name

    def _road(self, name: Name) -> None:
        place = self.place
        if self.gap_before:
            gaps.read_with_prefix(self, self.gap_before + name.text, ROAD)
        elif (place.roads and (place.before or place.compound)) or (place.before and (place.communities or place.naturals or place.zones)):
            place.faults.append("noise_ignored")
        else:
            if not place.roads and place.before and not place.has_place():
                place.faults.append("reversed")
            place.roads.append(name)

    def _compound(self, name: Name) -> None:
        place = self.place
        if self.gap_before and not place.before:
            gaps.read_with_prefix(self, self.gap_before + name.text, COMPOUND)
        elif place.compound is None or not place.after:
            place.compound = name
            if place.unknown_compound and self.last_kind == "gap" and self.tokens[self.at - 1].text == place.unknown_compound:
                place.unknown_compound += name.text  # 华都 in 玉华都庭 is not the compound of that name
        else:
            place.faults.append("noise_ignored")

    # -- numbers

    def _number(self, token: Token) -> None:
        place, kind = self.place, token.value
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
        self.joined = ""
        place.plain.append(token.text)

    def _place_number(self, number: Number) -> None:
        place = self.place
        if number.kind == "house" and not place.roads and not place.before and self._road_follows():
            place.before.append(number)
            return
        if len(place.roads) > 1 and not place.before and not place.junction:
            place.roads.insert(0, place.roads.pop())
        target = place.after if place.compound or place.unknown_compound else place.before
        if self.joined and target and self.last_kind == "number" and self._is_listed(number, target):
            return
        if number.kind == "dash" and place.after and place.after[-1].kind == "room":
            place.faults.append("bay_ignored")
        else:
            target.append(number)

    def _is_listed(self, number: Number, target: list[Number]) -> bool:
        """Whether a number after 、 stands beside the one before it (210、212号), or repeats a part already given."""
        previous = target[-1]
        if previous.kind == "bare" and number.kind != "bare":
            target[-1] = previous = Number(number.kind, previous.value, 0)
        if previous.kind == number.kind:
            self.place.others.append(number)
            return True
        accessory = number.kind == "shop" and any(other.kind == "room" for other in target)
        if accessory or any(number.kind == other.kind for other in target):
            self.place.faults.append("accessory_ignored")
            return True
        return False

    def _road_follows(self) -> bool:
        """Whether the text is written from small to large: 66号翠微坊塘下镇."""
        following = self.next_token()
        return following is not None and following.kind == NAME and following.level == ROAD

    # -- words

    def _word(self, token: Token) -> None:
        role, place = token.value, self.place
        self.gap_before = ""
        if role == "joint":
            self.joined = token.text
            return
        if role == "relative":
            self.relative()
        elif role == "junction" and place.roads:
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
            self.skip_rest("accessory_ignored")
        elif role == "separator":
            self._new_place()
        elif role == "construction":
            place.relative = True
        self.last_kind = "word"

    def relative(self) -> None:
        """Something near the last name; where a plate stands before that name, the plate is the place."""
        place = self.place
        if place.roads and place.before and place.unknown_compound and not place.after:
            place.compound = None
            place.unknown_compound = ""
            place.faults.append("noise_ignored")
        else:
            place.relative = True

    def skip_rest(self, fault: str) -> None:
        """Leave the rest of this address unread."""
        self.place.faults.append(fault)
        while self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind != SEPARATOR:
            self.at += 1

    def forget_names(self) -> None:
        """The words so far were the name of a firm; what they named says nothing about the place."""
        self.place = Place(division=self.place.division, dated=self.place.dated, faults=["noise_ignored"])
        self.places[-1] = self.place
        self.last_kind = "gap"
