"""TODO tui/widgets/input."""
