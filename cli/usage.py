"""Wrong usage told in Chinese: what the library says of it, by the sentences in usage_errors.tsv."""

import csv
import re
from importlib.resources import files


def in_chinese(message: str) -> str:
    """A message on wrong usage in Chinese; one that no sentence fits stays as it is."""
    sentences = files("cli").joinpath("usage_errors.tsv").read_text(encoding="utf-8")
    for sentence in csv.DictReader(sentences.splitlines(), delimiter="\t"):
        if found := re.fullmatch(sentence["english"], message, re.DOTALL):
            return found.expand(sentence["chinese"])
    return message
