"""Lists in pages: reading their envelopes, and walking from page to page."""
