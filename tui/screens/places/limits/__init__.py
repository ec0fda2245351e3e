"""The limits matrix: what is shown in it, and its screen."""
