"""Campaigns: many files of requests sent as batches, waited for, tried again and merged, through every crash."""
