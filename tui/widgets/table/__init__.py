"""TODO tui/widgets/table."""
