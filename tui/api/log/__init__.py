"""TODO tui/api/log."""
