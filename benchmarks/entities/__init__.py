"""How well mentions are joined to persons, organisations, houses and events, held against the samples' truth."""
