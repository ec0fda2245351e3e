"""TODO tui/workflows/batch_results."""
