"""How a delivery differs from the last ones of its dataset: its shape, the usual, and what has changed."""
