"""Why mentions are joined: the closed list of rules (names in schemas/codes/link_rule.csv), the strongest first."""

from typing import Literal, NamedTuple

Verdict = Literal["join", "ask"]


class Rule(NamedTuple):
    """A rule that joins two mentions, or has a person asked (`ask`).

    level: joins of a lower level come first and are not given up for those of a higher one; within a level all are equally strong.
    score: how sure two mentions with this evidence, and nothing against it, are the same.
    """

    code: str
    verdict: Verdict
    level: int
    score: float


_RULES = (
    Rule("decision", "join", 0, 1.0),
    Rule("citizen_number", "join", 0, 1.0),
    Rule("document", "join", 0, 1.0),
    Rule("uscc", "join", 0, 1.0),
    Rule("standard_address", "join", 0, 1.0),
    Rule("event_key", "join", 0, 1.0),
    Rule("single", "join", 0, 1.0),
    Rule("house_source_key", "join", 1, 0.998),
    Rule("registration_number", "join", 1, 0.999),
    Rule("number_typo", "join", 1, 0.998),
    Rule("uscc_typo", "join", 1, 0.998),
    Rule("name_birth_phone", "join", 2, 0.998),
    Rule("name_birth_address", "join", 2, 0.998),
    Rule("name_phone_address", "join", 2, 0.998),
    Rule("organisation_name_and_contact", "join", 2, 0.998),
    Rule("name_and_role", "join", 3, 0.995),
    Rule("organisation_name", "join", 3, 0.995),
    Rule("name_phone", "join", 4, 0.99),
    Rule("core_name_and_contact", "join", 4, 0.99),
    Rule("rare_name_address", "join", 5, 0.99),
    Rule("similar_name_phone_address", "join", 6, 0.98),
    Rule("similar_name_and_contact", "join", 6, 0.98),
    Rule("number_of_another", "ask", 9, 0.5),
    Rule("number_unconfirmed", "ask", 9, 0.9),
    Rule("numbers_differ", "ask", 9, 0.5),
    Rule("name_address", "ask", 9, 0.8),
    Rule("similar_name_contact", "ask", 9, 0.6),
    Rule("core_name", "ask", 9, 0.6),
)
RULES = {rule.code: rule for rule in _RULES}


def joining_levels() -> list[int]:
    """The levels of rules that join, the strongest first."""
    return sorted({rule.level for rule in _RULES if rule.verdict == "join"})
