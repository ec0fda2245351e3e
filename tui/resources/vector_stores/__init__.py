"""TODO tui/resources/vector_stores."""
