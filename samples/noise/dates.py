"""Dates as departments write them: seven forms, month only, and the ways to say that something has no end."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

import numpy as np

from samples.randomness import Ints
from samples.world.people import NO_DAY

EXCEL_EPOCH = 25569
DAY_IN_MILLISECONDS = 86_400_000
CHINA_OFFSET = 8 * 3_600_000

FORMS: dict[str, Callable[[str], str]] = {
    "compact": lambda iso: iso.replace("-", ""),
    "dashed": lambda iso: iso,
    "slashed": lambda iso: "/".join(part.lstrip("0") for part in iso.split("-")),
    "dotted": lambda iso: iso.replace("-", "."),
    "chinese": lambda iso: "{}年{}月{}日".format(*(part.lstrip("0") for part in iso.split("-"))),
    "chinese_month": lambda iso: "{}年{}月".format(*(part.lstrip("0") for part in iso.split("-")[:2])),
    "excel_serial": lambda iso: str(days_of(iso) + EXCEL_EPOCH),
    "epoch_milliseconds": lambda iso: str(days_of(iso) * DAY_IN_MILLISECONDS - CHINA_OFFSET),
    "with_time": lambda iso: iso.replace("-", "") + "000000",
}
OPEN_ENDS = ("99991231", "9999-12-31", "3000-01-01", "99999999999999")


def days_of(iso: str) -> int:
    """Days from 1970-01-01 of an ISO date."""
    return int(np.datetime64(iso, "D").astype(np.int64))


def iso_dates(days: Ints) -> list[str]:
    """ISO dates, empty for NO_DAY."""
    texts: list[str] = np.asarray(days).astype("datetime64[D]").astype(str).tolist()
    return ["" if day == NO_DAY else text for day, text in zip(days.tolist(), texts, strict=True)]


def write_dates(days: Ints, usual: str, rng: np.random.Generator, mixed: float) -> tuple[list[str], dict[int, str]]:
    """Dates in the usual form, a share `mixed` of them in others; answers the rows in another form too."""
    usually = FORMS[usual]
    texts = [usually(iso) if iso else "" for iso in iso_dates(days)]
    others = [form for form in FORMS if form != usual]
    found: dict[int, str] = {}
    for row in np.flatnonzero(rng.random(len(texts)) < mixed).tolist():
        if texts[row]:
            form = others[int(rng.integers(len(others)))]
            texts[row] = FORMS[form](str(np.datetime64(int(days[row]), "D")))
            found[row] = f"date_{form}"
    return texts, found


TIME_FORMS: dict[str, Callable[[datetime], str]] = {
    "dashed": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}",
    "slashed": lambda moment: f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M}",
    "compact": lambda moment: f"{moment:%Y%m%d%H%M%S}",
    "iso": lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}",
}


def write_times(moments: Sequence[datetime | None], usual: str, rng: np.random.Generator, mixed: float) -> tuple[list[str], dict[int, str]]:
    """Instants in the usual form, a share `mixed` of them in others, empty for None; answers the rows in another form too."""
    others = [form for form in TIME_FORMS if form != usual]
    texts, found = [], {}
    for row, (moment, chance) in enumerate(zip(moments, rng.random(len(moments)).tolist(), strict=True)):
        form = others[int(chance / mixed * len(others))] if mixed and chance < mixed else usual
        texts.append(TIME_FORMS[form](moment) if moment is not None else "")
        if form != usual and moment is not None:
            found[row] = f"time_{form}"
    return texts, found


def day_number(day: date | datetime | None) -> int:
    """Days from 1970-01-01, NO_DAY for None."""
    return NO_DAY if day is None else int(np.datetime64(day, "D").astype(np.int64))
