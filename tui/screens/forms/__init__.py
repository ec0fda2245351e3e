"""TODO tui/screens/forms."""
