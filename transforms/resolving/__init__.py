"""Resolving: which mentions of persons, organisations, houses and events speak of one and the same, and why."""
