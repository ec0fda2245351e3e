"""TODO tui/commands."""
