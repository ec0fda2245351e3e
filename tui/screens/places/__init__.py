"""TODO tui/screens/places."""
