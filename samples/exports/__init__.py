"""What each department exports about the world, as it writes it."""
