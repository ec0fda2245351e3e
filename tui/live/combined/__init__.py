"""Lists of several accounts as one: rows know the account they are of."""
