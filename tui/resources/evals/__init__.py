"""TODO tui/resources/evals."""
