"""TODO tui/resources/fine_tuning."""
