"""People who are easily taken for one another: twins, namesakes born on the same day, families on one phone."""

import numpy as np

from samples.randomness import Bools, Ints, Objects, stream
from samples.words import words

TWIN_SHARE = 0.05
"""Of neighbouring siblings in a household."""
NAMESAKE_SHARE = 0.002
FAMILY_PHONE_SHARE = 0.04
CHILDREN = ("2", "3")


def make_twins(household: Ints, relation: Objects, male: Bools, age: Ints, born: Ints, names: list[str], seed: int) -> None:
    """Let some siblings be born on one day, their names alike but for the last character; changes ages, births and names."""
    rng = stream(seed, "twins")
    is_child = np.isin(relation, CHILDREN)
    second = np.flatnonzero(is_child[1:] & is_child[:-1] & (household[1:] == household[:-1])) + 1
    table = words("names")
    for twin in second[rng.random(len(second)) < TWIN_SHARE].tolist():
        first = names[twin - 1]
        last = list(table["male" if male[twin] else "female"])
        age[twin], born[twin] = age[twin - 1], born[twin - 1]
        names[twin] = first[:-1] + next(last[at] for at in rng.permutation(len(last)).tolist() if last[at] != first[-1])


def make_namesakes(household: Ints, male: Bools, age: Ints, born: Ints, names: list[str], seed: int) -> None:
    """Let some pairs of strangers of one age and sex have one name and one birthday; changes births and names."""
    rng = stream(seed, "namesakes")
    order = np.lexsort((rng.random(len(age)), male, age))
    left, right = order[:-1:2], order[1::2]
    fitting = (age[left] == age[right]) & (male[left] == male[right]) & (household[left] != household[right])
    for one, other in np.stack([left, right], axis=1)[fitting & (rng.random(len(left)) < 2 * NAMESAKE_SHARE)].tolist():
        born[other] = born[one]
        names[other] = names[one]


def share_phones(household: Ints, first: Ints, phones: Ints, seed: int) -> Ints:
    """Phones of persons where in some households everybody gives the number of the head."""
    rng = stream(seed, "family phones")
    shares = (rng.random(len(first)) < FAMILY_PHONE_SHARE) & (phones[first] > 0)
    return np.where(shares[household] & (phones > 0), phones[first][household], phones)
