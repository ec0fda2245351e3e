"""The live table, its rows, the list of a child, and the matrix."""
