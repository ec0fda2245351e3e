"""Plans on the screen: what would be done is seen first, then each call as it is made."""
