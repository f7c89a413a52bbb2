"""Measurements of speed and accuracy, side by side with peers; no part of the distribution."""
