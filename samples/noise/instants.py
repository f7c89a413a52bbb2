"""Date and time as departments write them, to the second."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from samples.noise.dates import CHINA_OFFSET

FORMS: dict[str, Callable[[datetime], str]] = {
    "dashed": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}",
    "compact": lambda moment: f"{moment:%Y%m%d%H%M%S}",
    "slashed": lambda moment: f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M:%S}",
    "chinese": lambda moment: f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M:%S}",
    "iso": lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}",
    "epoch_milliseconds": lambda moment: str(int(moment.timestamp()) * 1000 - CHINA_OFFSET),
}


def write_instants(seconds: Sequence[int | None], usual: str, rng: np.random.Generator, mixed: float) -> tuple[list[str], dict[int, str]]:
    """Instants (seconds from 1970-01-01, local; None: empty) in the usual form, a share `mixed` of them in others; answers the rows in another form too."""
    others = [form for form in FORMS if form != usual]
    chosen = rng.integers(0, len(others), len(seconds)).tolist()
    is_mixed = (rng.random(len(seconds)) < mixed).tolist()
    texts: list[str] = []
    found: dict[int, str] = {}
    for row, moment in enumerate(seconds):
        form = others[chosen[row]] if is_mixed[row] else usual
        texts.append("" if moment is None else FORMS[form](datetime.fromtimestamp(moment, UTC)))
        if is_mixed[row] and moment is not None:
            found[row] = f"instant_{form}"
    return texts, found
