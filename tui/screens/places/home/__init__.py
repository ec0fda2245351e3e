"""Home: the screen, its rows, and the keys that act on them."""
