"""Quality: suites made from contracts, gates that keep bad data out, reports people read. The only importer of Great Expectations."""
