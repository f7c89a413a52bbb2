"""From the rows of an export to the draft of its contract: what the columns are, what identifies a row, what it says of the pool."""
