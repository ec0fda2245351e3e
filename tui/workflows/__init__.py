"""What is done with live objects: results of a batch, off-boarding, usage, limits. No Textual."""
