"""How contracts change: what is different between two versions, and whether files, batches and readers get along with it."""
