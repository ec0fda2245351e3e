"""The prompt and the fields of forms."""
