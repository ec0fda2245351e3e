"""Readers of what servers write: amounts, times and statuses."""
