"""TODO tui/widgets/base."""
