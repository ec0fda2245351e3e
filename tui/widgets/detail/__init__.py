"""The detail pane and its summary."""
