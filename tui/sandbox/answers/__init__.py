"""Simulated models: request bodies are checked and answered by pure functions. No storage, no clock."""
