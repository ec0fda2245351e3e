"""Usage and costs: the screen, its rows, and the way from one question to the next."""
