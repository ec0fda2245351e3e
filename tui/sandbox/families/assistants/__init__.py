"""Assistants, threads, messages and runs."""
