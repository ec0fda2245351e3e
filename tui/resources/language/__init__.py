"""TODO tui/resources/language."""
