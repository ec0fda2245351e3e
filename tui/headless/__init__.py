"""The same work without a screen: lists, spending, waiting for batches."""
