"""TODO tui/widgets/text."""
