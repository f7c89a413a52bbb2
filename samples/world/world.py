"""The whole invented world of one city on one day."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from samples.randomness import Ints, stream
from samples.world.addresses import build_library
from samples.world.aliases import make_aliases
from samples.world.care_homes import CareHome, found_care_homes
from samples.world.city import Alias, City
from samples.world.crowded_rooms import crowd_rooms
from samples.world.department_grids import GridSystem, draw_grid_system
from samples.world.firms import Firm, found_firms
from samples.world.governance import Governance, happen
from samples.world.grids import draw_grids
from samples.world.homes import Homes, Lettings, find_homes, let_dwellings, move_out
from samples.world.library import Library
from samples.world.market import Abnormal, Equipment, RegistrationChange, change_registrations, equip, list_abnormal
from samples.world.people import HouseholdKinds, People, draw_households, draw_people
from samples.world.place_names import PlaceName, name_places
from samples.world.policing import Accident, Call, Camera, crash, install_cameras, take_calls
from samples.world.registry import Death, Marriage, Subsidy, cremate, marry, pay_subsidies
from samples.world.safety import Fire, Inspection, KeyUnit, WorkAccident, burn, inspect_firms, list_key_units, suffer_accidents
from samples.world.supervision import (
    ChemicalEnterprise,
    FoodLicence,
    Hazard,
    find_hazards,
    license_food,
    register_chemicals,
)
from samples.world.welfare import PoorHousehold, Society, found_societies, support_households

EMPLOYED_SHARE = 0.45


@dataclass(slots=True)
class World:
    """Everything that is true, before anybody writes it down."""

    city: City
    today: date
    seed: int
    library: Library
    aliases: list[Alias]
    households: HouseholdKinds
    people: People
    homes: Homes
    lettings: Lettings
    firms: list[Firm]
    moved_out: Ints
    employer: Ints
    licences: list[FoodLicence]
    chemicals: list[ChemicalEnterprise]
    hazards: list[Hazard]
    poor: list[PoorHousehold]
    societies: list[Society]
    calls: list[Call]
    accidents: list[Accident]
    cameras: list[Camera]
    registration_changes: list[RegistrationChange]
    equipment: list[Equipment]
    abnormal: list[Abnormal]
    inspections: list[Inspection]
    work_accidents: list[WorkAccident]
    fires: list[Fire]
    key_units: list[KeyUnit]
    subsidies: list[Subsidy]
    care_homes: list[CareHome]
    marriages: list[Marriage]
    deaths: list[Death]
    place_names: list[PlaceName]
    governance: Governance
    grids: GridSystem

    @property
    def day(self) -> int:
        """Today in days from 1970-01-01."""
        return (self.today - date(1970, 1, 1)).days


def build_world(city: City, persons: int, seed: int, today: date) -> World:
    """Build a world of `persons` people; the same arguments give the same world."""
    day = (today - date(1970, 1, 1)).days
    library = build_library(city, persons, seed)
    households = draw_households(persons, seed)
    people = draw_people(households, int(city.code), today, seed)
    homes = find_homes(library, households, day, seed)
    firms = found_firms(city, library, people, persons, day, seed)
    crowd_rooms(library, firms, seed)
    aliases = make_aliases(city, library, seed)
    employer = _employers(people, len(firms), seed)
    societies = found_societies(city, library, people, persons, day, seed)
    home_societies, care_homes = found_care_homes(city, library, people, persons, len(societies), day, seed)
    return World(
        city=city,
        today=today,
        seed=seed,
        library=library,
        aliases=aliases,
        households=households,
        people=people,
        homes=homes,
        lettings=let_dwellings(people, households, homes, day, seed),
        firms=firms,
        moved_out=move_out(people, homes, day, seed),
        employer=employer,
        licences=license_food(city, firms, day, seed),
        chemicals=register_chemicals(firms, len(people), day, seed),
        hazards=find_hazards(firms, day, seed),
        poor=support_households(city, library, people, households, homes, day, seed),
        calls=take_calls(city, library, people, homes, day, seed),
        accidents=crash(city, library, people, day, seed),
        cameras=install_cameras(city, library, firms, persons, day, seed),
        registration_changes=change_registrations(library, firms, people, day, seed),
        equipment=equip(city, firms, day, seed),
        abnormal=list_abnormal(city, firms, day, seed),
        societies=societies + home_societies,
        inspections=inspect_firms(firms, persons, day, seed),
        work_accidents=suffer_accidents(firms, persons, day, seed),
        fires=burn(firms, people, households, homes, day, seed),
        key_units=list_key_units(firms, people, employer, day, seed),
        subsidies=pay_subsidies(city, people, households, homes, day, seed),
        care_homes=care_homes,
        marriages=marry(city, people, day, seed),
        deaths=cremate(city, people, day, seed),
        place_names=name_places(city, library, aliases, persons, day, seed),
        governance=happen(city, library, people, homes, firms, today, seed),
        grids=draw_grid_system(city, library, people, draw_grids(city, library, seed), day, seed),
    )


def _employers(people: People, firms: int, seed: int) -> Ints:
    """Firm of each employed person, -1 for none."""
    rng = stream(seed, "employers")
    working = (people.age >= 18) & (people.age <= 65) & (rng.random(len(people)) < EMPLOYED_SHARE)
    return np.where(working, rng.integers(0, firms, len(people)), -1)
