"""What every department's export needs of the world: ids, texts, codes, phone numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from samples.noise import business, compounds, numbers, prefixes, roads, rooms, towns, typos, villages
from samples.noise.gazetteer import Gazetteer
from samples.noise.registry import Scribe
from samples.randomness import Ints
from samples.words import words
from samples.world.library import LEVEL, Library
from samples.world.people import People
from samples.world.world import World

VARIATION_MODULES = (business, compounds, numbers, prefixes, roads, rooms, towns, typos, villages)
DIFFERING_PHONE = 0.14


def person_id(index: int) -> str:
    """Id of a person in the truth."""
    return f"P{index:08d}"


def firm_id(index: int) -> str:
    """Id of a firm in the truth."""
    return f"O{index:07d}"


def society_id(index: int) -> str:
    """Id of a social organisation in the truth."""
    return f"S{index:06d}"


@dataclass
class Desk:
    """The world as its clerks see it."""

    world: World

    @property
    def library(self) -> Library:
        return self.world.library

    @property
    def people(self) -> People:
        return self.world.people

    @property
    def seed(self) -> int:
        return self.world.seed

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return Gazetteer(self.world.city, self.library, self.world.aliases)

    @cached_property
    def scribes(self) -> dict[str, Scribe]:
        """One scribe for each role."""
        return {role: Scribe(self.gazetteer, role) for role in words("noise")["standard_share"]}

    @cached_property
    def _community_codes(self) -> dict[tuple[str, str], str]:
        return {(town.name, item.name): item.code for town in self.world.city.towns for item in town.communities}

    def division(self, node: int, full: bool) -> str:
        """The county's code of a node, or its community's, or the county's again where it has none."""
        if not full:
            return self.world.city.code
        key = self.library.value("town", node), self.library.value("community", node)
        return self._community_codes.get(key, self.world.city.code)

    def town_number(self, node: int) -> int:
        """Position of the node's town in the city, from 1."""
        return int(self._town_position[self.library.components["town"][node]])

    @cached_property
    def _town_position(self) -> Ints:
        position = {town.name: number for number, town in enumerate(self.world.city.towns, start=1)}
        return np.array([*(position[name] for name in self.library.vocabularies["town"]), 0])

    def plates(self, nodes: list[int]) -> list[str]:
        """Standard text up to the door, empty for places outside and without a door."""
        doors, text, level = self.library.door_of, self.library.full_text, self.library.level
        return [text[doors[node]] if node >= 0 and level[doors[node]] == LEVEL["house"] else "" for node in nodes]

    def phones(self, persons: Ints, rng: np.random.Generator) -> list[str]:
        """Phone numbers of persons as one department has them: some are other ones than elsewhere."""
        own = self.people.phones[persons]
        prefixes_ = np.array(words("households")["mobile_prefixes"])
        other = prefixes_[rng.integers(0, len(prefixes_), len(own))] * 10**8 + rng.integers(0, 10**6, len(own))
        known = np.where((own > 0) & (rng.random(len(own)) < DIFFERING_PHONE), other, own)
        return [str(number) if number else "" for number in known.tolist()]

    def names(self, persons: Ints) -> list[str]:
        """Names of persons."""
        table = self.people.names
        return [table[person] for person in persons.tolist()]

    def numbers(self, persons: Ints) -> list[str]:
        """Citizen numbers of persons."""
        table = self.people.numbers
        return [table[person] for person in persons.tolist()]

    def occupations(self, persons: Ints, rng: np.random.Generator) -> list[str]:
        """Occupations that fit the persons' ages."""
        table = words("texts")["occupations"]
        draws = rng.random(len(persons)).tolist()
        found = []
        for age, draw in zip(self.people.age[persons].tolist(), draws, strict=True):
            listed = table["child" if age < 6 else "pupil" if age < 19 else "adult" if age < 60 else "old"]
            found.append(listed[int(draw * len(listed))])
        return found

    def employers(self, persons: Ints) -> list[str]:
        """Names of the firms persons work for, empty for none."""
        firms = self.world.firms
        return [firms[firm].name if firm >= 0 else "" for firm in self.world.employer[persons].tolist()]

    def place_outside(self, household: int) -> str:
        """An address outside the city that belongs to a household."""
        table = words("elsewhere")
        number = int(self.world.homes.place_number[household])
        town = table["towns"][number % len(table["towns"])]
        streets = table["roads" if number % 3 == 0 else "villages"]
        return f"{self.county_outside(household)}{town}{streets[number % len(streets)]}{number}号"

    def county_outside(self, household: int) -> str:
        """The county outside the city that belongs to a household."""
        _, province, city, county, _ = words("elsewhere")["places"][int(self.world.homes.place[household])]
        return f"{province}{city if city != province else ''}{county}"
