"""Invented organisations: firms, factories, branches, cooperatives and household businesses."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from samples.identifiers import CREDIT_ALPHABET, credit_codes, registration_number
from samples.randomness import Ints, plain_stream
from samples.words import words
from samples.world.city import City, without_ending
from samples.world.library import Kind, Library
from samples.world.people import People

FIRMS_PER_PERSON = 0.065
OPERATES_ELSEWHERE, OPERATES_BESIDE = 0.14, 0.04
PLACES = {
    "zone": Kind.ZONE_BUILDING,
    "village": Kind.VILLAGE_DOOR,
    "door": Kind.ROAD_DOOR,
    "lane": Kind.LANE_DOOR,
    "tower": Kind.TOWER_ROOM,
    "flat": Kind.FLAT,
    "shop": Kind.SHOP,
    "poi": Kind.PUBLIC_PLACE,
    "basement": Kind.BASEMENT,
}
MARKETS = ("市场", "商城")
RENAMED_SHARE = 0.06
BRANCH_OF_KNOWN_SHARE = 0.7
STATES = {"1": 84, "4": 9, "2": 4, "6": 1, "3": 2}


@dataclass(slots=True)
class Firm:
    """One organisation; days count from 1970-01-01, addresses are library nodes, `representative` is a person, `former_name` may be empty."""

    source_id: str
    name: str
    form: str
    type_code: str
    trade: dict[str, Any]
    registered: int
    operating: int
    representative: int
    capital: int
    founded: int
    approved: int
    closes: int | None
    state: str
    staff: int
    phone: str
    uscc: str = ""
    registration_number: str = ""
    former_name: str = ""


@dataclass(slots=True)
class _Names:
    """Names that are not taken yet."""

    city: City
    library: Library
    taken: set[str] = field(default_factory=set)

    def invent(self, rng: Random, form: str, trade: str, node: int, owner: str) -> str:
        table = words("firms")
        town = without_ending(self.library.value("town", node))
        tail = table["forms"][form]["tail"]
        while True:
            word, second = self._word(rng), self._word(rng)
            if form == "household":
                middle = rng.choice([town + word, town + owner, town + word + owner[-1], town + word + second])
            else:
                middle = rng.choice([word, word, town + word, word + second])
            name = f"{self.city.county}{middle}{trade}{tail}"
            if form == "branch":
                name = f"{self.city.city[:-1]}{word}{second}{trade}有限公司{self.city.short}{town}分公司"
            if name not in self.taken:
                self.taken.add(name)
                return name

    @staticmethod
    def _word(rng: Random) -> str:
        """A word of good omen, listed or made of two characters."""
        if rng.random() < 0.5:
            return str(rng.choice(words("firms")["name_words"]))
        places = words("places")
        return str(rng.choice(places["stem_heads"]) + rng.choice(places["stem_tails"]))


def found_firms(city: City, library: Library, people: People, persons: int, today: int, seed: int) -> list[Firm]:
    """Found the organisations of a population."""
    rng = plain_stream(seed, "firms")
    table = words("firms")
    places = {place: _sites(library, kind) for place, kind in PLACES.items()}
    places["market"] = places["poi"][[name.endswith(MARKETS) for name in library.values("compound", places["poi"])]]
    adults = np.flatnonzero((people.age >= 22) & (people.age <= 72))
    names = _Names(city, library)
    trades: list[dict[str, Any]] = table["trades"]
    chosen = rng.choices(trades, [trade["weight"] for trade in trades], k=max(int(FIRMS_PER_PERSON * persons), 60))
    firms = []
    for number, trade in enumerate(chosen):
        forms = trade["forms"]
        form = rng.choices(forms, [table["forms"][name]["weight"] for name in forms])[0]
        types = table["forms"][form]["types"]
        sites = places[rng.choice(trade["places"])]
        registered = int(sites[rng.randrange(len(sites))])
        representative = int(adults[rng.randrange(len(adults))])
        founded = today - int(rng.betavariate(1, 2.2) * 13000) - 20
        firms.append(
            Firm(
                source_id=f"{city.code}{number:010d}",
                name=names.invent(rng, form, trade["word"], registered, people.names[representative]),
                form=form,
                type_code=str(rng.choices(list(types), list(types.values()))[0]),
                trade=trade,
                registered=registered,
                operating=_operating(rng, places, trade, registered, library),
                representative=representative,
                capital=_capital(rng, form),
                founded=founded,
                approved=min(today - 1, founded + int(rng.expovariate(1 / 900))),
                closes=founded + rng.choice([3652, 7305]) if form == "company" and rng.random() < 0.4 else None,
                state=rng.choices(list(STATES), list(STATES.values()))[0],
                staff=max(1, int(rng.lognormvariate(0, 0.7) * trade["staff"])),
                phone=_phone(rng, city, people, representative),
            )
        )
    _number(city, firms, today)
    _rename(firms, names, people, seed)
    return firms


def _rename(firms: list[Firm], names: _Names, people: People, seed: int) -> None:
    """Give some branches the name of a firm that is registered here too, and some firms a name they had before."""
    rng = plain_stream(seed, "names of firms")
    parents = [firm for firm in firms if firm.form == "company"]
    for firm in firms:
        if firm.form == "branch" and parents and rng.random() < BRANCH_OF_KNOWN_SHARE:
            parent = rng.choice(parents)
            name = f"{parent.name}{without_ending(names.library.value('town', firm.registered))}分公司"
            firm.name = firm.name if name in names.taken else name
            names.taken.add(firm.name)
        elif firm.form != "branch" and rng.random() < RENAMED_SHARE:
            firm.former_name = names.invent(rng, firm.form, firm.trade["word"], firm.registered, people.names[firm.representative])


def _sites(library: Library, kind: Kind) -> Ints:
    nodes = library.nodes(kind)
    return nodes[~library.retired[nodes]]


def _operating(rng: Random, places: dict[str, Ints], trade: dict[str, Any], registered: int, library: Library) -> int:
    """Where the firm works: mostly where it is registered, else next door or elsewhere."""
    chance = rng.random()
    if chance < OPERATES_ELSEWHERE:
        sites = places[rng.choice(trade["places"])]
        return int(sites[rng.randrange(len(sites))])
    if chance < OPERATES_ELSEWHERE + OPERATES_BESIDE:
        return int(rng.choice(library.children(library.parent[registered]).tolist()))
    return registered


def _capital(rng: Random, form: str) -> int:
    """Registered capital in ten thousand yuan, 0 where the form has none."""
    if form in ("household", "branch"):
        return rng.choice([0, 1, 3, 5, 10]) if form == "household" else 0
    return rng.choice([10, 30, 50, 50, 100, 100, 200, 300, 500, 1000, 2000, 5000])


def _phone(rng: Random, city: City, people: People, representative: int) -> str:
    own = int(people.phones[representative])
    if own and rng.random() < 0.7:
        return str(own)
    return f"{city.area_code}-6{rng.randrange(0, 10**6):06d}0"


def _number(city: City, firms: list[Firm], today: int) -> None:
    """Give every firm its credit code, and the older ones their registration number."""
    table = words("firms")["forms"]
    bodies = []
    for number, firm in enumerate(firms):
        recent = firm.founded > today - 3650
        bodies.append("MAX" + _in_alphabet(number, 5) if recent else f"{90_000_000 + number * 7 % 10_000_000:08d}")
        if not recent or firm.form == "household":
            first = 60_000_000 if firm.form == "household" else 10_000_000
            firm.registration_number = registration_number(city.code, first + number)
    prefixes = [table[firm.form]["prefix"] for firm in firms]
    for firm, code in zip(firms, credit_codes(prefixes, [city.code] * len(firms), bodies), strict=True):
        firm.uscc = code


def _in_alphabet(number: int, width: int) -> str:
    """The number in the digits and letters of credit codes."""
    text = ""
    for _ in range(width):
        number, digit = divmod(number, len(CREDIT_ALPHABET))
        text = CREDIT_ALPHABET[digit] + text
    return text
