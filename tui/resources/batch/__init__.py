"""Batches, what became of them, and the requests and answers in their files."""
