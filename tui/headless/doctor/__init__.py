"""What works here and what does not: this machine, the way to the server, and what the server has."""
