"""Releases that need a person's approval where a contract says so: they wait, unseen by readers, until somebody decides who has seen what is told of them."""
