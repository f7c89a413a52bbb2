"""Queries of a library: drawn by style and hardness, written with noise, kept when the truth still holds."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa

from address_matching import LEVELS
from benchmarks.matching.chance import Ints, plain_stream, words
from benchmarks.matching.library.generate import Made
from benchmarks.matching.queries.absent import ABSENT
from benchmarks.matching.queries.ambiguous import Ambiguities
from benchmarks.matching.queries.noise import NOISE
from benchmarks.matching.queries.pools import pools
from benchmarks.matching.queries.table import QUERY_SCHEMA
from benchmarks.matching.queries.world import World
from benchmarks.matching.queries.writing import Writing, right, write

Row = dict[str, Any]
OPENINGS = {
    "full": ["浙江省温州市瑞安市"],
    "no_city": ["浙江省瑞安市"],
    "county": ["瑞安市"],
    "short": ["浙江瑞安", "瑞安", "温州瑞安", "浙江温州瑞安", "浙江省瑞安", "温州市瑞安市"],
    "repeated": ["浙江省温州市瑞安市瑞安市", "浙江省温州市瑞安市浙江省温州市瑞安市"],
    "bare": [""],
}
_TRIES = 60


def make_queries(made: Made, count: int, seed: int, advance: Callable[[int], None] = lambda done: None) -> pa.Table:
    """Make `count` queries with distinct texts, in QUERY_SCHEMA."""
    rng = plain_stream(seed, "queries")
    world = World(made)
    desk = _Desk(world, pools(made), rng)
    shares = words("noise")["shares"]
    absent, ambiguous = round(count * shares["no_answer"]), round(count * shares["ambiguous"])
    rows: list[Row] = []
    seen: set[str] = set()
    sources = ((desk.absent(), absent), (desk.ambiguous(), ambiguous), (desk.answered(), count - absent - ambiguous))
    for source, wanted in sources:
        kept = 0
        for row in source:
            if row["text"] in seen:
                continue
            seen.add(row["text"])
            rows.append(row)
            kept += 1
            advance(len(rows))
            if kept >= wanted:
                break
    rng.shuffle(rows)
    for number, row in enumerate(rows):
        row["query_id"] = f"Q{number:07d}"
    return pa.Table.from_pylist(rows, schema=QUERY_SCHEMA)


class _Desk:
    """Writes queries without end."""

    def __init__(self, world: World, kinds: dict[str, Ints], rng: Random) -> None:
        self.world, self.kinds, self.rng = world, kinds, rng
        self.table = words("noise")
        self.styles = words("styles")["styles"]

    def _draw(self, weights: dict[Any, float]) -> Any:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def _style(self) -> str:
        return str(self._draw({name: style["share"] for name, style in self.styles.items()}))

    def _row(self, text: str, kind: str, classes: list[str], hardness: str, style: str, **others: Any) -> Row:
        empty: Row = {"as_of": None, "truth": None, "level": None, "also": [], "candidates": []}
        return {"text": text, "kind": kind, "noise": classes, "hardness": hardness, "style": style, **empty, **others}

    def absent(self) -> Iterator[Row]:
        """Queries without a right answer."""
        while True:
            name = self._draw(self.table["no_answer"])
            yield self._row(ABSENT[name](self.world, self.rng), "no_answer", [name], "noisy", self._style())

    def ambiguous(self) -> Iterator[Row]:
        """Queries with several right answers."""
        kinds = Ambiguities(self.world).kinds()
        while True:
            name = self._draw(self.table["ambiguous"])
            found = kinds[name](self.rng)
            if found:
                text, nodes = found
                yield self._row(
                    text, "ambiguous", [name], "noisy", self._style(), candidates=[self.world.address_id(node) for node in nodes]
                )

    def answered(self) -> Iterator[Row]:
        """Queries with one right answer; another address is taken until the noise fits and the truth holds."""
        while True:
            hardness, style = self._draw(self.table["hardness"]), self._style()
            classes = self._classes(hardness)
            for _ in range(_TRIES):
                writing = self._write(style, classes)
                if writing is not None and right(writing):
                    yield self._answer(writing, hardness)
                    break

    def _answer(self, writing: Writing, hardness: str) -> Row:
        level = LEVELS[int(self.world.library.level[writing.truth])]
        return self._row(
            writing.render(), "answer", writing.classes or ["clean"], hardness, writing.style,
            as_of=date.fromisoformat(writing.as_of) if writing.as_of else None,
            truth=self.world.address_id(writing.truth), level=level, also=[self.world.address_id(node) for node in writing.also],
        )  # fmt: skip

    def _write(self, style: str, classes: list[str]) -> Writing | None:
        rng = self.rng
        kind = self._draw(self.styles[style]["kinds"])
        nodes = self.kinds[kind]
        if not len(nodes):
            return None
        writing = write(self.world, rng, int(nodes[rng.randrange(len(nodes))]), style)
        opening = self._draw(self.styles[style]["openings"])
        writing.opening = rng.choice(OPENINGS[opening])
        if opening in ("short", "repeated"):
            writing.classes.append("prefix_variant")
        if rng.random() < 0.2:
            writing.as_of = f"{rng.randint(2017, 2025)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        for name in classes:
            if not NOISE[name](writing):
                return None
            writing.classes.append(name)
        return writing

    def _classes(self, hardness: str) -> list[str]:
        table, rng = self.table[hardness], self.rng
        first = [self._draw(table["classes"])]
        count = self._draw(table["counts"])
        if count == 0:
            return []
        if count == 2 and first[0] not in self.table["alone"]:
            second = rng.choice(table["with"]) if "with" in table else self._draw(table["classes"])
            if second not in first and second not in self.table["alone"]:
                first.append(second)
        last: list[str] = self.table["last"]
        return sorted(first, key=lambda name: last.index(name) if name in last else -1)
