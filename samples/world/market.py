"""What becomes of organisations after they are registered: changes, special equipment, lists they are put on."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import City
from samples.world.firms import Firm
from samples.world.library import Library
from samples.world.people import People

CHANGED_SHARE, EQUIPPED_SHARE, ABNORMAL_SHARE = 0.36, 0.2, 0.07
REMOVED_SHARE = 0.45


@dataclass(slots=True)
class RegistrationChange:
    """A change of an item of firm number `firm`; days count from 1970-01-01."""

    firm: int
    item: str
    before: str
    after: str
    day: int


@dataclass(slots=True)
class Equipment:
    """Special equipment in use at firm number `firm`; kind as listed in `data/market.yaml`, `due` the day of the next check."""

    firm: int
    number: str
    kind: dict[str, Any]
    category: str
    variety: str
    name: str
    started: int
    checked: int
    due: int
    state: str


@dataclass(slots=True)
class Abnormal:
    """A time on the list of abnormal operations; `removed` None while it lasts."""

    firm: int
    decision: str
    reason: str
    listed: int
    removed: int | None
    removal: str


def change_registrations(library: Library, firms: list[Firm], people: People, today: int, seed: int) -> list[RegistrationChange]:
    """Every change of name that the world knows, and changes of other items; what holds now is what a change left behind."""
    rng = plain_stream(seed, "registration changes")
    items = words("market")["changes"]
    changes: list[RegistrationChange] = []
    for index, firm in enumerate(firms):
        if firm.former_name:
            changes.append(RegistrationChange(index, "名称变更", firm.former_name, firm.name, _between(rng, firm.founded, today)))
        if rng.random() < CHANGED_SHARE:
            for item in dict.fromkeys(rng.choices(list(items), list(items.values()), k=rng.choice([1, 1, 2]))):
                before, after = _told[item](rng, library, firms, people, firm)
                changes.append(RegistrationChange(index, item, before, after, _between(rng, firm.founded, today)))
    return changes


def _moved(rng: Random, library: Library, firms: list[Firm], people: People, firm: Firm) -> tuple[str, str]:
    return library.full_text[rng.choice(firms).registered], library.full_text[firm.registered]


def _led(rng: Random, library: Library, firms: list[Firm], people: People, firm: Firm) -> tuple[str, str]:
    return people.names[rng.choice(firms).representative], people.names[firm.representative]


def _funded(rng: Random, library: Library, firms: list[Firm], people: People, firm: Firm) -> tuple[str, str]:
    return f"{max(1, firm.capital // 2)}万人民币", f"{max(2, firm.capital)}万人民币"


def _widened(rng: Random, library: Library, firms: list[Firm], people: People, firm: Firm) -> tuple[str, str]:
    scope = firm.trade["scope"]
    return scope.split("；")[0].split("、")[0], scope


def _called(rng: Random, library: Library, firms: list[Firm], people: People, firm: Firm) -> tuple[str, str]:
    return rng.choice(firms).phone, firm.phone


_told: dict[str, Callable[[Random, Library, list[Firm], People, Firm], tuple[str, str]]] = {
    "住所变更": _moved,
    "法定代表人变更": _led,
    "注册资本变更": _funded,
    "经营范围变更": _widened,
    "联系电话变更": _called,
}


def _between(rng: Random, first: int, last: int) -> int:
    return first + rng.randrange(1, max(2, last - first))


def equip(city: City, firms: list[Firm], today: int, seed: int) -> list[Equipment]:
    """Special equipment of firms that are no household businesses."""
    rng = plain_stream(seed, "special equipment")
    kinds = words("market")["equipment"]
    states = words("market")["states"]
    found: list[Equipment] = []
    for index, firm in enumerate(firms):
        if firm.form == "household" or rng.random() > EQUIPPED_SHARE:
            continue
        for _ in range(rng.choice([1, 1, 2, 3])):
            kind = rng.choices(kinds, [each["weight"] for each in kinds])[0]
            category = rng.choice(list(kind["classes"]))
            started = min(today - 400, firm.founded + rng.randrange(30, 2000))
            checked = today - rng.randrange(5, 380)
            found.append(
                Equipment(
                    firm=index,
                    number=f"{kind['code']}{city.code}{len(found) + 1:010d}",
                    kind=kind,
                    category=category,
                    variety=rng.choice(kind["classes"][category]),
                    name=rng.choice(kind["names"]),
                    started=started,
                    checked=checked,
                    due=checked + (365 if kind["code"] in ("3000", "5000") else 730),
                    state=rng.choices(list(states), list(states.values()))[0],
                )
            )
    return found


def list_abnormal(city: City, firms: list[Firm], today: int, seed: int) -> list[Abnormal]:
    """Firms on the list of abnormal operations, and those that were removed from it."""
    rng = plain_stream(seed, "abnormal operations")
    table = words("market")["abnormal"]
    reasons = table["reasons"]
    found: list[Abnormal] = []
    for index, firm in enumerate(firms):
        if firm.form == "household" or rng.random() > ABNORMAL_SHARE:
            continue
        listed = max(firm.founded + 30, today - rng.randrange(20, 1500))
        removed = listed + rng.randrange(10, 600)
        is_off = removed < today and rng.random() < REMOVED_SHARE * 2
        reason = rng.choices(list(reasons), list(reasons.values()))[0]
        found.append(
            Abnormal(
                firm=index,
                decision=f"{city.short}市监异列〔{1970 + int(listed / 365.25)}〕{len(found) + 1:04d}号",
                reason=reason,
                listed=min(listed, today - 1),
                removed=removed if is_off else None,
                removal=table["removals"][list(reasons).index(reason)] if is_off else "",
            )
        )
    return found
