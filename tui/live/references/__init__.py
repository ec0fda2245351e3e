"""References: which objects name which files, read from every list whose objects do."""
