"""Responses of simulated models: request bodies, items, the object and its events."""
