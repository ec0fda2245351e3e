"""The machine: its terminal and its paths."""
