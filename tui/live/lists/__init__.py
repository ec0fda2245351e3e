"""Lists as tables show them: collections and their deltas, views, filters, the cursor."""
