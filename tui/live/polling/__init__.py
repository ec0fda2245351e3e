"""Keeping things fresh: the scheduler that decides when to ask, and the pollers that ask."""
