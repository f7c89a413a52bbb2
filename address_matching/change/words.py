"""What two vocabularies have in common: words that mean the same in both, and the needles of all others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from address_matching.change.needles import Needle, exactly, needles_of_pair, needles_of_word
from address_matching.change.nodes import Comparison
from address_matching.change.short_names import needles_of_short_names
from address_matching.index import AddressIndex
from address_matching.model import TOWN
from address_matching.tokens import Sense
from address_matching.vocabulary import AddressAlias

MOST_WORDS = 3_000
"""Where more words than this have changed, most texts have some of them."""

Senses = tuple[Sense, ...]
Vocabulary = Mapping[str, Senses]


class Words(NamedTuple):
    """Words that are not read alike, and what a text has that may read one of them. `total`: they are too many, or some mean a town now or did."""

    changed: frozenset[str]
    needles: frozenset[Needle]
    total: bool


def compare_words(old: AddressIndex, new: AddressIndex, nodes: Comparison) -> Words:
    """Compare what two indexes make of words: by their vocabularies, by names of compounds cut short, by aliases of single addresses."""
    before, after, same = old.vocabulary.senses, new.vocabulary.senses, nodes.same.tolist()
    changed = dict(_changed_words(before, after, nodes))
    towns = (_counterparts(_towns_meant(before, word), same) != _towns_meant(after, word) for word in changed)
    if len(changed) > MOST_WORDS or any(towns):
        return Words(frozenset(changed), frozenset(), True)
    needles = {needle for word, senses in changed.items() for needle in needles_of_word(word, senses)}
    needles |= needles_of_short_names(old, new, nodes)
    needles |= _changed_beginnings(old, new)
    needles |= {exactly("".join(dict.fromkeys(text))) for text in _changed_aliases(old, new, nodes)}
    return Words(frozenset(changed), frozenset(needles), False)


def _changed_words(before: Vocabulary, after: Vocabulary, nodes: Comparison) -> Iterator[tuple[str, Senses]]:
    """Words of either vocabulary with all their senses, where they differ or lead to a node that is touched."""
    same, touched, now_touched = nodes.same.tolist(), nodes.old.touched.tolist(), nodes.new.touched.tolist()
    for word in before.keys() | after.keys():
        senses, others = before.get(word, ()), after.get(word, ())
        if _leads_to(senses, touched) or _leads_to(others, now_touched) or _counterparts(senses, same) != others:
            yield word, (*senses, *others)


def _towns_meant(vocabulary: Vocabulary, word: str) -> Senses:
    """Senses of a word as a town or what is above it."""
    return tuple(sense for sense in vocabulary.get(word, ()) if 0 <= sense.kind <= TOWN)


def _leads_to(senses: Senses, touched: list[bool]) -> bool:
    return any(touched[node] for sense in senses for node in sense.nodes)


def _counterparts(senses: Senses, same: list[int]) -> Senses:
    return tuple(sense._replace(nodes=tuple(same[node] for node in sense.nodes)) for sense in senses)


def _changed_beginnings(old: AddressIndex, new: AddressIndex) -> set[Needle]:
    """Pairs of characters that begin a word of one vocabulary only, behind a word of one character, and pairs within words that end in a number."""
    single = old.vocabulary.single.keys() | new.vocabulary.single.keys()
    heads = old.vocabulary.heads.keys() ^ new.vocabulary.heads.keys()
    crossings = old.vocabulary.crossings ^ new.vocabulary.crossings
    return {needles_of_pair(head, single) for head in heads} | {exactly(crossing) for crossing in crossings}


def _changed_aliases(old: AddressIndex, new: AddressIndex, nodes: Comparison) -> set[str]:
    """Texts that stand for a single address in one index only, or for another one. The reader may put parts of a text into them twice."""
    changed: set[str] = set()
    for before, after in ((old.address_aliases, new.address_aliases), (old.text_aliases, new.text_aliases)):
        changed |= {text for text in before.keys() | after.keys() if not _stand_for_same(before.get(text, ()), after.get(text, ()), nodes)}
    return changed


def _stand_for_same(before: Sequence[AddressAlias], after: Sequence[AddressAlias], nodes: Comparison) -> bool:
    if any(nodes.old.moved[alias.node] for alias in before) or any(nodes.new.moved[alias.node] for alias in after):
        return False
    return sorted(alias._replace(node=int(nodes.same[alias.node])) for alias in before) == sorted(after)
