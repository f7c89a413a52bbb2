"""Pure steps from rows of text to records: Arrow tables and DuckDB relations in and out."""
