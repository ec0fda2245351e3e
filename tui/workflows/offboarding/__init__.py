"""TODO tui/workflows/offboarding."""
