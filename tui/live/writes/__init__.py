"""Writes: the call of an action, what its answer says, and what it changes in the lists."""
