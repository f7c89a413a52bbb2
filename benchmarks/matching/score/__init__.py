"""Scoring of answers against the truth."""

from benchmarks.matching.score.judge import judge
from benchmarks.matching.score.measures import calibration, groups, summary

__all__ = ["calibration", "groups", "judge", "summary"]
