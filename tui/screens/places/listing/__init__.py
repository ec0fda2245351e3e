"""The list of a resource as a place."""
