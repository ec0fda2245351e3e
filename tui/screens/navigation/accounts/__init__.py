"""Accounts in use: each a connection, with what is known through it and kept for it."""
