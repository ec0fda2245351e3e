"""TODO tui/widgets/charts."""
