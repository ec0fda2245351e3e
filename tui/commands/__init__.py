"""The commands of `:` and the palette, the routes to screens, and the key map."""
