"""Files sent and received, and those of this machine."""
