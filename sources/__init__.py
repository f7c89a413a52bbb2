"""How departments' exports reach the pool: places they come from and readers of their formats."""
