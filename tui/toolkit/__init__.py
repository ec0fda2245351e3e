"""TODO tui/toolkit."""
