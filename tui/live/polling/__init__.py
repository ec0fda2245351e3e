"""What keeps things fresh: the scheduler that says when to ask, and the pollers that ask."""
