"""The digest of a day of the audit log as a page to print and sign."""

from collections.abc import Sequence

from expectations.report.page import environment


def render_digest(title: str, day: str, over: bool, facts: Sequence[tuple[str, str]], actions: Sequence[tuple[str, str, int]]) -> str:
    """The page, without script or request; the same digest gives the same bytes.

    facts: label and value. actions: name, label and number of records of each.
    """
    return environment().get_template("digest.html.j2").render(title=title, day=day, over=over, facts=facts, actions=actions)
