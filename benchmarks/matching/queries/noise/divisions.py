"""Towns and communities: left out, former, wrong, misspelt in their generic part, or put in where they are not needed."""

from datetime import date

from benchmarks.matching.library.draft import core
from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.writing import Writing


@noise("missing_town")
def missing_town(writing: Writing) -> bool:
    if not writing.has("town") or not writing.anchor():
        return False
    writing.drop("town")
    return True


@noise("town_stem")
def town_stem(writing: Writing) -> bool:
    """安阳街道 → 安阳."""
    if not writing.has("town") or not writing.anchor() or writing.forms.get("town"):
        return False
    writing.forms["town"] = core(writing.parts["town"])
    return True


@noise("town_suffix")
def town_suffix(writing: Writing) -> bool:
    """安阳街道 → 安阳镇, where no former town of that name lay elsewhere."""
    if not writing.has("town") or writing.forms.get("town"):
        return False
    name = writing.parts["town"]
    other = core(name) + ("街道" if name.endswith("镇") else "镇")
    if any(node not in (writing.towns or ()) for node in writing.world.exact("town", other)):
        return False
    writing.forms["town"] = other
    return True


@noise("office_words")
def office_words(writing: Writing) -> bool:
    """安阳街道办事处, 万松社区居委会."""
    if writing.has("town") and not writing.forms.get("town") and writing.rng.random() < 0.6:
        name = writing.parts["town"]
        writing.forms["town"] = name + ("办事处" if name.endswith("街道") else "人民政府")
        return bool(writing.anchor())
    if not writing.has("community") or "community" in writing.typos or writing.deepest() == "community":
        return False
    name = writing.parts["community"]
    writing.forms["community"] = name + (
        "居委会" if name.endswith("社区") else writing.rng.choice(["村委会", "村民委员会"]).removeprefix("村")
    )
    return True


@noise("community_added")
def community_added(writing: Writing) -> bool:
    """A road address with its community in between."""
    community = writing.world.library.value(writing.node, "community")
    if not community or writing.has("community") or not writing.has("road") or "zone" in writing.parts:
        return False
    writing.forms["road"] = community + (writing.forms.get("road") or writing.parts["road"])
    return True


@noise("village_suffix")
def village_suffix(writing: Writing) -> bool:
    """韩田社区 → 韩田村."""
    if not writing.has("community") or writing.forms.get("community"):
        return False
    name = writing.parts["community"]
    stem = core(name)
    endings = ["村", "居", ""] if name.endswith("社区") else ["社区", "居"]
    other = stem + writing.rng.choice(endings)
    if len(stem) < 2 or stem.endswith(("村", "路", "街")):
        return False
    writing.forms["community"] = other
    return len(writing.world.within(writing.world.exact("community", other), writing.towns)) == 1


def _old_towns(writing: Writing) -> list[tuple[str, str, str]]:
    library = writing.world.library
    return writing.world.old_towns.get(library.ancestor(writing.node, "town"), [])


def _use_old_town(writing: Writing, dated: bool) -> bool:
    known = _old_towns(writing)
    if not known or not writing.has("town") or not writing.anchor() or writing.forms.get("town"):
        return False
    name, start, end = writing.rng.choice(known)
    writing.parts["town"] = name
    writing.towns = writing.world.exact("town", name)
    if dated:
        first = date.fromisoformat(start or "1985-01-01").toordinal()
        last = date.fromisoformat(end or "2015-01-01").toordinal() - 1
        writing.as_of = date.fromordinal(writing.rng.randint(min(first, last), last)).isoformat()
    return True


@noise("old_town")
def old_town(writing: Writing) -> bool:
    return _use_old_town(writing, dated=False)


@noise("old_town_dated")
def old_town_dated(writing: Writing) -> bool:
    return _use_old_town(writing, dated=True)


@noise("wrong_town")
def wrong_town(writing: Writing) -> bool:
    """Another town of the county; road or compound with its number are unique in the library."""
    if (
        not writing.has("town")
        or writing.anchor() not in ("road", "compound")
        or (not writing.has("house") and not writing.has("building"))
    ):
        return False
    if writing.typos or writing.forms.get("town") or writing.deepest() in ("road", "compound"):
        return False
    towns = [name for name in writing.world.names["town"] if name != writing.parts["town"]]
    writing.parts["town"] = writing.rng.choice(towns)
    writing.towns, writing.wrong_town = None, True
    return True


@noise("former_village")
def former_village(writing: Writing) -> bool:
    """A community under the name of a village that went up in it."""
    community = writing.world.library.ancestor(writing.node, "community")
    names = writing.world.aliases_of.get(community, [])
    if not names or not writing.has("community") or writing.forms.get("community"):
        return False
    writing.parts["community"] = writing.rng.choice(names)
    if writing.has("natural_village"):
        return False
    if writing.rng.random() < 0.5:
        writing.as_of = f"{writing.rng.randint(1998, 2018)}-0{writing.rng.randint(1, 9)}-15"
    return True
