"""TODO tui/resources/assistants."""
