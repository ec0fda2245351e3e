"""What follows from a write: what uses an object, who is shut out, what is paid for again."""
