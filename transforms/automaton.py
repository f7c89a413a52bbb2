"""Patterns of texts as automata: one look into a table for each byte of a text tells whether it is of the pattern.

Known as the subset construction (Rabin and Scott 1959) over ranges of bytes in UTF-8 (Thompson's sequences, as in RE2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEAD, START = 0, 1
REJECTED, VALUE, NONE = 0, 1, 2
"""What an automaton says of a text: not of its pattern, a value, a word for none."""
BYTES = 256
LAST_CHARACTER = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)
LAST_OF_LENGTH = (0x7F, 0x7FF, 0xFFFF, LAST_CHARACTER)
"""The last character that takes one byte in UTF-8, two, three, four."""
IDEOGRAPHS = ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF))
Ranges = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Automaton:
    """States and what leads from one to another.

    transitions: next state by state and byte, state after state with `BYTES` entries each. verdicts: what is said of a text that ends there.
    It begins at `START`; from `DEAD` no way leads out.
    """

    transitions: NDArray[np.uint16]
    verdicts: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Class:
    ranges: Ranges


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: Sequence[_Pattern]


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: Sequence[_Pattern]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: _Pattern
    least: int
    most: int | None


_Pattern = _Class | _Sequence | _Choice | _Repeat


def automaton(pattern: str, none: str | None = None, without: str | None = None) -> Automaton:
    """The automaton of the whole texts of a pattern: those of the pattern `none` mean none, those of `without` are rejected.

    Patterns are regular expressions of literals, escaped signs, `\\x{…}`, `\\p{Han}`, `.`, classes, `(…)`, `(?:…)`, `|`, `?`, `*`, `+`, `{n}`, `{m,n}`.
    Raises ValueError for another one.
    """
    machine = _Machine()
    ends = {verdict: machine.state() for verdict in (REJECTED, NONE, VALUE)}
    patterns = {REJECTED: without, NONE: none, VALUE: pattern}
    starts = [machine.enter(_Parser(each).whole(), ends[verdict]) for verdict, each in patterns.items() if each is not None]
    return machine.determined(starts, ends)


class _Parser:
    _TOKEN = re.compile(r"\\p\{Han\}|\\x\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\[^0-9A-Za-z]|\((?:\?:)?|\{\d+(?:,\d+)?\}|[^\\]", re.DOTALL)

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens: list[str] = self._TOKEN.findall(pattern)
        if "".join(self._tokens) != pattern:
            raise ValueError(f"not a pattern for an automaton: {pattern}")
        self._at = 0

    def whole(self) -> _Pattern:
        found = self._choice()
        if self._next():
            raise ValueError(f"not a pattern for an automaton: {self._pattern}")
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _choice(self) -> _Pattern:
        parts = [self._sequence()]
        while self._next() == "|":
            self._take()
            parts.append(self._sequence())
        return _Choice(parts) if len(parts) > 1 else parts[0]

    def _sequence(self) -> _Pattern:
        parts: list[_Pattern] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return _Sequence(parts)

    def _repeated(self, part: _Pattern) -> _Pattern:
        token = self._next()
        bounds = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(token)
        if bounds is None and token[:1] == "{" and len(token) > 1:
            numbers = [int(number) for number in token[1:-1].split(",")]
            bounds = (numbers[0], numbers[-1])
        if bounds is None:
            return part
        self._take()
        return _Repeat(part, *bounds)

    def _atom(self) -> _Pattern:
        token = self._take()
        if token in ("(", "(?:"):
            inner = self._choice()
            if not self._next():
                raise ValueError(f"not a pattern for an automaton: {self._pattern}")
            self._take()
            return inner
        if token == "[":
            return self._class()
        if token in _NAMED:
            return _Class(_NAMED[token])
        if token in ("^", "$", "?", "*", "+"):
            raise ValueError(f"not a pattern for an automaton: {self._pattern}")
        character = _character(token)
        return _Class([(character, character)])

    def _class(self) -> _Pattern:
        is_negated = self._next() == "^"
        if is_negated:
            self._take()
        ranges = []
        while self._next() != "]":
            first = last = _character(self._take())
            if self._next() == "-" and self._tokens[self._at + 1] != "]":
                self._take()
                last = _character(self._take())
            ranges.append((first, last))
        if not ranges:
            raise ValueError(f"not a pattern for an automaton: {self._pattern}")
        self._take()
        return _Class(_all_others(ranges) if is_negated else ranges)


def _character(token: str) -> int:
    if token.startswith("\\x"):
        return int(token[2:].strip("{}"), 16)
    return ord(token[-1])


def _all_others(ranges: Ranges) -> Ranges:
    others, first = [], 0
    for begin, end in sorted([*ranges, SURROGATES]):
        if first < begin:
            others.append((first, begin - 1))
        first = max(first, end + 1)
    return [*others, (first, LAST_CHARACTER)]


_NAMED = {".": _all_others([(ord("\n"), ord("\n"))]), r"\p{Han}": IDEOGRAPHS}


class _Machine:
    """States with ways to others, each for a range of bytes or without any."""

    def __init__(self) -> None:
        self._ways: list[list[tuple[int, int, int]]] = []
        self._silent: list[list[int]] = []

    def state(self) -> int:
        self._ways.append([])
        self._silent.append([])
        return len(self._ways) - 1

    def enter(self, pattern: _Pattern, end: int) -> int:
        """Add the states of a pattern after which `end` follows; returns the first."""
        if isinstance(pattern, _Class):
            return self._enter_class(pattern, end)
        if isinstance(pattern, _Sequence):
            for part in reversed(pattern.parts):
                end = self.enter(part, end)
            return end
        if isinstance(pattern, _Choice):
            start = self.state()
            self._silent[start] = [self.enter(part, end) for part in pattern.parts]
            return start
        return self._enter_repeat(pattern, end)

    def _enter_class(self, pattern: _Class, end: int) -> int:
        start = self.state()
        tails: dict[tuple[tuple[int, int], ...], int] = {(): end}
        for spelling in (each for first, last in pattern.ranges for each in _spellings(first, last)):
            for at in reversed(range(1, len(spelling))):
                if spelling[at:] not in tails:
                    tails[spelling[at:]] = self.state()
                    self._ways[tails[spelling[at:]]].append((*spelling[at], tails[spelling[at + 1 :]]))
            self._ways[start].append((*spelling[0], tails[spelling[1:]]))
        return start

    def _enter_repeat(self, pattern: _Repeat, end: int) -> int:
        if pattern.most is None:
            start = self.state()
            self._silent[start] = [self.enter(pattern.part, start), end]
        else:
            start = end
            for _ in range(pattern.most - pattern.least):
                again = self.state()
                self._silent[again] = [self.enter(pattern.part, start), end]
                start = again
        for _ in range(pattern.least):
            start = self.enter(pattern.part, start)
        return start

    def determined(self, starts: Iterable[int], ends: Mapping[int, int]) -> Automaton:
        """The automaton whose states are sets of these ones. ends: verdict to the state that means it, the first that holds counts."""
        numbers = {frozenset[int](): DEAD, self._closed(starts): START}
        waiting, rows = list(numbers), []
        for states in waiting:
            reached: dict[int, set[int]] = {}
            for first, last, target in (way for state in states for way in self._ways[state]):
                for byte in range(first, last + 1):
                    reached.setdefault(byte, set()).add(target)
            row = np.zeros(BYTES, np.uint16)
            for byte, targets in reached.items():
                following = self._closed(targets)
                if following not in numbers:
                    numbers[following] = len(numbers)
                    waiting.append(following)
                row[byte] = numbers[following]
            rows.append(row)
        verdicts = [next((verdict for verdict, end in ends.items() if end in states), REJECTED) for states in waiting]
        return Automaton(np.concatenate(rows), np.array(verdicts, np.uint8))

    def _closed(self, states: Iterable[int]) -> frozenset[int]:
        found, waiting = set[int](), list(states)
        while waiting:
            state = waiting.pop()
            if state not in found:
                found.add(state)
                waiting += self._silent[state]
        return frozenset(found)


def _spellings(first: int, last: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """The characters of a range as sequences of ranges of bytes."""
    for end in LAST_OF_LENGTH:
        if first <= end < last:
            yield from _spellings(first, end)
            first = end + 1
    for bits in (6, 12, 18):
        low = (1 << bits) - 1
        if last > LAST_OF_LENGTH[0] and first & ~low != last & ~low:
            if first & low:
                yield from _spellings(first, first | low)
                yield from _spellings((first | low) + 1, last)
                return
            if last & low != low:
                yield from _spellings(first, (last & ~low) - 1)
                yield from _spellings(last & ~low, last)
                return
    yield tuple(zip(chr(first).encode(), chr(last).encode(), strict=True))
