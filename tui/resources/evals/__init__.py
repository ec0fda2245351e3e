"""Evals, their runs and items."""
