"""Parts of other widgets: header and footer, tones, frugal repaints, freshness, shared sizes."""
