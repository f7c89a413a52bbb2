"""What the path costs, as a ratio to DuckDB reading the same rows as text and writing them as Parquet, measured in the same run."""
