"""What was asked and answered, and what was written: exchanges, the journal, curl."""
