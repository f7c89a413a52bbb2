"""Trace: from records, rows of files and figures of the report to where they come from, and up to what they became."""
