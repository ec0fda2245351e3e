"""TODO tui/screens/navigation."""
