"""The command: our matcher on a small library, from generation to misses."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.matching.__main__ import application

runner = CliRunner()


@pytest.mark.slow
def test_our_matcher_is_measured_and_its_misses_are_written(tmp_path: Path) -> None:
    misses = tmp_path / "misses.tsv"
    arguments = ["--size", "8000", "--queries", "300", "--only", "ours", "--workers", "1", "--root", str(tmp_path), "--misses", str(misses)]
    result = runner.invoke(application, arguments)
    assert result.exit_code == 0, result.output
    assert "F1 " in result.output
    assert "addresses_per_second" in result.output
    with misses.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            assert row["text"]
            assert row["verdict"] in ("false", "wrong", "sibling", "review", "unmatched", "matched")


def test_an_unknown_size_or_matcher_is_refused_with_what_is_known(tmp_path: Path) -> None:
    wrong_size = runner.invoke(application, ["--size", "many", "--root", str(tmp_path)])
    assert wrong_size.exit_code == 2
    assert "50k" in wrong_size.output
    wrong_name = runner.invoke(application, ["--only", "nobody", "--root", str(tmp_path)])
    assert wrong_name.exit_code == 2
    assert "ours" in wrong_name.output
