"""Groups of mentions from pairs that are likely the same: level by level, never across a contradiction, whatever the order of the pairs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from transforms.resolving.rules import RULES, joining_levels

Facts = tuple[frozenset[str], ...]
"""What is known of a part, aspect by aspect; two parts contradict each other where both know an aspect and share no value of it."""


class Edge(NamedTuple):
    """Two parts that a rule takes for the same; left < right."""

    left: str
    right: str
    rule: str

    @classmethod
    def between(cls, one: str, other: str, rule: str) -> "Edge":
        """The edge between two parts."""
        return cls(min(one, other), max(one, other), rule)


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of the edges: the group of each part that was joined with another (named by its least part), the edges that joined
    them, and pairs of groups that only a person can join (as the edge that speaks for it)."""

    group: Mapping[str, str]
    accepted: Sequence[Edge]
    open: Sequence[Edge]


def join(facts: Mapping[str, Facts], edges: Iterable[Edge], apart: Collection[tuple[str, str]] = ()) -> Joined:
    """Join parts along the edges, the strongest level first.

    A level joins whole components of its edges. A part with two neighbours that contradict each other joins neither, now or by weaker
    evidence, and a component that holds a contradiction stays as it is: their edges are asked about. `apart` are pairs that a person has told apart.
    """
    clusters = _Clusters(facts)
    for left, right in apart:
        clusters.keep_apart(left, right)
    by_level: dict[int, list[Edge]] = defaultdict(list)
    asked: list[Edge] = []
    for edge in sorted(set(edges)):
        rule = RULES[edge.rule]
        (by_level[rule.level] if rule.verdict == "join" else asked).append(edge)
    accepted: list[Edge] = []
    for level in joining_levels():
        joined, refused = _join_level(clusters, by_level[level], is_decision=level == 0)
        accepted += joined
        asked += refused
    return Joined(clusters.groups(), accepted, _still_open(clusters, asked))


def _join_level(clusters: "_Clusters", edges: Sequence[Edge], *, is_decision: bool) -> tuple[list[Edge], list[Edge]]:
    def conflict(one: str, other: str) -> bool:
        return clusters.are_apart(one, other) or (not is_decision and clusters.contradict(one, other))

    roots = {edge: (clusters.root(edge.left), clusters.root(edge.right)) for edge in edges}
    free = {edge: pair for edge, pair in roots.items() if is_decision or clusters.torn.isdisjoint(pair)}
    linking = {edge: pair for edge, pair in free.items() if pair[0] != pair[1] and not conflict(*pair)}
    neighbours: dict[str, set[str]] = defaultdict(set)
    for one, other in linking.values():
        neighbours[one].add(other)
        neighbours[other].add(one)
    torn = {root for root, beside in neighbours.items() if any(conflict(*pair) for pair in clusters.telling(beside))}
    clusters.torn |= torn
    firm = {edge: pair for edge, pair in linking.items() if torn.isdisjoint(pair)}
    for component in _components(firm.values()):
        if not any(conflict(*pair) for pair in clusters.telling(component)):
            clusters.merge(component)
    # Edges inside a group that stood before or stands now are evidence of it too.
    within = [edge for edge in edges if clusters.root(edge.left) == clusters.root(edge.right)]
    return within, [edge for edge in edges if clusters.root(edge.left) != clusters.root(edge.right)]


def _components(pairs: Iterable[tuple[str, str]]) -> Iterator[set[str]]:
    beside: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    seen: set[str] = set()
    for start in beside:
        if start in seen:
            continue
        component, waiting = {start}, [start]
        while waiting:
            for other in beside[waiting.pop()] - component:
                component.add(other)
                waiting.append(other)
        seen |= component
        yield component


def _still_open(clusters: "_Clusters", asked: Iterable[Edge]) -> list[Edge]:
    """One edge for each pair of groups that do not contradict each other: the surest of those that nobody has decided on."""
    surest: dict[tuple[str, str], Edge] = {}
    for edge in asked:
        one, other = sorted((clusters.root(edge.left), clusters.root(edge.right)))
        contradicting = clusters.contradict(one, other) and edge.rule not in AGAINST_THE_FACTS
        if one == other or contradicting or clusters.are_apart(one, other):
            continue
        known = surest.get((one, other))
        if known is None or (-RULES[edge.rule].score, edge) < (-RULES[known.rule].score, known):
            surest[one, other] = edge
    return sorted(surest.values())


AGAINST_THE_FACTS = ("number_of_another", "numbers_differ")
"""Rules that ask because there is a contradiction."""


@dataclass
class _Clusters:
    facts: Mapping[str, Facts]
    torn: set[str] = field(default_factory=set)
    _parent: dict[str, str] = field(default_factory=dict)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _known: dict[str, Facts] = field(default_factory=dict)
    _apart: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def root(self, part: str) -> str:
        while (above := self._parent.get(part, part)) != part:
            part = above
        return part

    def keep_apart(self, one: str, other: str) -> None:
        self._apart[one].add(other)
        self._apart[other].add(one)

    def are_apart(self, one: str, other: str) -> bool:
        return not self._apart.get(one, set()).isdisjoint(self._members.get(other, {other}))

    def contradict(self, one: str, other: str) -> bool:
        return any(a and b and a.isdisjoint(b) for a, b in zip(self._facts(one), self._facts(other), strict=True))

    def telling(self, roots: Collection[str]) -> Iterator[tuple[str, str]]:
        """Pairs of roots that may contradict each other: of those that know the same one stands for all."""
        distinct: dict[object, str] = {}
        for root in sorted(roots):
            distinct.setdefault(root if root in self._apart else self._facts(root), root)
        return combinations(distinct.values(), 2)

    def merge(self, roots: Collection[str]) -> None:
        first, *others = sorted(roots)
        members = self._members.setdefault(first, {first})
        facts = self._facts(first)
        for other in others:
            self._parent[other] = first
            members |= self._members.pop(other, {other})
            facts = tuple(a | b for a, b in zip(facts, self._facts(other), strict=True))
            if other in self._apart:
                self._apart[first] |= self._apart.pop(other)
        self._known[first] = facts

    def groups(self) -> dict[str, str]:
        """Part to the least part of its group, of groups with several."""
        return {part: root for root, members in self._members.items() if len(members) > 1 for part in members}

    def _facts(self, root: str) -> Facts:
        return self._known.get(root) or self.facts[root]
