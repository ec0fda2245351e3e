"""The audit log: the screen, and its entries in words."""
