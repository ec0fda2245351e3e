"""Screens that an action opens: threads, comparisons, searches, off-boarding, benches."""
