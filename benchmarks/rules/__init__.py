"""What the rules cost: those of a contract on the rows of a file, and those on the tables of a release."""
