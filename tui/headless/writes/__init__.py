"""Every write of the screen without one: what it acts on, what is asked before, and what became of it."""
