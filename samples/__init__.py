"""Generator of realistic departmental exports about one invented population, with the truth kept apart."""
