"""Components of an address by regular expressions, for the peer that links records of components."""

import re

from benchmarks.matching.peers.protocol import normalise

COLUMNS = ("town", "village", "road", "house", "place", "building", "unit", "room")
ABSENT = "-"
_TEXT = re.compile(
    r"(?P<town>[^0-9路街巷村]{2,4}(?:街道|镇|乡))?"
    r"(?:(?P<village>[^0-9路街巷]{2,8}?(?:社区|村))(?P<hamlet>[^0-9路街巷]{2,3}(?=[0-9]+(?:-[0-9]+)?号|$))?)?"
    r"(?P<road>[^0-9]{1,8}?(?:大道|大街|路|街|巷|坊|里)(?=[甲乙0-9]|$)|[0-9]+[国省]道)?"
    r"(?P<lane>[0-9]+弄(?:[0-9]+支弄)?)?"
    r"(?P<house>[甲乙]?[0-9]+(?:-[0-9]+)?号)?"
    r"(?P<place>[^0-9A-Z][^0-9]*?(?:[A-Z]区)?)?"
    r"(?P<building>(?:[0-9]+|[A-Z])(?:幢|号厂房|号宿舍楼))?"
    r"(?P<unit>[0-9]+单元)?"
    r"(?P<room>(?:店面|车库)[0-9]+号|-?[0-9]+层$|[0-9]{3,4}[A-Z]?室?)?$"
)


def parse(text: str) -> list[str]:
    """Return the values of COLUMNS, ABSENT where there is none; what cannot be read is a place."""
    text = normalise(text)
    match = _TEXT.match(text)
    if match is None:
        return [ABSENT, ABSENT, ABSENT, ABSENT, text or ABSENT, ABSENT, ABSENT, ABSENT]
    part = {name: value or "" for name, value in match.groupdict().items()}
    part["village"] += part["hamlet"]
    part["house"] = part["lane"] + part["house"]
    part["room"] = part["room"] + "室" if part["room"][-1:].isdigit() else part["room"]
    return [part[name] or ABSENT for name in COLUMNS]
