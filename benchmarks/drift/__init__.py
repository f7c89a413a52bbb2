"""How often drift is told where there is none, and how often it is found where it was planted."""
