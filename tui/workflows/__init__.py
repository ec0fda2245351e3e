"""TODO tui/workflows."""
