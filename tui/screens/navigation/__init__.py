"""Moving about: locations, history, `:` lines, ids to follow."""
