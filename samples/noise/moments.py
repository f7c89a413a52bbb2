"""Moments of the day as departments write them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

EPOCH = datetime.fromisoformat("1970-01-01")
FORMS: dict[str, Callable[[datetime], str]] = {
    "dashed": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}",
    "slashed": lambda moment: f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute:02d}",
    "compact": lambda moment: f"{moment:%Y%m%d%H%M%S}",
    "chinese": lambda moment: f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{moment.minute}分",
}


def write_moments(minutes: Sequence[int], usual: str, rng: np.random.Generator, mixed: float) -> tuple[list[str], dict[int, str]]:
    """Minutes from 1970-01-01, local, in the usual form, a share `mixed` in others; answers the rows in another form too."""
    moments = [EPOCH + timedelta(minutes=minute) for minute in minutes]
    texts = [FORMS[usual](moment) for moment in moments]
    others = [form for form in FORMS if form != usual]
    found: dict[int, str] = {}
    for row in np.flatnonzero(rng.random(len(texts)) < mixed).tolist():
        form = others[int(rng.integers(len(others)))]
        texts[row] = FORMS[form](moments[row])
        found[row] = f"moment_{form}"
    return texts, found
