"""Back to the source: what departments are asked to correct, in which workbook, what they answer, and when it is settled."""
