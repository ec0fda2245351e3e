"""Textual as it is used here: controls drawn harmless, faults reported, keys in order, terminal input read."""
