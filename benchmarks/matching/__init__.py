"""Accuracy and speed of address matching on generated libraries and queries with known truth."""
