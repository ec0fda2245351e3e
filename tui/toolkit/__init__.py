"""Textual as it is used here: controls drawn harmless, faults told, keys in order, terminal input read."""
