"""What a header says: the words it is made of, the element its last word stands for, who or what it speaks of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.glossary import Glossary, Word, glossary
from schemas.register import register

BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
CODE = re.compile(r"[A-Z0-9_]+")
NAMELESS = re.compile(r"第\d+列\(无表头\)")
ENDS_OF_CODES = ("代码", "编码", "标识", "名称", "分类", "标志", "类别", "类型", "情况")
"""Ends that add nothing to a word which stands for a code list: 性别代码 is 性别."""

PARTICLES = "的之及与和或"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one header says.

    ``text`` is Chinese where the header was a known code, without brackets and underscores; ``unit`` what stood in brackets. ``word`` is
    the last word, None where the glossary knows none; ``before`` what stands in front of it. ``role`` is who or what the column speaks of.
    """

    header: str
    text: str
    unit: str
    word: Word | None
    before: str
    role: str

    @property
    def element(self) -> str | None:
        """The element that the header stands for, None where it says too little."""
        return self.word.element if self.word else None

    @property
    def is_sure(self) -> bool:
        """Whether the header alone tells what the column is."""
        return self.word is not None and not self.word.generic


def meaning(header: str) -> Meaning:
    """What a header says."""
    known = glossary()
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", header))
    plain = "" if NAMELESS.fullmatch(plain) else plain
    unit = "".join(found.strip("()[]【】〔〕") for found in BRACKETS.findall(plain))
    bare = BRACKETS.sub("", plain)
    text = _spelt_out(bare, known).replace("_", "")
    word, before = _last_word(text, known)
    return Meaning(header, text, unit, word, before, _role(text, before, known))


def _spelt_out(text: str, known: Glossary) -> str:
    """A header of codes in Chinese, as far as the codes are known; parts that are none stay."""
    if not (code := text.upper()).isascii():
        return text
    if code in known.code_headers:
        return known.code_headers[code]
    for start, role in known.code_starts.items():
        rest = code.removeprefix(start).lstrip("_")
        if code.startswith(start) and rest in known.code_headers:
            return role + known.code_headers[rest]
    for end, meant in known.code_ends.items():
        if code.endswith(end) and len(code) > len(end):
            return known.code_headers.get(code.removesuffix(end), "") + meant
    parts = [known.code_headers.get(part, part) for part in code.split("_")]
    return "".join(parts) if any(not part.isascii() for part in parts) else text


def _last_word(text: str, known: Glossary) -> tuple[Word | None, str]:
    word = _ending(text, known)
    for end in ENDS_OF_CODES:
        stem = _ending(text.removesuffix(end), known) if text.endswith(end) and text != end else None
        if stem and (register()[stem.element].parser == "code") and (word is None or word.generic):
            return stem, text.removesuffix(end).removesuffix(stem.text).removeprefix("是否")
    flagged = text.startswith(("是否", "有无"))
    if flagged and (word is None or register()[word.element].parser != "code"):
        return known.words["是否"], text[2:]
    return word, text.removesuffix(word.text).removeprefix("是否") if word else text


def _ending(text: str, known: Glossary) -> Word | None:
    return next((known.words[text[start:]] for start in range(len(text)) if text[start:] in known.words), None)


def _role(text: str, before: str, known: Glossary) -> str:
    """The longest role that the header is or that stands before its last word."""
    roles = {**known.roles["persons"], **known.roles["organisations"], **known.roles["residences"]}
    if text in roles:
        return text
    return longest((role for role in roles if before.endswith(role)), "") or longest(
        (role for role in roles if before.startswith(role)), ""
    )


def longest(texts: Iterable[str], default: str) -> str:
    """The longest of some texts."""
    return max(texts, key=len, default=default)
