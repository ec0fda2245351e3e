"""Screens: each fills the terminal, or lies over one that does."""
