"""Results of batches and of campaigns: each request with what became of it."""
