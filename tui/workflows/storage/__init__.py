"""What files take, by groups of them, and which of them nothing uses."""
