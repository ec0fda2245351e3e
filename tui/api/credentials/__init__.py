"""TODO tui/api/credentials."""
