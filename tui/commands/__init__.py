"""What `:` and the palette run, which screen shows what, and the key map."""
