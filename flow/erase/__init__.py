"""Erase: a person goes from all that rests in the pool, and what names them is kept out when it comes again."""
