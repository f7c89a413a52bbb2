"""Peers, each used as its documentation recommends, each run by the Python of an environment of its own (`requirements/`)."""
