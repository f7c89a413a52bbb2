"""What departments do with organisations: food licences, hazardous chemicals, hazards found and put right."""

from dataclasses import dataclass
from random import Random

from samples.identifiers import food_licence_number
from samples.randomness import plain_stream
from samples.words import words
from samples.world.city import City
from samples.world.firms import Firm

FORMS = {"食品销售经营者": 1, "餐饮服务经营者": 2, "单位食堂": 3}
INSPECTED_SHARE = 0.3
UNLICENSED_SHARE = 0.07


@dataclass(slots=True)
class FoodLicence:
    """A food business licence of firm number `firm`; days count from 1970-01-01."""

    firm: int
    number: str
    issued: int
    expires: int
    status: str


@dataclass(slots=True)
class ChemicalEnterprise:
    """An enterprise that makes, sells, stores or uses hazardous chemicals."""

    firm: int
    kind: str
    licence: str
    issued: int
    expires: int
    grade: str
    hazards: int
    hazard_level: str
    safety_officer: int
    risk: str
    standard: str


@dataclass(slots=True)
class Hazard:
    """A hazard found at firm number `firm`: what, when, how far it is put right."""

    firm: int
    number: str
    category: str
    level: str
    text: str
    measure: str
    inspected: int
    kind: str
    due: int
    state: str
    reviewed: int | None
    fund: float


def license_food(city: City, firms: list[Firm], today: int, seed: int) -> list[FoodLicence]:
    """Licences of food businesses; some firms have an expired one too, some none."""
    rng = plain_stream(seed, "food licences")
    licences: list[FoodLicence] = []
    for index, firm in enumerate(firms):
        if "food" not in firm.trade or rng.random() < UNLICENSED_SHARE:
            continue
        issued = max(firm.founded + rng.randrange(5, 120), today - rng.randrange(10, 2400))
        issued = min(issued, today - 3)
        for start in (issued, issued - 1826) if firm.founded < issued - 1900 and rng.random() < 0.3 else (issued,):
            number = food_licence_number(FORMS[firm.trade["food"]], city.code, len(licences) + 1)
            status = "有效" if start + 1825 >= today else "过期"
            if firm.state == "4" and status == "有效":
                status = "注销" if rng.random() < 0.6 else status
            licences.append(FoodLicence(index, number, start, start + 1825, status))
    return licences


def register_chemicals(firms: list[Firm], people: int, today: int, seed: int) -> list[ChemicalEnterprise]:
    """The firms that deal in hazardous chemicals."""
    rng = plain_stream(seed, "chemicals")
    found = []
    for index, firm in enumerate(firms):
        if not firm.trade.get("chemical") or firm.state not in ("1", "4"):
            continue
        kind = "生产" if firm.trade["section"] == "C" and rng.random() < 0.5 else rng.choice(["经营", "储存", "使用", "经营"])
        issued = today - rng.randrange(30, 1400)
        hazards = rng.choice([0, 0, 0, 1, 1, 2]) if kind in ("生产", "储存") else 0
        found.append(
            ChemicalEnterprise(
                firm=index,
                kind=kind,
                licence=f"危化{kind[0]}字〔{1970 + int(issued / 365.25)}〕{index + 1:05d}号",
                issued=issued,
                expires=issued + 1095,
                grade=rng.choice(["甲种", "乙种"]) if kind == "经营" else "",
                hazards=hazards,
                hazard_level=rng.choice(["四级", "四级", "三级", "二级", "一级"]) if hazards else "",
                safety_officer=rng.randrange(people),
                risk=rng.choices(["红", "橙", "黄", "蓝"], [5, 15, 40, 40])[0],
                standard=rng.choice(["二级", "三级", "三级", ""]),
            )
        )
    return found


def find_hazards(firms: list[Firm], today: int, seed: int) -> list[Hazard]:
    """Hazards found within two years at some of the firms."""
    rng = plain_stream(seed, "hazards")
    found: list[Hazard] = []
    for index, firm in enumerate(firms):
        share = 1.0 if firm.trade.get("chemical") else INSPECTED_SHARE
        if firm.form == "household" or rng.random() > share:
            continue
        for _ in range(rng.choice([1, 1, 2, 3])):
            found.append(_hazard(rng, index, today, len(found)))
    return found


def _hazard(rng: Random, firm: int, today: int, number: int) -> Hazard:
    table = words("texts")
    text, measure = rng.choice(table["hazards"])
    inspected = today - rng.randrange(2, 730)
    due = inspected + rng.choice([3, 7, 15, 30, 60])
    state = rng.choices(["待整改", "已整改", "整改不合格", "整改完成"], [12, 10, 4, 74])[0]
    if due > today:
        state = rng.choice(["待整改", "已整改"])
    reviewed = due + rng.randrange(-2, 20) if state in ("整改完成", "整改不合格") else None
    return Hazard(
        firm=firm,
        number=f"YH{number + 1:08d}",
        category=rng.choice(table["hazard_categories"]),
        level=rng.choices(["一般", "较大", "重大"], [90, 7, 3])[0],
        text=text,
        measure=measure,
        inspected=inspected,
        kind=rng.choice(table["inspection_kinds"]),
        due=due,
        state=state,
        reviewed=None if reviewed is None else max(inspected, min(reviewed, today)),
        fund=round(rng.lognormvariate(0, 1), 2),
    )
