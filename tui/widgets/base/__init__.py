"""What other widgets are made with: header and footer, tones, frugal repaints, freshness."""
