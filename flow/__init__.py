"""The path of the data, one module a verb: receive, read, check, standardise, match, resolve, publish, serve; run.py joins them."""
