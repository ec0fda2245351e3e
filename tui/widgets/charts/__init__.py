"""Curves, bars and the matrix of vectors."""
