"""Upkeep: what may go of a pool, that it goes, and what a rollback holds back."""
