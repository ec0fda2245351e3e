"""TODO tui/widgets/detail."""
