"""TODO tui/resources/batch."""
