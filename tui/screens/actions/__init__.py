"""Performing what a resource declares can be done."""
