"""The `datapool` command."""
