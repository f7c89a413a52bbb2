"""What the guides say is so: links lead somewhere, commands and variables exist, the worked example works."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cli.app import COMMANDS
from flow.run import run
from schemas.contract import load_contract, source_contracts
from tests.small_exports import context_at

PROJECT = Path(__file__).parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "deploy").glob("*.md")])
ENGINEER = (PROJECT / "docs" / "engineer.md").read_text(encoding="utf-8")
CODE = ("address_matching", "cli", "dags", "deploy", "expectations", "flow", "pool", "samples", "schemas", "sources", "transforms")


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The anchors that headings make, as forges do: lower case, punctuation gone, blanks to hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or target.name == "data-dictionary.md" or anchor in anchors(target), link


def test_every_command_named_exists():
    for page in (page for page in PAGES if page.parent.name != "deploy"):  # there it is also the name of a user
        code = " ".join(re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), flags=re.DOTALL))
        named = set(re.findall(r"(?:^|[`\s/])datapool ([a-z]+)\b", code, flags=re.MULTILINE))
        assert named - {"cd"} <= set(COMMANDS), page  # a folder may have the name too


def test_every_variable_is_explained_to_the_engineer():
    used = {
        name
        for folder in CODE
        for file in (PROJECT / folder).rglob("*.py")
        for name in re.findall(r"DATAPOOL_[A-Z_]+[A-Z]", file.read_text("utf-8"))
    }
    assert {name for name in used if f"`{name}`" not in ENGINEER} == set()


def test_both_readmes_have_the_same_parts():
    counted = [
        (len(re.findall(r"^##+ ", text, re.MULTILINE)), text.count("```"), text.count("| [docs/"))
        for text in ((PROJECT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    ]
    assert counted[0] == counted[1]


def test_the_worked_example_of_a_new_source_works(tmp_path):
    """The contract and the rows of the engineer's guide, as they stand there."""
    (text,) = re.findall(r"```yaml\n(.*?)```", ENGINEER, flags=re.DOTALL)
    (lines,) = re.findall(r"```\n(机构编号,.*?)```", ENGINEER, flags=re.DOTALL)
    contract_file = tmp_path / "civil_affairs" / "care_home.yaml"
    export = tmp_path / "exports" / "civil_affairs" / "care_home" / "养老机构_20251231.csv"
    for file, content, encoding in ((contract_file, text, "utf-8"), (export, lines, "gb18030")):
        file.parent.mkdir(parents=True)
        file.write_text(content, encoding=encoding)
    contract = load_contract(contract_file)
    context = replace(context_at(tmp_path / "home"), contracts={**source_contracts(), contract.id: contract})
    assert run(context, tmp_path / "exports") == 1
    tables = context.pool.releases.folder(1) / "pool"
    assert sorted(pq.read_table(tables / "facility.parquet")["source_key"].to_pylist()) == [
        "YL0001",
        "YL0002",
        "YL0003",
        "YL0004",
        "YL0006",
    ]
    assert pq.read_table(tables / "organisation.parquet").num_rows == 4
    (batch,) = context.pool.ledger.batches(contract=contract.id)
    assert (batch.counts.accepted, batch.counts.quarantined) == (5, 1)
