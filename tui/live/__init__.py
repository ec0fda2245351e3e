"""Freshness: the scheduler, collections and their deltas, tails. No Textual."""
