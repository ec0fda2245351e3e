"""TODO tui/headless."""
