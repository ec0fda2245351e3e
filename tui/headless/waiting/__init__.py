"""Waiting for objects without a screen, until they are over."""
