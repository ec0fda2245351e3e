"""TODO tui/live/lists."""
