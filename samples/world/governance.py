"""What happens between people and authorities: cases, components, disputes, petitions, tickets and events, with where and when it happened."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import numpy as np

from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import City
from samples.world.firms import Firm
from samples.world.homes import Homes
from samples.world.library import LEVEL, Kind, Library
from samples.world.people import NO_DAY, People

PER_PERSON = {
    "cases": 0.01, "urban_cases": 0.025, "components": 0.075, "mediations": 0.0075, "disputes": 0.0075, "petitions": 0.004,
    "tickets": 0.025, "events": 0.02,
}  # fmt: skip
LEAST = 12
DAYS = 700
REPEATED = 0.08
Chain = list[datetime | None]


@dataclass(slots=True)
class Record:
    """One thing that happened: number, library node, what else is told of it, and when its stages were.

    `person`, `other`: persons in it, `firm`: number of a firm, -1 for none. `more` holds what only this kind of record has.
    """

    number: str
    node: int
    times: Chain
    person: int = -1
    other: int = -1
    firm: int = -1
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Governance:
    """Everything of this kind in a city."""

    cases: list[Record]
    components: list[Record]
    urban_cases: list[Record]
    mediations: list[Record]
    disputes: list[Record]
    petitions: list[Record]
    tickets: list[Record]
    events: list[Record]


@dataclass
class _Scene:
    """What is shared while things are made to happen."""

    city: City
    library: Library
    people: People
    homes: Homes
    firms: list[Firm]
    today: date
    seed: int

    def __post_init__(self) -> None:
        here = self.homes.actual[self.people.household] >= 0
        self.adults = np.flatnonzero((self.people.age >= 20) & (self.people.age <= 80) & (self.people.died == NO_DAY) & here).tolist()
        self.reachable = [person for person in self.adults if self.people.phones[person]]
        kinds = (Kind.ROAD_DOOR, Kind.LANE_DOOR, Kind.VILLAGE_DOOR, Kind.SHOP, Kind.ZONE_BUILDING, Kind.PUBLIC_PLACE)
        places, streets = self.library.nodes(*kinds), self.library.nodes(Kind.ROAD_DOOR, Kind.LANE_DOOR)
        self.places = places[~self.library.retired[places]].tolist()
        self.streets = streets[~self.library.retired[streets]].tolist()
        self.communities = np.flatnonzero(self.library.level == LEVEL["community"]).tolist()

    def rng(self, thing: str) -> Random:
        return plain_stream(self.seed, f"governance/{thing}")

    def count(self, thing: str) -> int:
        return max(int(PER_PERSON[thing] * len(self.people)), LEAST)

    def home(self, person: int) -> int:
        return int(self.homes.actual[self.people.household[person]])

    def town(self, node: int) -> str:
        return self.library.value("town", node)

    def moment(self, rng: Random) -> datetime:
        """A minute of the last two years, by day."""
        day = self.today - timedelta(days=rng.randrange(3, DAYS))
        return datetime.combine(day, time.min) + timedelta(minutes=rng.randrange(7 * 60, 22 * 60))

    def chain(self, rng: Random, *hours: float) -> Chain:
        """A beginning and stages after it, each about so many hours after the one before; None for those to come."""
        found: Chain = [self.moment(rng)]
        end = datetime.combine(self.today, time.min)
        for mean in hours:
            last = found[-1]
            following = last + timedelta(minutes=max(1, int(rng.expovariate(1 / (mean * 60))))) if last is not None else None
            found.append(following if following is not None and following < end else None)
        return found


def begin(times: Chain) -> datetime:
    """When it began."""
    first = times[0]
    assert first is not None
    return first


def pick(rng: Random, table: dict[str, int]) -> str:
    """A key of the table by its weight."""
    return rng.choices(list(table), list(table.values()))[0]


def happen(city: City, library: Library, people: People, homes: Homes, firms: list[Firm], today: date, seed: int) -> Governance:
    """Let everything happen."""
    scene = _Scene(city, library, people, homes, firms, today, seed)
    components = _components(scene)
    return Governance(
        cases=_cases(scene),
        components=components,
        urban_cases=_urban_cases(scene, components),
        mediations=_mediations(scene),
        disputes=_disputes(scene),
        petitions=_petitions(scene),
        tickets=_tickets(scene),
        events=_events(scene),
    )


def _cases(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("cases"), words("governance")
    found = []
    for number in range(scene.count("cases")):
        violation, kind, basis, least, most = rng.choice(text["violations"])
        firm = rng.randrange(len(scene.firms)) if rng.random() < 0.6 else -1
        node = scene.firms[firm].operating if firm >= 0 else rng.choice(scene.streets)
        person = -1 if firm >= 0 else rng.choice(scene.adults)
        more = {
            "source": pick(rng, text["case_sources"]), "violation": violation, "kind": kind, "basis": basis,
            "fine": str(rng.randrange(least, most + 1, 50)) if most else "", "office": f"{scene.town(node)}综合行政执法队",
            "publicity": pick(rng, text["publicity"]),
        }  # fmt: skip
        times = scene.chain(rng, 24 * 20, 24 * 12)
        found.append(Record(f"瑞综执〔{begin(times):%Y}〕第{number + 1:05d}号", node, times, person, firm=firm, more=more))
    return found


def _components(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("components"), words("governance")
    found = []
    for number in range(scene.count("components")):
        name, category, sub_category, owner, authority = rng.choice(text["components"])
        node = rng.choice(scene.streets)
        started = scene.today - timedelta(days=rng.randrange(800, 5000))
        changed = started + timedelta(days=rng.randrange(30, 790)) if rng.random() < 0.4 else None
        more = {
            "name": name, "category": category, "sub_category": sub_category, "owner": owner, "authority": authority, "started": started,
            "changed": changed, "maintainer": rng.choice(text["handlers"]), "state": pick(rng, text["component_states"]),
        }  # fmt: skip
        found.append(Record(f"{scene.city.code}{category}{sub_category}{number + 1:06d}", node, [], more=more))
    return found


def _urban_cases(scene: _Scene, components: list[Record]) -> list[Record]:
    rng, text = scene.rng("urban cases"), words("governance")
    of_name: dict[str, list[Record]] = {}
    for component in components:
        of_name.setdefault(component.more["name"], []).append(component)
    found = []
    for number in range(scene.count("urban_cases")):
        category, sub_category, what, about = rng.choice(text["urban_categories"])
        broken = rng.choice(of_name[about]) if about in of_name else None
        node = broken.node if broken is not None else rng.choice(scene.places)
        more = {
            "category": category, "sub_category": sub_category, "what": what, "component": broken.number if broken is not None else "",
            "source": pick(rng, text["urban_sources"]), "department": rng.choice(text["handlers"]),
        }  # fmt: skip
        times = scene.chain(rng, 0.5, 9, 4, 2)
        found.append(Record(f"CG{begin(times):%Y%m%d}{number + 1:06d}", node, times, more=more))
    return found


def _two(scene: _Scene, rng: Random) -> tuple[int, int]:
    """Two adults of different households, neighbours now and then."""
    one, other = rng.sample(scene.reachable, 2)
    return (one, other) if scene.people.household[one] != scene.people.household[other] else _two(scene, rng)


def _mediations(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("mediations"), words("governance")
    found = []
    for number in range(scene.count("mediations")):
        person, other = _two(scene, rng)
        node = scene.home(person)
        times = scene.chain(rng, 24 * 8, 24 * 30)
        result = pick(rng, text["mediation_results"]) if times[1] else ""
        agreed = result == "成功"
        more = {
            "source": pick(rng, text["mediation_sources"]), "category": rng.choice(text["dispute_kinds"]), "summary": rng.choice(text["summaries"]),
            "committee": f"{scene.town(node)}人民调解委员会", "result": result, "form": rng.choice(["书面", "书面", "口头"]) if agreed else "",
            "amount": str(rng.randrange(2, 400) * 500) if rng.random() < 0.6 else "",
            "performance": rng.choice(["已履行", "已履行", "部分履行", "未履行"]) if agreed else "", "confirmed": "是" if agreed and rng.random() < 0.2 else "否",
        }  # fmt: skip
        case = f"〔{begin(times):%Y}〕{scene.town(node)[:2]}人调字第{number + 1}号"
        found.append(Record(case, node, times, person, other, more=more))
    return found


def _disputes(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("disputes"), words("governance")
    found = []
    for number in range(scene.count("disputes")):
        person = rng.choice(scene.adults)
        category = pick(rng, text["dispute_categories"])
        firm = rng.randrange(len(scene.firms)) if category in ("0402", "0701", "0602") and rng.random() < 0.7 else -1
        node = scene.firms[firm].operating if firm >= 0 else scene.home(person)
        times = scene.chain(rng, 24 * 40)
        resolved = rng.random() < 0.85
        scale = pick(rng, text["scales"])
        more = {
            "category": category, "scale": scale, "count": str(rng.randrange(2, 6) if scale == "个体性事件" else rng.randrange(10, 80)),
            "summary": rng.choice(text["summaries"]), "due": begin(times).date() + timedelta(days=30),
            "method": rng.choice(text["dispute_methods"]), "committee": f"{scene.town(node)}社会治理中心", "resolved": "是" if resolved else "否",
            "resolution": "双方达成一致" if resolved else "未能达成一致，继续跟进", "opinion": rng.choice(["", "处置及时", "应加强回访"]),
        }  # fmt: skip
        found.append(Record(f"MDJF{begin(times):%Y%m%d}{number + 1:05d}", node, times, person, firm=firm, more=more))
    return found


def _petitions(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("petitions"), words("governance")
    found: list[Record] = []
    for number in range(scene.count("petitions")):
        node = rng.choice(scene.communities)
        heads = rng.choice([1, 1, 1, 1, 2, 3, 5, 12])
        office = pick(rng, text["petition_offices"])
        more = {
            "repeats": rng.choice(found).number if found and rng.random() < REPEATED else "", "form": pick(rng, text["petition_forms"]),
            "heads": str(heads), "people": str(heads * rng.choice([1, 1, 2, 10])), "topic": rng.choice(text["petition_topics"]),
            "aim": rng.choice(text["petition_aims"]), "handling": pick(rng, text["petition_handling"]), "office": office,
            "registrar": rng.choice(scene.adults), "code": f"{rng.randrange(10**6):06d}", "origin": rng.choice(text["petition_origins"]),
            "department": f"{scene.town(node)}" if rng.random() < 0.6 else f"{scene.city.county}{rng.choice(text['departments'])}",
        }  # fmt: skip
        times = scene.chain(rng, 24 * 35)
        found.append(Record(f"XF{scene.city.code}{begin(times):%Y%m}{number + 1:05d}", node, times, more=more))
    return found


def _tickets(scene: _Scene) -> list[Record]:
    rng, text = scene.rng("tickets"), words("governance")
    found: list[Record] = []
    for number in range(scene.count("tickets")):
        person = rng.choice(scene.reachable)
        node = scene.home(person) if rng.random() < 0.5 else rng.choice(scene.places)
        times = scene.chain(rng, 0.3, 2, 48, 6, 8)
        before = rng.choice(found) if found and rng.random() < REPEATED else None
        if before is not None:
            person, node = before.person, before.node
        closed = times[-1] is not None
        more = {
            "kind": pick(rng, text["ticket_kinds"]), "content": rng.choice(text["ticket_contents"]), "repeats": before.number if before is not None else "",
            "department": f"{scene.city.county}{rng.choice(text['departments'])}", "due": begin(times) + timedelta(days=5),
            "revisit": rng.choice(text["revisits"]) if closed else "", "satisfaction": pick(rng, text["satisfaction"]) if closed else "",
            "state": "已办结" if closed else "办理中",
        }  # fmt: skip
        found.append(Record(f"RX{begin(times):%Y%m%d}{number + 1:06d}", node, times, person, more=more))
    return found


def _events(scene: _Scene) -> list[Record]:
    """Events with the departments that handled them: one or several, each with its own times."""
    rng, text = scene.rng("events"), words("governance")
    found = []
    for number in range(scene.count("events")):
        node = rng.choice(scene.places)
        times = scene.chain(rng, 1)
        field_ = pick(rng, text["event_fields"])
        handled = []
        for department in rng.sample(text["departments"], rng.choice([1, 1, 1, 2, 3])):
            started = begin(times) + timedelta(hours=rng.randrange(2, 30))
            finished = started + timedelta(hours=rng.randrange(3, 90)) if rng.random() < 0.85 else None
            handled.append(
                (
                    f"{scene.city.county}{department}",
                    pick(rng, text["department_kinds"]),
                    started,
                    finished,
                    rng.choice(text["results"]),
                    rng.choice(text["effects"]),
                )
            )
        more = {
            "field": field_, "scale": pick(rng, text["scales"]), "manifestation": rng.choice(text["manifestations"]), "summary": rng.choice(text["summaries"]),
            "demand": "要求尽快处理", "due": begin(times) + timedelta(days=7), "recorder": rng.choice(scene.adults),
            "state": pick(rng, text["event_states"]), "departments": handled,
        }  # fmt: skip
        person = rng.choice(scene.adults) if rng.random() < 0.5 else -1
        found.append(Record(f"SJ{begin(times):%Y%m%d}{number + 1:06d}", node, times, person, more=more))
    return found
