"""Requests of a batch made from rows of a table, lines of a text or files, by a template."""
