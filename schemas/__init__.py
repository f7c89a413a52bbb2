"""Data contracts, data elements, code lists and city facts, and the code that loads them."""
