"""TODO tui/resources/generation."""
