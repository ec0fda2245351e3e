"""What a table shows: collections and their deltas, views, filters, the cursor."""
