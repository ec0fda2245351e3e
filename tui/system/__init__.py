"""TODO tui/system."""
