"""Keys as they come: their names, their order, and what none is bound to."""
