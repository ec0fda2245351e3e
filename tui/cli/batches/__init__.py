"""`o9s batch` and its commands."""
