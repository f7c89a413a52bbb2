"""Queries as an Arrow table."""

import pyarrow as pa

QUERY_SCHEMA = pa.schema(
    [
        ("query_id", pa.string()),
        ("text", pa.string()),
        ("as_of", pa.date32()),
        ("style", pa.string()),
        ("kind", pa.string()),
        ("noise", pa.list_(pa.string())),
        ("hardness", pa.string()),
        ("truth", pa.string()),
        ("level", pa.string()),
        ("also", pa.list_(pa.string())),
        ("candidates", pa.list_(pa.string())),
    ]
)
"""`kind` is answer, no_answer or ambiguous; `truth` the right address id; `also` further ids that are as right; `candidates` what an ambiguous text may mean."""
