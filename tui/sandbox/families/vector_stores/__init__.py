"""Vector stores, their files and their search."""
