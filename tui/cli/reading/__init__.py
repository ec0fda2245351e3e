"""Commands that read: lists, what was spent and stored, what ends, what needs you."""
