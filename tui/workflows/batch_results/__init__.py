"""The results of a batch: its requests joined with their answers, read from its files and written to new ones."""
