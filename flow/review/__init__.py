"""Review: what the matcher leaves open goes to people, and what they decide comes back as knowledge of the library."""
