"""TODO tui/screens/actions."""
