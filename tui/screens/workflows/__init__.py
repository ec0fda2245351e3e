"""TODO tui/screens/workflows."""
