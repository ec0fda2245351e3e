"""What simulated models answer: bodies checked and answered as pure functions. No storage, no clock."""
