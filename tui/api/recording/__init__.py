"""A recording: what was asked and answered, kept whole but for what must not be kept."""
