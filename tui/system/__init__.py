"""The machine: its terminal, its paths, and the files of this user."""
