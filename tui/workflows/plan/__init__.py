"""Plans: calls for many objects that are seen first, then made in their order, stopped and gone on with."""
